"""What of BPMN 2.0 and DMN runs, what is refused and what is ignored: one drawing an element, run by the tests.

``python -m tests.conformance`` writes docs/conformance.md from them.
"""
