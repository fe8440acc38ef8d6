"""A property graph as GraphML (http://graphml.graphdrawing.org/specification.html), for Gephi, networkx and others.

A resource is a node, a statement between two resources an edge, and any other statement an attribute of its node.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from pyoxigraph import BlankNode, Literal, NamedNode

from destgraph.errors import InputError
from destgraph.export.rdf import refuse_control_characters
from destgraph.export.selection import TYPE, Selection, rank
from destgraph.vocabulary import PREFIXES, shorten, words

_IN_SCHEME = NamedNode(PREFIXES["skos"] + "inScheme")
_NUMBERS = {
    PREFIXES["xsd"] + "boolean": ("boolean", re.compile("true|false")),
    PREFIXES["xsd"] + "double": ("double", re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")),
    PREFIXES["xsd"] + "integer": ("long", re.compile("[+-]?[0-9]{1,18}")),
}


def graphml(selection: Selection, file: IO[bytes]) -> None:
    """Write the nodes in the order of their IRIs, then the edges.

    Every node has a `label`, in English if there is one, a `kind` (destination, the name of a concept's scheme, or of
    the class) and its `iri`; every edge has the name of its property as `label`, and the `property`. Other attributes
    have the prefixed name of their property; several texts of one property are joined by " | ". Raises InputError for
    what GraphML cannot hold: control characters, and triple terms.
    """
    texts: dict[Any, dict[str, list[Literal]]] = {}
    edges: list[tuple[Any, NamedNode, Any]] = []
    for subject, block in selection.blocks.items():
        texts.setdefault(subject, {})
        for property_, values in block.items():
            for value in values:
                if isinstance(value, Literal):
                    refuse_control_characters(value, "GraphML")
                    texts[subject].setdefault(shorten(property_), []).append(value)
                elif isinstance(value, NamedNode | BlankNode):
                    texts.setdefault(value, {})
                    edges.append((subject, property_, value))
                else:
                    raise InputError(f"{value}: GraphML has no place for triple terms; choose another format")
    types = {"label": "string", "kind": "string", "iri": "string", "property": "string"} | _types(texts)
    keys = {name: f"k{number}" for number, name in enumerate(types)}

    def write(text: str) -> None:
        file.write(f"{text}\n".encode())

    def attributes(values: Mapping[str, str]) -> str:
        return "".join(
            f'<data key="{keys[n]}">{escape(value, {chr(13): "&#13;"})}</data>' for n, value in values.items()
        )

    write('<?xml version="1.0" encoding="UTF-8"?>')
    write('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">')
    for name, type_ in types.items():
        place = {"label": "all", "property": "edge"}.get(name, "node")
        write(f'<key id="{keys[name]}" for="{place}" attr.name={quoteattr(name)} attr.type="{type_}"/>')
    write('<graph edgedefault="directed">')
    for node in sorted(texts, key=rank):
        about = {"label": selection.name(node) or shorten(node), "kind": _kind(selection, node)}
        about |= {"iri": node.value} if isinstance(node, NamedNode) else {}
        about |= {name: " | ".join(literal.value for literal in values) for name, values in texts[node].items()}
        write(f"<node id={quoteattr(shorten(node))}>{attributes(about)}</node>")

    @cache
    def about_edge(property_: NamedNode) -> str:
        label = selection.name(property_) or words(property_.value)
        return attributes({"label": label, "property": shorten(property_)})

    for number, (subject, property_, value) in enumerate(edges, start=1):
        ends = f"source={quoteattr(shorten(subject))} target={quoteattr(shorten(value))}"
        write(f'<edge id="e{number}" {ends}>{about_edge(property_)}</edge>')
    write("</graph>\n</graphml>")


def _kind(selection: Selection, node: Any) -> str:
    """Return what a node is: a destination, a concept of a scheme, or one of a class."""
    if node in selection.every_destination:
        return "destination"
    block = selection.blocks.get(node, {})
    for value in (*block.get(_IN_SCHEME, ()), *block.get(TYPE, ())):
        return selection.name(value) or words(value.value)
    return "resource"


def _types(texts: Mapping[Any, Mapping[str, list[Literal]]]) -> dict[str, str]:
    """Return the type of each property: that of its datatype if all values fit it and no node has two, else string."""
    types: dict[str, str] = {}
    for properties in texts.values():
        for name, values in properties.items():
            type_, pattern = _NUMBERS.get(values[0].datatype.value, ("string", None))
            fits = pattern and len(values) == 1 and pattern.fullmatch(values[0].value)
            if not fits or types.get(name, type_) != type_:
                type_ = "string"
            types[name] = type_
    return types
