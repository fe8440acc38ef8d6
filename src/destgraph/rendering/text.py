"""Results as text for people."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatch
from types import MappingProxyType

from destgraph.catalog.description import Description
from destgraph.catalog.explanation import Evidence, Explanation, TypeReading
from destgraph.catalog.questions import Question, Questions
from destgraph.rendering import tables
from destgraph.results import Solutions, Triples
from destgraph.vocabulary import shorten
from destgraph.wording import JOINERS, count, visible, visible_lines, wrapped

SHOWN = 100
"""How many rows are shown."""

SHOWN_VALUES = 12
"""How many values of a parameter are shown."""


@singledispatch
def text(result: object) -> str:
    """Return a result as text; raises TypeError for what is no result of this package."""
    raise TypeError(f"{type(result).__name__} is no result that can be shown")


@text.register
def _solutions(answer: Solutions) -> str:
    first = answer[:SHOWN]
    rest = f"first {SHOWN} of " if len(answer) > SHOWN else ""
    return "\n".join([tables.table(first), f"{rest}{count(len(answer), 'row')}", *answer.notes])


@text.register
def _triples(answer: Triples) -> str:
    return visible_lines(answer.to_turtle(escaped=True))


@text.register
def _questions(asked: Questions) -> str:
    wide = max(map(len, asked), default=0)
    return _lines([f"{name:<{wide}}  {question.summary}" for name, question in asked.items()])


@text.register
def question(asked: Question, values: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    """Return what one question takes and gives, with an example; `values` has what may be given for parameters."""
    lines = [f"{asked.name}: {asked.summary}", "", *wrapped(asked.description, tables.WIDTH)]
    if asked.parameters:
        lines += ["", "Parameters"]
        for p in asked.parameters:
            need = "" if p.required else ", optional"
            lines += _wrapped(f"{p.name} ({p.takes}{need}): ", p.description, tables.WIDTH)
            if known := values.get(p.name):
                more = f" and {len(known) - SHOWN_VALUES} more:" if len(known) > SHOWN_VALUES else ""
                some = wrapped(f"values: {', '.join(known[:SHOWN_VALUES])}{more}", tables.WIDTH - 4)
                lines += [f"    {line}" for line in some]
                lines += [f"    destgraph ask {asked.name} --values {p.name}"] if more else []
    lines += ["", "Columns"]
    for name, holds in asked.columns.items():
        lines += _wrapped(f"{name}: ", holds, tables.WIDTH)
    lines += ["", "Example"]
    given = [f"{p.name}={p.example}" for p in asked.parameters]
    quoted = " ".join(f"'{value}'" if " " in value else value for value in given)
    return _lines([*lines, f"  destgraph ask {asked.name} {quoted}".rstrip()])


@text.register
def explanation(told: Explanation) -> str:
    """Return an explanation, a type after the other, indented by what rests on what."""
    lines = [f"{told.name}  {shorten(told.destination)}"]
    for reading in told.types:
        lines += ["", *_type(reading)]
    if told.note:
        lines += ["", f"note: {told.note}"]
    return _lines(lines)


@text.register
def description(thing: Description, width: int = 100) -> str:
    """Return a description, one property a line; long lists of mentions are cut with their number."""
    lines = [f"{thing.name}  {shorten(thing.iri)}"]
    for name, values in thing.facts:
        if len(values) > 1 and any(", " in value for value in values):
            lines += [f"  {name}:", *(line for value in values for line in _wrapped("  - ", value, width))]
        else:
            lines += _wrapped(f"{name}: ", "; ".join(values), width)
    for name, values in thing.mentions:
        shown = "; ".join(values[:12]) + (f"; and {len(values) - 12} more" if len(values) > 12 else "")
        lines += _wrapped(f"{name} of {len(values)}: ", shown, width)
    return _lines(lines)


def _lines(lines: Iterable[str]) -> str:
    """Return lines as one text; what breaks one of them comes from the data, and is made visible."""
    return "\n".join(visible(line, JOINERS) for line in lines)


def _type(reading: TypeReading) -> list[str]:
    lines = [f"{reading.label}: {reading.basis}"]
    if reading.documented:
        lines += _evidence("  documented", reading.evidence)
    if reading.disjoint:
        lines.append(f"  excluded: it is of type {reading.disjoint}, and nothing is both")
    for pattern in reading.readings:
        lines.append(f"  {shorten(pattern.pattern)} {'holds' if pattern.holds else 'does not hold'}")
        for finding in pattern.findings:
            reason = "" if finding.state == "holds" else f" ({finding.reason})"
            lines += _evidence(f"    {finding.label}: {finding.state}{reason}", finding.evidence)
    if reading.above and reading.holds:
        lines.append(f"  and so: {', '.join(reading.above)}")
    return lines


def _evidence(claim: str, evidence: Evidence) -> list[str]:
    indent = " " * (len(claim) - len(claim.lstrip()) + 2)
    return [claim, *([indent + evidence.section] if evidence.section else []), *(indent + p for p in evidence.pages)]


def _wrapped(start: str, rest: str, width: int) -> list[str]:
    wrapper = textwrap.TextWrapper(
        width, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False, break_long_words=False
    )
    return wrapper.wrap(start + visible(" ".join(rest.split()), JOINERS))
