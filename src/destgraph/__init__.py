"""Knowledge graph of Adobe Experience Platform destinations.

>>> import destgraph
>>> kg = destgraph.load()
>>> [row.name for row in kg.ask("destinations-of-type", type="edge-personalization")]
['Adobe Commerce connection', 'Adobe Target connection', 'Custom Personalization connection']
"""

from destgraph.errors import InputError, TimeLimitError
from destgraph.graph import KnowledgeGraph, load
from destgraph.results import Solutions, Triples
from destgraph.validation import validate

__all__ = ["InputError", "KnowledgeGraph", "Solutions", "TimeLimitError", "Triples", "load", "validate"]
