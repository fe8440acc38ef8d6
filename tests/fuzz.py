"""Fuzzing of what reads other people's bytes: `python tests/fuzz.py READER SECONDS [SEED]` (pip install atheris).

READER is `results` (JSON and XML of stores), `triples`, `turtle` (with places, for `validate`) or `headers` (of query
files). Atheris looks for inputs that take new ways through the code; one that ends in anything but an answer or an
error of the kind that the reader documents is printed, and then the exit code is not 0.
"""

import random
import sys
from collections import deque
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris
from pyoxigraph import RdfFormat

with atheris.instrument_imports(include=["destgraph", "rdflib"]):
    from rdflib import Graph

    from destgraph import files, inputs
    from destgraph.catalog import questions
    from destgraph.errors import EndpointError
    from destgraph.stores import json_stream, sparql_results, xml_results  # noqa: F401 - to be instrumented
    from destgraph.validation.documents import Document
    from destgraph.validation.findings import RELATIVE
    from destgraph.validation.turtle import parse as parse_turtle

OK = b"""{"head": {"vars": ["x", "y"], "link": []}, "results": {"distinct": false, "bindings": [
 {"x": {"type": "uri", "value": "http://e.example/"}, "y": {"type": "literal", "value": "v\\u00e9", "xml:lang": "en"}},
 {"x": {"type": "bnode", "value": "b1"}, "y": {"type": "literal", "value": "1", "datatype": "http://e.example/t"}},
 {"y": {"type": "triple", "value": {"subject": {"type": "uri", "value": "a:s"}, "predicate": {"type": "uri",
  "value": "a:p"}, "object": {"type": "literal", "value": "m", "xml:lang": "ar", "its:dir": "rtl"}}}}]}, "n": 1.5e3}"""
XML = b"""<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head>
<results><result><binding name="x"><literal xml:lang="en">a&amp;b</literal></binding></result><result>
<binding name="x"><triple><subject><uri>a:s</uri></subject><predicate><uri>a:p</uri></predicate><object><bnode>b</bnode>
</object></triple></binding></result></results></sparql>"""


class Response:
    """An answer that comes in pieces, like that of a server."""

    framed = True
    headers = Message()

    def __init__(self, text: bytes, size: int, media_type: str) -> None:
        """Take what comes, so many bytes at a time."""
        self._pieces = iter([text[at : at + size] for at in range(0, len(text), size)])
        self.media_type = media_type

    def read(self) -> bytes:
        """Return the next piece."""
        return next(self._pieces, b"")

    def all(self) -> bytes:
        """Return all that is left."""
        return b"".join(self._pieces)

    def hold(self, number: int) -> None:
        """Everything may be held."""

    def __str__(self) -> str:
        """Return where it came from."""
        return "http://e.example/"


def results(data: bytes) -> None:
    """Read rows, and an answer to ASK: whatever the pieces are, the outcome is the same."""
    found = []
    for size in (1 + data[0] % 64, len(data)) if data else ():
        try:
            response: object = Response(data[1:], size, "application/sparql-results+json")
            columns, rows = sparql_results.solutions(response, lenient=True)  # type: ignore[arg-type]
            found.append(repr((columns, [*rows])))
        except EndpointError as error:
            if not str(error).isprintable():
                raise AssertionError(f"{error!r} steers a terminal") from error
            found.append("refused")
    if len({*found}) > 1:
        raise AssertionError(f"the pieces matter: {found}")
    try:
        ask: object = Response(data[1:], 64, "application/sparql-results+json")
        sparql_results.boolean(ask)  # type: ignore[arg-type]
    except EndpointError:
        pass


def triples(data: bytes) -> None:
    """Read the answer to CONSTRUCT in one of the formats of RDF."""
    kinds = ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json", "text/n3"]
    try:
        response: object = Response(data[1:], 64, kinds[data[0] % len(kinds)] if data else "")
        sparql_results.triples(response)  # type: ignore[arg-type]
    except EndpointError:
        pass


def turtle(data: bytes) -> None:
    """Read Turtle with places; each place is in the text."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    document = Document("x.ttl", text)
    graph = Graph(bind_namespaces="none")
    try:
        deque(inputs.parse(text, RdfFormat.TURTLE, base=RELATIVE), maxlen=0)  # first the engine, as `validate` does
        parse_turtle(document, graph)
    except SyntaxError:
        return
    for statement in document.statements:
        place = statement.place
        if not 1 <= place.line <= text.count("\n") + text.count("\r") + 1:
            raise AssertionError(f"{place} is not in the text")


def headers(data: bytes) -> None:
    """Read the header of a question; each fault has a line of the text."""
    text = inputs.plain_lines(data.decode("utf-8", "replace"))
    _, faults = questions.examine("x", text)
    for fault in faults:
        if not 0 <= fault.line <= text.count("\n") + 1:
            raise AssertionError(f"{fault} is not in the text")


def seeds() -> dict[Callable[[bytes], None], list[bytes]]:
    """Return what each reader begins with."""
    own = [path.read_bytes() for path in files.turtle()]
    asked = [path.read_bytes() for path in files.queries()]
    return {
        results: [b"@" + OK, b"@" + XML, b'@{"head":{},"boolean":true}'],
        triples: [b"\0<a:s> <a:p> \"o\"@en .", b"\3{\"@id\": \"a:s\", \"a:p\": [{\"@value\": 1}]}"],
        turtle: [text[:3000] for text in own],
        headers: asked,
    }  # fmt: skip


def main() -> None:
    """Fuzz one reader."""
    name, seconds, *seed = sys.argv[1:]
    known = {reader.__name__: (reader, texts) for reader, texts in seeds().items()}
    reader, texts = known[name]
    with TemporaryDirectory() as corpus:
        for number, text in enumerate(texts):
            Path(corpus, f"seed-{number}").write_bytes(text)
        limits = ["-timeout=20", "-rss_limit_mb=2000", "-max_len=4096", f"-max_total_time={seconds}"]
        chosen = seed[0] if seed else str(random.randrange(1, 2**31))  # noqa: S311
        atheris.Setup([sys.argv[0], *limits, f"-seed={chosen}", "-artifact_prefix=fuzz-", corpus], reader)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
