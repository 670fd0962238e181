"""The languages of conditions, mappings and templates: read into one small tree, written as the sandbox's language."""
