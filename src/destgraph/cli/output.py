"""What goes to standard output and standard error: nothing that steers a terminal, and in a file values as they are."""

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import click

from destgraph import inputs
from destgraph.wording import message, visible_lines

Line = tuple[str, str]
"""A style, empty for none, and the text of a line."""

_STYLES = {"head": "\x1b[1m", "aside": "\x1b[2m"}  # bold, faint
_PLAIN = "\x1b[m"


def prepare() -> None:
    """Make standard output and standard error such that what is written to them is written, or is an OSError."""
    if sys.stdout is None:  # closed: its number must not go to the next file that is opened
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    warnings.showwarning = lambda said, *_: tell(f"destgraph: {said}")


def abandon() -> None:
    """Let what is still to be written go nowhere, so that the end of the program does not fail over it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(said: str) -> None:
    """Say something on standard error, in one line."""
    with suppress(OSError):  # there is nowhere left to say that this cannot be said
        click.echo(message(said), err=True)


def write(text: str) -> None:
    """Write a text for people; letters that standard output cannot hold are written as escapes, and that is told."""
    _write(visible_lines(text))


def write_lines(lines: Sequence[Line]) -> None:
    """Write lines for people like `write`, in their styles where standard output is a terminal that shows any."""
    styled = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in (None, "dumb")
    shown = ((style if styled else "", visible_lines(text)) for style, text in lines)
    _write("".join(f"{_STYLES[style]}{text}{_PLAIN}\n" if style else f"{text}\n" for style, text in shown))


def plain(lines: Sequence[Line]) -> str:
    """Return lines as one text without styles."""
    return "".join(f"{text}\n" for _, text in lines)


def _write(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    data = text.encode(encoding, "backslashreplace")
    with data_output() as file:
        file.write(data)
    if data.decode(encoding) != text:
        tell(f"destgraph: {encoding} lacks some letters, which are escaped; set PYTHONIOENCODING=utf-8 to have them")


def write_data(text: str) -> None:
    """Write a text for programs, as UTF-8 whatever the encoding of standard output."""
    if sys.stdout.isatty():
        text = visible_lines(text.replace("\r\n", "\n"))
    with data_output() as file:
        file.write(text.encode("utf-8", "backslashreplace"))


@contextmanager
def data_output() -> Iterator[BinaryIO]:
    """Give standard output for bytes."""
    sys.stdout.flush()
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


def query_input() -> str:
    """Return the text on standard input; raises InputError for what is no UTF-8."""
    with inputs.errors_in(Path("standard input"), "a query"):
        return inputs.plain_lines(inputs.decode(b"" if sys.stdin is None else sys.stdin.buffer.read()))
