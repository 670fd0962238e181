"""What a case is, how it moves, and what is remembered."""
