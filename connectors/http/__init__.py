"""Calls a partner's JSON API over HTTP."""
