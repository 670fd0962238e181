"""The interpreter: reads BPMN of any dialect, refuses what would run wrong, and moves a case. Pure: no rows, no clock, no network."""
