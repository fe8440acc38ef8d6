"""Knowledge graph of Adobe Experience Platform destinations.

`load` gives the graph in memory and `connect` one in a SPARQL store; both answer `ask`, `query` and `explain`.
`publish` puts the graph into a store, `validate` finds what is wrong in files, `write_export` writes other formats,
`write_release` a folder with all of them, and `write_site` one with a page for everything.

>>> import destgraph
>>> kg = destgraph.load()
>>> [row.name for row in kg.ask("destinations-of-type", type="edge-personalization")]
['Adobe Commerce connection', 'Adobe Target connection', 'Custom Personalization connection']
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from destgraph.errors import EndpointError, InputError, MemoryLimitError, ReachingError, TimeLimitError
from destgraph.results import Solutions, Triples
from destgraph.stores.memory import KnowledgeGraph, load
from destgraph.stores.queryable import Queryable

if TYPE_CHECKING:
    from destgraph.export.writing import write_export
    from destgraph.release.build import write_release
    from destgraph.site.folder import write_site
    from destgraph.stores.publish import publish
    from destgraph.stores.remote import RemoteGraph, connect
    from destgraph.validation import validate

__all__ = [
    "EndpointError",
    "InputError",
    "KnowledgeGraph",
    "MemoryLimitError",
    "Queryable",
    "ReachingError",
    "RemoteGraph",
    "Solutions",
    "TimeLimitError",
    "Triples",
    "connect",
    "load",
    "publish",
    "validate",
    "write_export",
    "write_release",
    "write_site",
]

_LATER = {
    "RemoteGraph": "destgraph.stores.remote",
    "connect": "destgraph.stores.remote",
    "publish": "destgraph.stores.publish",
    "validate": "destgraph.validation",
    "write_export": "destgraph.export.writing",
    "write_release": "destgraph.release.build",
    "write_site": "destgraph.site.folder",
}


def __getattr__(name: str) -> Any:
    """Import what asking the graph in memory does not need when it is first used."""
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Answer `%load_ext destgraph`: register the magics of `destgraph.notebook` with a shell of IPython."""
    from destgraph import notebook

    notebook.load_ipython_extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Answer `%unload_ext destgraph`."""
    from destgraph import notebook

    notebook.unload_ipython_extension(shell)
