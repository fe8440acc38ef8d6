"""Mechanical corrections put into files: all else in a file stays as it is, byte for byte."""

import difflib
import re
from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from destgraph import files, inputs
from destgraph.errors import InputError
from destgraph.validation.findings import Fix, Report

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class Change:
    """A file with its corrections: what it holds, and what it will hold."""

    file: str
    path: Path
    before: bytes
    after: bytes
    fixes: tuple[Fix, ...]

    def diff(self) -> str:
        """Return the change as a unified diff."""
        before, after = (_LINE.findall(data.decode()) for data in (self.before, self.after))
        lines = difflib.unified_diff(before, after, f"a/{self.file}", f"b/{self.file}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def changes(report: Report, folder: str | PathLike[str] = ".") -> tuple[Change, ...]:
    """Return what the mechanical corrections of a report change; its files are found from the folder of the validation.

    Of corrections that overlap the first counts. Raises InputError for a file that has changed since it was validated,
    and for one of the installed graph.
    """
    fixes: dict[str, set[Fix]] = defaultdict(set)
    for finding in report.findings:
        if finding.fix and finding.fix.mechanical:
            fixes[finding.fix.place.file].add(finding.fix)
    return tuple(_change(file, Path(folder, file), fixes[file], report.digests.get(file)) for file in sorted(fixes))


def write(changed: Sequence[Change]) -> None:
    """Write the files, each in one step, and none before all can be written; raises InputError as `changes` does."""
    with ExitStack() as stack:
        for change in changed:
            stack.enter_context(files.replacing(change.path)).write(change.after)
        for change in changed:
            if inputs.read_bytes(change.path) != change.before:
                raise _changed(change.file)


def _change(file: str, path: Path, fixes: Iterable[Fix], digest: str | None) -> Change:
    if path.resolve().is_relative_to(Path(files.__file__).resolve().parent):
        raise InputError(f"{file}: belongs to the installed graph, which is not corrected; work on a copy")
    with inputs.errors_in(path):
        before = inputs.read_bytes(path)
        text = inputs.decode(before)
    if inputs.digest(before) != digest:
        raise _changed(file)
    lines = inputs.Lines(text)
    written: list[str] = []
    applied = []
    end = 0
    for fix in sorted(fixes, key=lambda fix: (fix.place, fix.text)):
        start, stop = _span(fix, lines)
        if start >= end:
            written += [text[end:start], fix.text]
            applied.append(fix)
            end = stop
    after = "".join([*written, text[end:]]).encode()
    return Change(file, path, before, (BOM_UTF8 if before.startswith(BOM_UTF8) else b"") + after, tuple(applied))


def _span(fix: Fix, lines: inputs.Lines) -> tuple[int, int]:
    place = fix.place
    return lines.offset(place.line, place.column), lines.offset(place.end_line, place.end_column)


def _changed(file: str) -> InputError:
    return InputError(f"{file}: has changed since it was validated; validate it again")
