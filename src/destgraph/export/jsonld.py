"""JSON-LD 1.1 for people: an object a destination, its parts inside it, keys that are the names of the ontology.

The context is made from the graph without own data: a property that has only resources, only texts with a language or
only literals of one datatype as values says so, and one that has several values on any subject always has an array.
"""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import IO, Any

from pyoxigraph import BlankNode, Literal, NamedNode

from destgraph.errors import InputError
from destgraph.export.rdf import FIRST, NIL, REST, inner_nodes, items
from destgraph.export.selection import Block, Selection, sort_key
from destgraph.results import plain
from destgraph.vocabulary import BASE, PREFIXES, TYPE, iri, local_name

_DG, _XSD = PREFIXES["dg"], PREFIXES["xsd"]
_KINDS = {iri(f"owl:{kind}") for kind in ("AnnotationProperty", "DatatypeProperty", "ObjectProperty")}
_PREFIXES = {"dg": _DG, "destgraph": BASE} | {
    prefix: namespace for prefix, namespace in PREFIXES.items() if not namespace.startswith(BASE)
}
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")


def context(selection: Selection, file: IO[bytes]) -> None:
    """Write the context as published under `context_iri()`; it is the same for every selection of a graph."""
    file.write(b'{"@context": ' + _lines(terms(selection.root)) + b"}\n")


def context_iri(root: Path) -> str:
    """Return the versioned IRI under which the context of a graph is published."""
    header = Selection(root=root).triples("ontology")
    (version,) = (triple.object for triple in header if triple.predicate == iri("owl:versionInfo"))
    return f"{BASE}context/{plain(version)}"


def jsonld(selection: Selection, file: IO[bytes]) -> None:
    """Write a document: the context, the destinations, and then what they refer to, each in the order of IRIs.

    Parts of a thing, such as the limits of a destination, are inside it. Raises InputError for what JSON-LD 1.1 cannot
    hold: an IRI that reads as a prefixed name of the context, and the base direction of a text.
    """
    file.writelines(document(selection.blocks, terms(selection.root), selection.every_destination))


def document(
    blocks: dict[Any, Block], context: Mapping[str, Any], destinations: Collection[Any] = ()
) -> Iterator[bytes]:
    """Yield the document for some blocks piece by piece, with `destinations` before the others; see `jsonld`."""
    yield b'{"@context": ' + _lines(context) + b',\n"@graph": ['
    for number, made in enumerate(objects(blocks, context, destinations)):
        yield (b",\n" if number else b"\n") + _lines(made)
    yield b"\n]}\n"


def excerpt(blocks: dict[Any, Block], context: Mapping[str, Any]) -> bytes:
    """Return the document for a few blocks, with as much of the context as they need; see `jsonld`."""
    made = [*objects(blocks, context)]
    used = {key for item in made for key in _keys(item)}
    needed = {key: meaning for key, meaning in context.items() if key in used or not isinstance(meaning, Mapping)}
    return b"".join([b'{"@context": ', _lines(needed), b',\n"@graph": [\n', b",\n".join(map(_lines, made)), b"\n]}\n"])


def _keys(made: Any) -> Iterator[str]:
    """Yield the keys of an object and of all inside it."""
    for inner in made if isinstance(made, list) else made.values() if isinstance(made, dict) else ():
        yield from _keys(inner)
    if isinstance(made, dict):
        yield from made


def objects(
    blocks: dict[Any, Block], context: Mapping[str, Any], destinations: Collection[Any] = ()
) -> Iterator[dict[str, Any]]:
    """Yield the objects of the document for some blocks; see `document`."""
    inner = inner_nodes(blocks, {value for block in blocks.values() for value in block.get(TYPE, ())})
    writer = _Objects(blocks, inner, context)
    subjects = sorted(blocks.keys() - inner - writer.parts, key=lambda s: (s not in destinations, sort_key(s)))
    return map(writer.object, subjects)


@cache
def terms(root: Path) -> dict[str, Any]:
    """Return the context of the graph in a folder: the meaning of each key.

    A name of the ontology comes before one of another vocabulary.
    """
    uses: dict[Any, list[list[Any]]] = defaultdict(list)
    for subject, block in Selection(("ontology", "schemes", "catalog", "inferred"), root=root).blocks.items():
        if _KINDS & {*block.get(TYPE, ())}:
            uses.setdefault(subject, [])
        for property_, values in block.items():
            uses[property_].append(values)
    meanings: dict[str, Any] = {"@version": 1.1, "@protected": True, "@vocab": _DG, "id": "@id"}
    meanings |= {"type": {"@id": "@type", "@container": "@set"}, **_PREFIXES}
    own_first = sorted(uses.keys() - {TYPE, FIRST, REST}, key=lambda p: (not p.value.startswith(_DG), p.value))
    for property_ in own_first:
        meanings.setdefault(local_name(property_.value), _meaning(property_, uses[property_]))
    return meanings


def _meaning(property_: NamedNode, values: list[list[Any]]) -> dict[str, Any]:
    """Return the definition of a property that has these lists of values on its subjects."""
    every = [value for several in values for value in several]
    kinds = {_kind(value) for value in every}
    container = ["@set"] if any(len(several) > 1 for several in values) else []
    meaning: dict[str, Any] = {"@id": _prefixed(property_.value)}
    if kinds == {"@id"}:
        meaning["@type"] = "@vocab" if any(_prefixed(value.value).startswith("dg:") for value in every) else "@id"
    elif kinds == {"@language"}:
        container.insert(0, "@language")
    elif len(kinds) == 1 and kinds != {_XSD + "string"}:
        meaning["@type"] = _prefixed(kinds.pop())
    if container:
        meaning["@container"] = container if len(container) > 1 else container[0]
    return meaning


def _kind(value: Any) -> str:
    """Return @id for a resource, @language for a text with a language, else the datatype."""
    if not isinstance(value, Literal):
        return "@id"
    return "@language" if value.language else value.datatype.value


class _Objects:
    """Makes the object of each subject; `parts` are the subjects that are inside the object of what they belong to."""

    def __init__(self, blocks: dict[Any, Block], inner: set[Any], context: Mapping[str, Any]) -> None:
        self._blocks = blocks
        self._inner = inner
        self._context = context
        self._names = {meaning["@id"]: name for name, meaning in context.items() if isinstance(meaning, dict)}
        self._placed: set[Any] = set()
        self.parts: set[Any] = set()
        for subject, block in blocks.items():
            for property_, values in block.items():
                if not _are_types(property_, values):  # types are names only, so nothing stands inside them
                    self.parts.update(value for value in values if value in blocks and _belongs(value, subject))

    def object(self, subject: Any) -> dict[str, Any]:
        """Return the object of a subject, its inner blank nodes and its parts inside."""
        made: dict[str, Any] = {} if subject in self._inner else {"id": self._reference(subject)}
        for property_, values in self._blocks[subject].items():
            key, content = self._entry(subject, property_, values)
            made[key] = content
        return made

    def _entry(self, subject: Any, property_: NamedNode, values: list[Any]) -> tuple[str, Any]:
        """Return the key of a property, and what stands there for its values."""
        if _are_types(property_, values):
            return "type", [self._own_name(value) or self._reference(value) for value in values]
        prefixed = _prefixed(property_.value)
        key = self._names.get(prefixed, prefixed)
        meaning = self._context.get(key, {}) if key != prefixed else {}
        container = meaning.get("@container", ())
        if "@language" in container:
            if all(_kind(value) == "@language" for value in values):
                return key, _texts(values, several="@set" in container)
            key, meaning, container = prefixed, {}, ()  # a map of languages has no place for other values
        written = [self._value(subject, value, meaning.get("@type")) for value in values]
        return key, written if len(written) > 1 or "@set" in container else written[0]

    def _value(self, owner: Any, value: Any, type_: str | None) -> Any:
        if isinstance(value, Literal):
            return _literal(value, type_)
        if value == NIL or value in self._inner:
            members = items(self._blocks, value, self._inner)
            if members is not None:
                return {"@list": [self._value(owner, member, type_) for member in members]}
        if value in self._inner:
            return self.object(value) if value in self._blocks else {}
        if value in self.parts and _belongs(value, owner) and value not in self._placed:
            self._placed.add(value)
            return self.object(value)
        if type_ == "@vocab":
            return self._own_name(value) or self._reference(value)
        return self._reference(value) if type_ == "@id" else {"id": self._reference(value)}

    def _own_name(self, value: Any) -> str | None:
        """Return the name of a term of the ontology, which the context gives to IRIs without a prefix."""
        prefixed = _prefixed(value.value) if isinstance(value, NamedNode) else ""
        name = prefixed.removeprefix("dg:")
        meaning = self._context.get(name, {"@id": prefixed})
        fits = prefixed.startswith("dg:") and _NAME.fullmatch(name) and meaning == {**meaning, "@id": prefixed}
        return name if fits else None

    def _reference(self, node: Any) -> str:
        """Return what stands for a resource: a prefixed name, an IRI, or the label of a blank node."""
        if isinstance(node, BlankNode):
            return str(node)
        if not isinstance(node, NamedNode):
            raise InputError(f"{node}: JSON-LD has no place for triple terms; choose another format")
        name = _prefixed(node.value)
        if name == node.value and name.partition(":")[0] in self._context:
            raise InputError(f"{node}: the start of this IRI is a name of the JSON-LD context; choose another format")
        return name


def _texts(values: list[Literal], *, several: bool) -> dict[str | None, Any]:
    """Return texts by their language, in arrays if there are or may be `several` of one."""
    texts: dict[str | None, list[str]] = defaultdict(list)
    for value in values:
        texts[value.language].append(value.value)
    if several or any(len(text) > 1 for text in texts.values()):
        return dict(texts)
    return {language: text for language, (text,) in texts.items()}


def _are_types(property_: NamedNode, values: list[Any]) -> bool:
    """Tell whether values go under the key "type"."""
    return property_ == TYPE and not any(isinstance(value, Literal) for value in values)


def _belongs(value: Any, owner: Any) -> bool:
    return isinstance(value, NamedNode) and isinstance(owner, NamedNode) and value.value.startswith(f"{owner.value}#")


def _literal(literal: Literal, type_: str | None) -> Any:
    if literal.direction:
        raise InputError(f"{literal}: JSON-LD has no place for the base direction of a text; choose another format")
    datatype = literal.datatype.value
    if literal.language:
        return {"@value": literal.value, "@language": literal.language}
    if type_ == _prefixed(datatype):
        is_number = datatype == _XSD + "integer" and _INTEGER.fullmatch(literal.value)
        return int(literal.value) if is_number else literal.value
    if datatype == _XSD + "string":
        return literal.value if type_ is None else {"@value": literal.value}
    return {"@value": literal.value, "@type": _prefixed(datatype)}


@lru_cache(1 << 16)
def _prefixed(whole: str) -> str:
    """Return an IRI as a prefixed name of the context, or as it is when no prefix fits."""
    for prefix, namespace in _PREFIXES.items():
        if whole.startswith(namespace) and whole != namespace and not whole.startswith("//", len(namespace)):
            return f"{prefix}:{whole[len(namespace) :]}"
    return whole


def _lines(made: Mapping[str, Any]) -> bytes:
    """Return an object as JSON, a line for each key, and for each object in an array."""

    def value(content: Any) -> str:
        if isinstance(content, list) and all(isinstance(item, dict) for item in content):
            return "[\n    " + ",\n    ".join(map(_ENCODE, content)) + "\n  ]"
        return _ENCODE(content)

    return ("{\n" + ",\n".join(f"  {_ENCODE(key)}: {value(content)}" for key, content in made.items()) + "\n}").encode()
