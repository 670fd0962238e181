"""The only place that imports SpiffWorkflow: its spec graph, token tree and states, under token rules of our own.

No stock spec runs here. From the library come the graph (``WorkflowSpec``, ``TaskSpec``), the life of a token
(``Task``: future, waiting, ready, started, completed, cancelled) and its container (``Workflow``). Everything that
decides what a token does next is in this folder.
"""

import logging

# The library computes its log records even when nobody reads them; at this level it does not.
for _name in ("spiff", "spiff.workflow", "spiff.task"):
    logging.getLogger(_name).setLevel(logging.WARNING)
