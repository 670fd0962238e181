"""Calls to partners' systems: one folder a connector, each seeing engine.connector only."""
