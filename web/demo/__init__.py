"""The demonstration: a sample city in which real cases have really run."""
