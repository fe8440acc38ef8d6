"""Knowledge graph of Adobe Experience Platform destinations.

>>> import destgraph
>>> kg = destgraph.load()
>>> [row.name for row in kg.ask("destinations-of-type", type="edge-personalization")]
['Adobe Commerce connection', 'Adobe Target connection', 'Custom Personalization connection']
"""

from typing import Any

from destgraph.errors import EndpointError, InputError, TimeLimitError
from destgraph.graph import KnowledgeGraph, Queryable, load
from destgraph.remote import RemoteGraph, connect
from destgraph.results import Solutions, Triples
from destgraph.validation import validate

__all__ = [
    "EndpointError",
    "InputError",
    "KnowledgeGraph",
    "Queryable",
    "RemoteGraph",
    "Solutions",
    "TimeLimitError",
    "Triples",
    "connect",
    "load",
    "validate",
]


def load_ipython_extension(shell: Any) -> None:
    """Answer `%load_ext destgraph`: register the magics of `destgraph.notebook` with a shell of IPython."""
    from destgraph import notebook

    notebook.load_ipython_extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Answer `%unload_ext destgraph`."""
    from destgraph import notebook

    notebook.unload_ipython_extension(shell)
