"""How a BPMN file of any dialect is read into the one model (engine.bpmn.model)."""
