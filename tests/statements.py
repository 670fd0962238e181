"""Counts what a piece of work sends to the database."""

from engine.store.statements import Statements, counted

__all__ = ["Statements", "counted"]
