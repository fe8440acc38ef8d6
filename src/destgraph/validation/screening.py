"""What the package `shacl` finds: many times quicker than pySHACL, but with values and messages of its own.

It says of which shapes there is a result at all; pySHACL then applies these and words what they find.
"""

from importlib import import_module
from typing import NamedTuple

from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.term import Node
from rdflib.util import from_n3


class Found(NamedTuple):
    """A result: the nearest shape with an IRI, the focus node (None for a blank node, whose label is its own)."""

    shape: Node
    focus: Node | None


def load() -> None:
    """Import the package, and what it is given graphs with: once files are locked away, they could not be."""
    import_module("shacl")
    Graph().add((BNode(), RDF.value, Literal(""))).serialize(format="nt")


def screen(data: Graph, shapes: Graph) -> set[Found] | None:
    """Return what shapes find in data, None for shapes that the package refuses or that have no IRI."""
    import shacl

    try:
        compiled = shacl.Shapes.from_text(shapes.serialize(format="nt"), format="nt")
        results = compiled.validate_text(data.serialize(format="nt"), format="nt").results
    except (ValueError, RuntimeError):
        return None
    found = set()
    for result in results:
        if result.root_shape is None:
            return None
        found.add(Found(URIRef(result.root_shape.strip("<>")), _node(result.focus_node)))
    return found


def _node(written: str) -> Node | None:
    node = from_n3(written)
    return None if isinstance(node, BNode) or not isinstance(node, URIRef | Literal) else node
