"""SPARQL Query Results XML (https://www.w3.org/TR/rdf-sparql-XMLres/) in the terms of the JSON format, row by row."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.parsers import expat

_NAMESPACE = "http://www.w3.org/2005/sparql-results#"
_TERMS = ("uri", "bnode", "literal", "triple")
_PARTS = ("subject", "predicate", "object")
_ATTRIBUTES = {
    "datatype": "datatype",
    "http://www.w3.org/XML/1998/namespace lang": "xml:lang",
    "http://www.w3.org/2005/11/its dir": "its:dir",
}
_WITHIN: Mapping[str, tuple[str, ...]] = {
    "sparql": ("",),
    "head": ("sparql",),
    "variable": ("head",),
    "link": ("head",),
    "results": ("sparql",),
    "boolean": ("sparql",),
    "result": ("results",),
    "binding": ("result",),
    **dict.fromkeys(_TERMS, ("binding", *_PARTS)),
    **dict.fromkeys(_PARTS, ("triple",)),
}


def read(pieces: Iterable[bytes], largest: int) -> Iterator[Any]:
    """Yield the list of columns, then each row as the object that it is in JSON; or, of an answer to ASK, a bool.

    Raises ValueError for what is no such XML, has a document type (and so could have entities that grow without end),
    or holds something of more than `largest` bytes.
    """
    document = _Document()
    since = 0
    for piece in pieces:
        document.feed(piece)
        since = 0 if document.found else since + len(piece)
        if since > largest:
            raise ValueError(f"it holds a row of more than {largest:,} bytes")
        yield from document.found
        document.found.clear()
    document.feed(b"", last=True)
    yield from document.found


class _Document:
    """What the parser calls, and what it found: `open` has the names of the elements that are not closed yet."""

    def __init__(self) -> None:
        self.found: list[Any] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._open = [""]
        self._columns: list[str] | None = None
        self._row: dict[str, Any] = {}
        self._column = ""
        self._triples: list[dict[str, Any]] = []
        self._term: Any = None
        self._text: list[str] = []

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise ValueError(str(error)) from None

    def _doctype(self, *_: object) -> None:
        raise ValueError("it has a DOCTYPE")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, name = name.rpartition(" ")
        if namespace != _NAMESPACE or self._open[-1] not in _WITHIN.get(name, ()):
            raise ValueError(f"the element {name!r} does not belong there")
        self._open.append(name)
        self._text.clear()
        match name:
            case "head":
                self._columns = []
            case "variable" if self._columns is not None:
                self._columns.append(attributes.get("name", ""))
            case "results" if self._columns is None:
                raise ValueError("it names no columns")
            case "result":
                self._row = {}
            case "binding":
                self._column, self._term = attributes.get("name", ""), None
            case "triple":
                self._triples.append({})
            case "uri" | "bnode" | "literal":
                known = {_ATTRIBUTES[key]: value for key, value in attributes.items() if key in _ATTRIBUTES}
                self._term = {"type": name, **known}

    def _end(self, _name: str) -> None:
        name = self._open.pop()
        match name:
            case "head":
                self.found.append(self._columns)
            case "boolean":
                self.found.append({"true": True, "false": False}["".join(self._text).strip()])
            case "uri" | "bnode" | "literal":
                self._term["value"] = "".join(self._text)
            case "triple":
                self._term = {"type": "triple", "value": self._triples.pop()}
            case "subject" | "predicate" | "object":
                self._triples[-1][name] = self._term
            case "binding":
                self._row[self._column] = self._term
            case "result":
                self.found.append(self._row)

    def _characters(self, text: str) -> None:
        self._text.append(text)
