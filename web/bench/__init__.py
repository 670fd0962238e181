"""Measures the engine of this machine, in process, on a house that is thrown away: `lintas bench`."""
