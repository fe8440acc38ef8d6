"""Read a file: its bytes as text, the format that its suffix tells, and where in it something is wrong."""

import re
from bisect import bisect_right
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Triple
from pyoxigraph import parse as _parse

from destgraph.errors import InputError

_LINE_END = re.compile(r"\r\n|\n|\r")
_ENGINE_PLACE = re.compile(r"Parser error (?:at|between) [^:]*: ")


class AdvisedError(SyntaxError):
    """What is wrong in a file, with a message that says what to do about it."""


class Lines:
    """The lines of a text: offsets count characters from 0, lines and columns from 1."""

    def __init__(self, text: str) -> None:
        """Take the text without byte order mark."""
        self._length = len(text)
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and column."""
        return min(self._starts[min(line, len(self._starts)) - 1] + column - 1, self._length)


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


def rdf_format(path: Path) -> RdfFormat:
    """Return the format that a file's suffix tells, Turtle for any other suffix."""
    return RdfFormat.from_extension(path.suffix[1:]) or RdfFormat.TURTLE


def read_text(path: Path) -> str:
    """Return the text of a Turtle or other RDF file; raises InputError when it cannot be read."""
    with errors_in(path):
        return decode(path.read_bytes())


def read_query(path: Path) -> str:
    """Return the text of a query file, its lines ended by line feeds; raises InputError when it cannot be read."""
    with errors_in(path, "a file with a query"):
        return plain_lines(decode(path.read_bytes()))


def plain_lines(text: str) -> str:
    """Return a text with its lines ended by line feeds."""
    return _LINE_END.sub("\n", text)


def parse(text: str, format_: RdfFormat, base: str | None = None) -> Iterator[Quad]:
    """Yield what a text says; raises SyntaxError with place and a message without it."""
    try:
        yield from _parse(text, format_, base_iri=base)
    except SyntaxError as error:
        place = error.args[1] if len(error.args) > 1 else (None,) * 6
        if "remote context" in str(error):
            raise AdvisedError("a remote @context is not fetched; write it into the file", place) from None
        raise SyntaxError(_without_place(error.msg or str(error)), place) from None


def read_triples(path: Path) -> Iterator[Triple]:
    """Yield the triples of an RDF file, whatever graph they are in; raises InputError with file, line and column."""
    with errors_in(path):
        for quad in parse(decode(path.read_bytes()), rdf_format(path)):
            yield quad.triple


@contextmanager
def errors_in(path: Path, wanted: str = "a Turtle file that can be read") -> Iterator[None]:
    """Turn what goes wrong while a file is read into InputError with file, line and column, and what is wanted."""
    try:
        yield
    except SyntaxError as error:
        place = f":{error.lineno}:{error.offset}" if error.lineno else ""
        message = _without_place(error.msg or str(error))
        advice = "" if isinstance(error, AdvisedError) else "; correct the Turtle"
        raise InputError(f"{path}{place}: {message}{advice}") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; name {wanted}") from None


def _without_place(message: str) -> str:
    """Return a message of the parser without the place in it, which is told beside the name of the file."""
    return _ENGINE_PLACE.sub("", message, count=1)
