"""A report for people, file by file."""

from collections.abc import Callable, Iterator

from destgraph.validation.findings import Finding, Place, Report
from destgraph.validation.reports.common import line, summary
from destgraph.wording import display_width, visible

_CONTEXT = 100
"""How many characters of a line are shown with a mark below."""


def to_text(report: Report, notes: bool = False, source: Callable[[Place], str | None] | None = None) -> str:
    """Return a report for people: what was validated, errors and warnings file by file, and a line that sums up.

    `notes` lists the notes too. `source` gives the line of a file at a place, or None; the line is then shown with
    a mark under the place.
    """
    blocks = [[f"Validated {visible(report.scope)}"]]
    shown = [f for f in report.findings if notes or f.severity != "note"]
    for previous, finding in zip([None, *shown], shown, strict=False):
        if previous is None or previous.place.file != finding.place.file:
            blocks.append([])
        blocks[-1] += [line(finding), *_details(finding, source and source(finding.place))]
    return "\n\n".join("\n".join(block) for block in [*blocks, [summary(report, notes)]]) + "\n"


def _details(finding: Finding, shown: str | None) -> Iterator[str]:
    """Give what follows the line of a finding: the line of the file, or the statement, and the correction."""
    if shown is not None:
        place = finding.place
        start = max(0, place.column - 1 - _CONTEXT // 2)
        cut = "".join(letter if letter.isprintable() else " " for letter in shown[start : start + _CONTEXT])
        left, right = cut[: place.column - 1 - start], cut[place.column - 1 - start :].rstrip()
        marked = right[: place.end_column - place.column] if place.end_line == place.line else right
        gutter = f"{place.line:>5} | "
        yield f"{gutter}{left}{right}"
        yield " " * (len(gutter) + display_width(left)) + "^" * max(display_width(marked), 1)
    elif statement := " ".join(filter(None, dict.fromkeys((finding.entity, finding.property, finding.value)))):
        yield f"    {visible(statement)}"
    if finding.fix:
        yield f"    fix: {visible(finding.fix.description)}"
    if finding.suggestion:
        yield "    add: " + "\n         ".join(map(visible, finding.suggestion.splitlines()))
    if finding.elsewhere:
        yield f"    also at: {visible(', '.join(map(_at, finding.elsewhere)))}"
    if finding.also:
        yield f"    seen by: {visible(', '.join(finding.also))}"


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}:{place.column}" if place.line else place.file
