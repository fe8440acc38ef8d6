"""A property graph as GraphML (http://graphml.graphdrawing.org/specification.html), for Gephi, networkx and others.

A resource is a node, a statement between two resources an edge, and any other statement an attribute of its node.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from pyoxigraph import BlankNode, Literal, NamedNode

from destgraph.errors import InputError
from destgraph.export.rdf import refuse_control_characters
from destgraph.export.selection import Selection, sort_key
from destgraph.vocabulary import TYPE, iri, shorten, words

_NUMBERS = {
    iri("xsd:boolean"): ("boolean", re.compile("true|false")),
    iri("xsd:double"): ("double", re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")),
    iri("xsd:integer"): ("long", re.compile("[+-]?[0-9]{1,18}")),
}
_PLACES = {"label": "all", "property": "edge"}


@dataclass
class _Graph:
    """The nodes with their literals by the name of the property, and the edges."""

    texts: dict[Any, dict[str, list[Literal]]] = field(default_factory=dict)
    edges: list[tuple[Any, NamedNode, Any]] = field(default_factory=list)

    def add(self, subject: Any, property_: NamedNode, value: Any) -> None:
        """Add a statement; raises InputError for what GraphML cannot hold."""
        if isinstance(value, Literal):
            refuse_control_characters(value, "GraphML")
            self.texts[subject].setdefault(shorten(property_), []).append(value)
        elif isinstance(value, NamedNode | BlankNode):
            self.texts.setdefault(value, {})
            self.edges.append((subject, property_, value))
        else:
            raise InputError(f"{value}: GraphML has no place for triple terms; choose another format")


def graphml(selection: Selection, file: IO[bytes]) -> None:
    """Write the nodes in the order of their IRIs, then the edges.

    Every node has a `label`, in English if there is one, a `kind` (destination, the name of a concept's scheme, or of
    the class) and its `iri`; every edge has the name of its property as `label`, and the `property`. Other attributes
    have the prefixed name of their property; several texts of one property are joined by " | ". Raises InputError for
    what GraphML cannot hold: control characters, and triple terms.
    """
    graph = _graph(selection)
    types = {"label": "string", "kind": "string", "iri": "string", "property": "string"} | _types(graph.texts)
    keys = {name: f"k{number}" for number, name in enumerate(types)}

    def write(line: str) -> None:
        file.write(f"{line}\n".encode())

    write('<?xml version="1.0" encoding="UTF-8"?>')
    write('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">')
    for name, type_ in types.items():
        place = _PLACES.get(name, "node")
        write(f'<key id="{keys[name]}" for="{place}" attr.name={quoteattr(name)} attr.type="{type_}"/>')
    write('<graph edgedefault="directed">')
    for node in sorted(graph.texts, key=sort_key):
        attributes = _attributes(_about_node(selection, node, graph.texts[node]), keys)
        write(f"<node id={quoteattr(shorten(node))}>{attributes}</node>")
    about_edges = {
        property_: _attributes(_about_edge(selection, property_), keys)
        for property_ in dict.fromkeys(property_ for _, property_, _ in graph.edges)
    }
    for number, (subject, property_, value) in enumerate(graph.edges, start=1):
        ends = f"source={quoteattr(shorten(subject))} target={quoteattr(shorten(value))}"
        write(f'<edge id="e{number}" {ends}>{about_edges[property_]}</edge>')
    write("</graph>\n</graphml>")


def _graph(selection: Selection) -> _Graph:
    graph = _Graph()
    for subject, block in selection.blocks.items():
        graph.texts.setdefault(subject, {})
        for property_, values in block.items():
            for value in values:
                graph.add(subject, property_, value)
    return graph


def _about_node(selection: Selection, node: Any, texts: Mapping[str, list[Literal]]) -> dict[str, str]:
    about = {"label": selection.name(node) or shorten(node), "kind": _kind(selection, node)}
    if isinstance(node, NamedNode):
        about["iri"] = node.value
    for name, values in texts.items():
        about[name] = " | ".join(literal.value for literal in values)
    return about


def _about_edge(selection: Selection, property_: NamedNode) -> dict[str, str]:
    return {"label": selection.name(property_) or words(property_.value), "property": shorten(property_)}


def _attributes(values: Mapping[str, str], keys: Mapping[str, str]) -> str:
    """Return the attributes of a node or an edge as XML."""
    return "".join(
        f'<data key="{keys[name]}">{escape(value, {chr(13): "&#13;"})}</data>' for name, value in values.items()
    )


def _kind(selection: Selection, node: Any) -> str:
    """Return what a node is: a destination, a concept of a scheme, or one of a class."""
    if node in selection.every_destination:
        return "destination"
    block = selection.blocks.get(node, {})
    for value in (*block.get(iri("skos:inScheme"), ()), *block.get(TYPE, ())):
        return selection.name(value) or words(value.value)
    return "resource"


def _types(texts: Mapping[Any, Mapping[str, list[Literal]]]) -> dict[str, str]:
    """Return the type of each property: that of its datatype if all values fit it and no node has two, else string."""
    types: dict[str, str] = {}
    for properties in texts.values():
        for name, values in properties.items():
            type_ = _type(values)
            types[name] = type_ if types.get(name, type_) == type_ else "string"
    return types


def _type(values: list[Literal]) -> str:
    if len(values) > 1 or values[0].datatype not in _NUMBERS:
        return "string"
    type_, pattern = _NUMBERS[values[0].datatype]
    return type_ if pattern.fullmatch(values[0].value) else "string"
