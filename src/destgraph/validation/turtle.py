"""Where everything stands in Turtle that the embedded store has accepted: its tokens, walked once."""

import re
from collections.abc import Iterator

from pyoxigraph import RdfFormat
from pyoxigraph import parse as ox_parse
from rdflib import RDF, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from destgraph.inputs import AdvisedError
from destgraph.query_text import Prefix
from destgraph.validation.datatypes import literal
from destgraph.validation.documents import Document, Statement
from destgraph.validation.findings import RELATIVE

_TOKEN = re.compile(
    r"""
    (?: [ \t\r\n]++ | \#[^\r\n]*+ )*+
    (?:
      (?P<iri> <[^<>"{}|^`\x00-\x20]*+> )
    | (?P<text> \"{3} (?: [^"\\]++ | \\. | "(?!"") )*+ \"{3} | '{3} (?: [^'\\]++ | \\. | '(?!'') )*+ '{3}
              | " (?: [^"\\\n\r]++ | \\. )*+ " | ' (?: [^'\\\n\r]++ | \\. )*+ ' )
    | (?P<mark> [;,\[\]()] | \^\^ | \.(?![0-9]) )
    | (?P<tag> @[A-Za-z]++ (?: -[A-Za-z0-9]++ )*+ )
    | (?P<label> _: (?: [^\0-\x20;,.\[\]()<>"'\#:@^+]++ | \.(?=[^\0-\x20;,\[\]()<>"'\#:@^+]) )++ )
    | (?P<double> [+-]? (?: [0-9]+\.[0-9]* | \.?[0-9]+ ) [eE][+-]?[0-9]+ )
    | (?P<decimal> [+-]? [0-9]*\.[0-9]+ )
    | (?P<integer> [+-]? [0-9]+ )
    | (?P<name> (?= [^\0-\x20;,.\[\]()<>"'\#@^+\\] )
                (?: [^\0-\x20;,.\[\]()<>"'\#:@^+\\]++ | \.(?=[^\0-\x20;,\[\]()<>"'\#@^+\\]) )*+
                (?: : (?: (?![.-])
                        (?: [^\0-\x20;,.\[\]()<>"'\#@^+\\]++ | \\. | \.(?=[^\0-\x20;,\[\]()<>"'\#@^+]) )++ )?+ )?+
    )
    | (?P<end> \Z )
    )
    """,
    re.VERBOSE | re.DOTALL,
)
"""The tokens of Turtle (RDF 1.1 Turtle, section 6.5), each wide enough for what is well-formed, behind blanks."""

_TYPE, _BOOLEAN = RDF.type, str(XSD.boolean)
_NUMBERS = {"double": str(XSD.double), "decimal": str(XSD.decimal), "integer": str(XSD.integer)}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_CHARACTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def parse(document: Document, graph: Graph) -> None:
    """Add the triples of a document to a graph, all or none, and note in the document where they stand.

    Blank nodes get names made of file and offset. Raises SyntaxError, with place, for what is no Turtle.
    """
    parser = _Parser(document)
    try:
        parser.document()
    except RecursionError:
        start = document.lines.place(parser.start)
        raise AdvisedError("brackets are nested deeper than can be read; nest them less", ("", *start, "")) from None
    for statement in document.statements:
        graph.add(statement.triple)


_Token = tuple[str, str, int, int]
"""The kind of a token, its text, and where it stands."""


class _Parser:
    """Walks the tokens of a document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._tokens = _tokens(document)
        self._next = next(self._tokens)
        self._name = "f" + re.sub(r"[^A-Za-z0-9]", lambda found: f"-{ord(found[0]):x}-", document.file)
        self._base = RELATIVE
        self._namespaces: dict[str, str] = {}
        self._iris: dict[str, URIRef] = {}
        self._literals: dict[tuple[str, str | None, str | None], Literal] = {}
        self.start = 0

    def document(self) -> None:
        """Read all there is."""
        while self._next[0] != "end":
            kind, text, self.start, _ = self._next
            word = text.lower().removeprefix("@")
            if kind not in ("tag", "name") or word not in ("prefix", "base"):
                self._block()
                continue
            self._take()
            self._prefix() if word == "prefix" else self._set_base()
            if kind == "tag":
                self._expect(".")

    def _prefix(self) -> None:
        _, name, start, end = self._take()
        iri = self._take()
        _, namespace, at, after = iri
        prefix = name.removesuffix(":")
        self._iris.clear()
        self._namespaces[prefix] = str(self._iri(iri))
        self._document.prefixes.append(Prefix(prefix, namespace[1:-1], (start, end - 1), (at + 1, after - 1)))

    def _set_base(self) -> None:
        self._base = str(self._iri(self._take()))
        self._iris.clear()

    def _block(self) -> None:
        """Read a subject and what is said of it."""
        start = self._next[2]
        subject, end = self._term()
        self._document.subjects.setdefault(subject, (start, end))
        self._properties(subject)
        self._document.blocks.setdefault(subject, []).append((start, self._next[2]))
        self._expect(".")

    def _properties(self, subject: Node) -> None:
        """Read predicates with their objects."""
        document, known = self._document, self._iris
        while self._next[1] not in (".", "]"):
            verb = self._take()
            text = verb[1]
            if text == ";":
                continue
            predicate = _TYPE if text == "a" else known.get(text) or self._iri(verb)
            span = verb[2:]
            statements = []
            while True:
                start = self._next[2]
                object_, end = self._term()
                statements.append(Statement(document, (subject, predicate, object_), span, (start, end)))
                if self._next[1] != ",":
                    break
                self._take()
            document.statements += statements  # after those inside of the objects

    def _term(self) -> tuple[Node, int]:
        """Read a subject or an object; return it, and where it ends."""
        token = self._take()
        kind, text, start, end = token
        if kind == "name":
            if text in ("true", "false"):
                return self._made(text, _BOOLEAN), end
            return self._iris.get(text) or self._iri(token), end
        if kind == "text":
            return self._literal(token)
        if text == "[":
            return self._bracket(start)
        if text == "(":
            return self._collection()
        if kind in _NUMBERS:
            return self._made(text, _NUMBERS[kind]), end
        if kind == "label":
            return BNode(f"{self._name}_{text[2:]}"), end
        return self._iri(token), end

    def _literal(self, token: _Token) -> tuple[Node, int]:
        _, written, _, end = token
        quotes = 3 if written[:3] in ('"""', "'''") else 1
        text = _unescaped(written[quotes:-quotes])
        if self._next[0] == "tag":
            _, tag, _, end = self._take()
            return self._made(text, None, tag[1:]), end
        if self._next[1] == "^^":
            self._take()
            datatype = self._take()
            return self._made(text, str(self._iri(datatype))), datatype[3]
        return self._made(text, None), end

    def _bracket(self, start: int) -> tuple[Node, int]:
        node = BNode(f"{self._name}-{start}")
        self._document.subjects[node] = (start, start + 1)
        self._properties(node)
        return node, self._expect("]")

    def _collection(self) -> tuple[Node, int]:
        """Read a list, each item with its place."""
        items = []
        while self._next[1] != ")":
            start = self._next[2]
            item, end = self._term()
            items.append((item, (start, end)))
        cells: list[Node] = [BNode(f"{self._name}-{start}-cell") for _, (start, _) in items]
        for cell, (item, span), rest in zip(cells, items, [*cells[1:], RDF.nil], strict=False):
            self._document.subjects[cell] = span
            self._document.statements.append(Statement(self._document, (cell, RDF.first, item), span, span))
            self._document.statements.append(Statement(self._document, (cell, RDF.rest, rest), span, span))
        return cells[0] if cells else RDF.nil, self._expect(")")

    def _iri(self, token: _Token) -> URIRef:
        """Return the IRI that a token stands for."""
        kind, text, _, _ = token
        known = self._iris.get(text)
        if known is None:
            if kind == "iri":
                known = URIRef(_resolved(self._base, _unescaped(text[1:-1])))
            else:
                prefix, colon, name = text.partition(":")
                if not colon or prefix not in self._namespaces:
                    raise self._wrong(token)
                known = URIRef(self._namespaces[prefix] + re.sub(r"\\(.)", r"\1", name))
            self._iris[text] = known
        return known

    def _made(self, text: str, datatype: str | None, language: str | None = None) -> Literal:
        key = (text, datatype, language)
        if key not in self._literals:
            self._literals[key] = literal(text, datatype, language)
        return self._literals[key]

    def _take(self) -> _Token:
        """Return the token that is next, and go on."""
        token = self._next
        if token[0] in _ENDS:
            raise self._wrong(token)
        self._next = next(self._tokens)
        return token

    def _expect(self, mark: str) -> int:
        """Go on behind a mark; return where it ends."""
        if self._next[1] != mark:
            raise self._wrong(self._next)
        return self._take()[3]

    def _wrong(self, token: _Token) -> SyntaxError:
        return SyntaxError("unexpected end or word", ("", *self._document.lines.place(token[2]), ""))


_ENDS = ("end", "none")


def _tokens(document: Document) -> Iterator[_Token]:
    """Yield the tokens of a document, and at last one without text: the end, or where there is no token."""
    at = 0
    for match in _TOKEN.finditer(document.text):
        if match.start() != at:
            break
        at, kind = match.end(), match.lastgroup or ""
        text = match[kind]
        yield kind, text, at - len(text), at
    yield "none", "", at, at


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else _CHARACTERS.get(escape[3], escape[3])


def _resolved(base: str, reference: str) -> str:
    """Return a reference resolved against a base, as the embedded store does it (RFC 3986, section 5.2)."""
    if _ABSOLUTE.match(reference):
        return reference
    (quad,) = ox_parse(f"<{reference}> <a:a> <a:a> .", RdfFormat.TURTLE, base_iri=base)
    return str(quad.subject)[1:-1]
