"""Read a file: its bytes as text, the format that its suffix tells, and where in it something is wrong."""

import errno
import os
import re
import stat
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import Literal, Quad, RdfFormat, Triple
from pyoxigraph import parse as _parse

from destgraph.errors import InputError

# Patterns as texts, compiled when first used: a question about the graph alone uses hardly any.
_LINE_END = r"\r\n|\n|\r"
_XML = r"\s*<(?:\?xml|!DOCTYPE|!--|(?:[\w-]+:)?RDF[\s>])"
_JSON = r'\s*(?:\{\s*["}]|\[\s*\{)'
_TURTLE = r"(?i)\s*(?:#|@prefix|@base|prefix|base|<[\w.+-]+:|[\w-]*:)"
_NO_RDF = (
    (r"\s*(?:Prefix|Ontology)\(", "OWL functional syntax"),
    (r"\s*(?:Prefix|Ontology):\s", "OWL Manchester syntax"),
    (r"(?s)(?:\s*<\?[^>]*>|\s*<!--.*?-->)*\s*<(?:owl:)?Ontology[\s>]", "OWL/XML"),
)
# Suffixes of OWL tools, and N3, of which files hardly ever use more than Turtle.
_SUFFIXES = {"owl": RdfFormat.RDF_XML, "xml": RdfFormat.RDF_XML, "n3": RdfFormat.TURTLE}
_LINES = (RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.N_QUADS, RdfFormat.TRIG)
# What RDF 1.2 adds to these, and what may hold the same characters in RDF 1.1.
_HINT = r"(?im)<<|\{\||~|@[A-Za-z][A-Za-z0-9-]*--|(?<![\w:@-])@?version\s+[\"']"
# One of these is in all of that, and looking for them takes a tenth of the time; most texts hold none.
_HINTS = ("<<", "{|", "~", "--", "version")
_RDF_12 = (
    r'''(?is)"""(?:[^\\]|\\.)*?"""|\'{3}(?:[^\\]|\\.)*?\'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>"{}|^`\s]*>|\#[^\n]*|\\.'''
    r"|(?P<new><<|\{\||~|@[A-Za-z]+(?:-[A-Za-z0-9]+)*--|(?<![\w:@-])@?version(?=\s+[\"']))"
)
_NESTED_ENTITY = r"""<!ENTITY\s+\S+\s+(["'])[^"']*&(?!\#|amp;|lt;|gt;|quot;|apos;)"""
_ENGINE_PLACE = "Parser error (?:at|between) [^:]*: "


_KINDS = {
    stat.S_IFREG: "a regular file",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
}
_IS_RDF_12 = "this is RDF 1.2, which is not read; write it in RDF 1.1"


class AdvisedError(SyntaxError):
    """What is wrong in a file, with a message that says what to do about it."""


class Lines:
    """The lines of a text: offsets count characters from 0, lines and columns from 1."""

    def __init__(self, text: str) -> None:
        """Take the text without byte order mark."""
        self._length = len(text)
        self._starts = [0, *(match.end() for match in re.finditer(_LINE_END, text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and column."""
        return min(self._starts[min(line, len(self._starts)) - 1] + column - 1, self._length)


def read_bytes(path: Path) -> bytes:
    """Return what a regular file holds; raises OSError, and for a pipe, a socket or a device without opening it."""
    _refuse_others(path.stat())
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as file:
        _refuse_others(os.fstat(file.fileno()))  # it may have been exchanged
        return file.read()


def digest(data: bytes) -> str:
    """Return the SHA-256 digest of what a file holds."""
    import hashlib  # not what an answer needs

    return hashlib.sha256(data).hexdigest()


def kind(status: os.stat_result) -> str:
    """Return what a thing in a folder is, in words: "a regular file", "a named pipe"."""
    return _KINDS.get(stat.S_IFMT(status.st_mode), "a device")


def _refuse_others(status: os.stat_result) -> None:
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):  # the system refuses a folder by itself
        raise OSError(errno.EINVAL, f"this is {kind(status)}, not a regular file")


def decode(data: bytes) -> str:
    """Return the text of a file, without byte order mark; raises AdvisedError, with the place, for what is no UTF-8."""
    data = data.removeprefix(BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        line, column = Lines(before).place(len(before))
        message = "the file is not UTF-8 here; save it as UTF-8"
        raise AdvisedError(message, (None, line, column, None, line, column + 1)) from None


def rdf_format(path: Path, text: str) -> RdfFormat:
    """Return the format of a file: what its text looks like, else what its suffix tells, else Turtle.

    Raises AdvisedError for the syntaxes of OWL that are no RDF.
    """
    for start, name in _NO_RDF:
        if re.match(start, text):
            raise AdvisedError(
                f"this is {name}, which is no RDF; save it as Turtle or RDF/XML", (None, 1, 1, None, 1, 2)
            )
    suffix = path.suffix[1:].lower()
    told = _SUFFIXES.get(suffix) or RdfFormat.from_extension(suffix) or RdfFormat.TURTLE
    if re.match(_XML, text):
        return RdfFormat.RDF_XML
    if re.match(_JSON, text):
        return RdfFormat.JSON_LD
    return RdfFormat.TURTLE if told not in _LINES and re.match(_TURTLE, text) else told


def read_text(path: Path) -> str:
    """Return the text of a Turtle or other RDF file; raises InputError when it cannot be read."""
    with errors_in(path):
        return decode(read_bytes(path))


def read_query(path: Path) -> str:
    """Return the text of a query file, its lines ended by line feeds; raises InputError when it cannot be read."""
    with errors_in(path, "a file with a query"):
        return plain_lines(decode(read_bytes(path)))


def plain_lines(text: str) -> str:
    """Return a text with its lines ended by line feeds."""
    return re.sub(_LINE_END, "\n", text)


def parse(text: str, format_: RdfFormat, base: str | None = None) -> Iterator[Quad]:
    """Yield what a text says; raises SyntaxError with place and a message without it, for RDF 1.2 too."""
    refuse_rdf_12(text, format_)
    if format_ == RdfFormat.RDF_XML and (entity := re.search(_NESTED_ENTITY, text)):
        raise AdvisedError("an entity is made of others, which may grow without end; write it out", _at(text, entity))
    try:
        for quad in _parse(text, format_, base_iri=base):
            if isinstance(quad.object, Triple) or (isinstance(quad.object, Literal) and quad.object.direction):
                raise AdvisedError(_IS_RDF_12)
            yield quad
    except MemoryError:
        raise AdvisedError("a text in the file is longer than can be read; shorten it") from None
    except AdvisedError:
        raise
    except SyntaxError as error:
        place = error.args[1] if len(error.args) > 1 else (None,) * 6
        if "remote context" in str(error):
            raise AdvisedError("a remote @context is not fetched; write it into the file", place) from None
        raise SyntaxError(_without_place(error.msg or str(error)), place) from None


def refuse_rdf_12(text: str, format_: RdfFormat) -> None:
    """Raise AdvisedError, with the place, for what RDF 1.2 adds to Turtle and its kin."""
    if format_ in _LINES and any(map(text.lower().__contains__, _HINTS)) and re.search(_HINT, text):
        for token in re.finditer(_RDF_12, text):
            if token["new"]:
                raise AdvisedError(_IS_RDF_12, _at(text, token))


def _at(text: str, found: re.Match[str]) -> tuple[None, int, int, None, int, int]:
    """Return the place of what was found, as SyntaxError holds it."""
    lines = Lines(text)
    return (None, *lines.place(found.start()), None, *lines.place(found.end()))


def read_triples(path: Path, base: str | None = None) -> Iterator[Triple]:
    """Yield the triples of an RDF file, whatever graph they are in; raises InputError with file, line and column.

    Relative IRIs are resolved against `base`; without it they are refused.
    """
    with errors_in(path):
        text = decode(read_bytes(path))
        for quad in parse(text, rdf_format(path, text), base):
            yield quad.triple


@contextmanager
def errors_in(
    path: Path, wanted: str = "a Turtle file that can be read", remedy: str = "correct the Turtle"
) -> Iterator[None]:
    """Turn what goes wrong while a file is read into InputError with file, line and column.

    It says to name what is `wanted`, or of an error of syntax the `remedy`.
    """
    try:
        yield
    except SyntaxError as error:
        place = f":{error.lineno}:{error.offset}" if error.lineno else ""
        message = _without_place(error.msg or str(error))
        advice = "" if isinstance(error, AdvisedError) else f"; {remedy}"
        raise InputError(f"{path}{place}: {message}{advice}") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; name {wanted}") from None
    except MemoryError:
        raise InputError(f"{path}: a text in the file is longer than can be read; shorten it") from None


def _without_place(message: str) -> str:
    """Return a message of the parser without the place in it, which is told beside the name of the file."""
    return re.sub(_ENGINE_PLACE, "", message, count=1)
