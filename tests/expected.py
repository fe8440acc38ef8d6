"""Files that hold what tests expect; `pytest --update` writes them anew, for a look at the difference."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

Row = tuple[str, ...]

ADVICE = "out of date; pytest --update writes it anew"
"""What a test says where it got something else."""


@dataclass(frozen=True)
class Expected:
    """The expected files; `update` tells to write them."""

    update: bool

    def text(self, path: Path, new: str) -> str:
        """Return what a file holds; where files are to be written, that is `new`."""
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(new, encoding="utf-8", newline="")
        assert path.is_file(), f"{path} is missing; pytest --update writes it"
        return path.read_text(encoding="utf-8")

    def part(self, path: Path, pattern: str, new: str) -> str:
        """Return a part of a file: the first group of the one match of a pattern over several lines."""
        text = path.read_text(encoding="utf-8")
        found = [*re.finditer(pattern, text, re.MULTILINE | re.DOTALL)]
        assert len(found) == 1, f"{path} has {len(found)} places for {pattern}"
        start, end = found[0].span(1)
        if self.update:
            path.write_text(f"{text[:start]}{new}{text[end:]}", encoding="utf-8", newline="")
            return new
        return text[start:end]

    def table(self, path: Path, columns: Sequence[str], rows: Iterable[Row]) -> list[Row]:
        """Return the rows of a CSV file, which has to have these columns."""
        new = [tuple(columns), *rows]
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(new)
        assert path.is_file(), f"{path} is missing; pytest --update writes it"
        with path.open(encoding="utf-8", newline="") as file:
            head, *old = map(tuple, csv.reader(file))
        assert head == tuple(columns), f"{path}: {ADVICE}"
        return old


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option by which the files are written."""
    parser.addoption("--update", action="store_true", help="write expected files instead of comparing with them")


@pytest.fixture(scope="session")
def expected_files(request: pytest.FixtureRequest) -> Expected:
    """The files that hold what tests expect."""
    return Expected(update=request.config.getoption("--update"))
