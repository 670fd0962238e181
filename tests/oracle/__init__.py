"""An independent interpreter of the same model: plain tokens in plain dataclasses, no SpiffWorkflow, no speed."""
