"""What goes to standard output and standard error: nothing that steers a terminal, and in a file values as they are."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import click

from destgraph import inputs
from destgraph.wording import message, visible_lines


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
    text = visible_lines(text)
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
