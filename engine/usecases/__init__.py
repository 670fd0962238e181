"""What people and the house do to cases, one verb a file. A use-case decides with the pure interpreter; advance writes."""
