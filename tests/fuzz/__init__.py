"""Damaged files against admission, the interpreter and the oracle."""
