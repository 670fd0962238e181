"""Runs the scenarios of the sample procedures through the use-cases, on a clock that is moved and real HTTP partners."""
