"""The pages for people."""

from flask import Flask


def install(app: Flask) -> None:
    """Register the pages with the application."""
