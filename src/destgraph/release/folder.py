"""A release folder that is being filled: of each file is noted what the descriptions tell of it."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pyoxigraph import Triple

from destgraph.export.rdf import turtle_text
from destgraph.release.metadata import File

CHECKSUMS = "SHA256SUMS"
"""The file that tells a release folder from any other."""


class Folder:
    """A folder with the files that were written to it so far."""

    def __init__(self, path: Path) -> None:
        """Take an empty folder."""
        self._path = path
        self.files: list[File] = []

    @contextmanager
    def open(
        self, name: str, title: str, media_type: str, part: str = "", *, compressed: str = ""
    ) -> Iterator[IO[bytes]]:
        """Give a new file to write, which is noted when that is done; see `File`."""
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            yield file
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        self.files.append(File(name, title, media_type, len(data), digest, part, compressed))

    def text(self, name: str, title: str, media_type: str, text: str, part: str = "") -> None:
        """Write a text."""
        with self.open(name, title, media_type, part) as file:
            file.write(text.encode())

    def turtle(self, name: str, title: str, triples: Iterable[Triple], part: str = "") -> None:
        """Write triples as Turtle."""
        self.text(name, title, "text/turtle", turtle_text(triples), part)

    def checksums(self) -> None:
        """Write the SHA-256 of each file, as `sha256sum` reads it."""
        lines = [f"{file.sha256}  {file.name}\n" for file in sorted(self.files, key=lambda file: file.name)]
        (self._path / CHECKSUMS).write_bytes("".join(lines).encode())
