"""What a designer should look at: warnings about processes that run, one rule a function, all of them pure."""
