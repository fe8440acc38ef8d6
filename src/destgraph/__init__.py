"""Knowledge graph of Adobe Experience Platform destinations.

>>> import destgraph
>>> kg = destgraph.load()
>>> [row.name for row in kg.ask("destinations-of-type", type="edge-personalization")]
['Adobe Commerce connection', 'Adobe Target connection', 'Custom Personalization connection']
"""

from destgraph.errors import EndpointError, InputError, TimeLimitError
from destgraph.graph import KnowledgeGraph, Queryable, load
from destgraph.remote import RemoteGraph, connect
from destgraph.results import Solutions, Triples

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
]
