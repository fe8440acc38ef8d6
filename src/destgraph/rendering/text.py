"""Explanations and descriptions as text for people."""

import textwrap

from destgraph.catalog.description import Description
from destgraph.catalog.explanation import Evidence, Explanation, TypeReading
from destgraph.vocabulary import shorten


def explanation(told: Explanation) -> str:
    """Return an explanation, a type after the other, indented by what rests on what."""
    lines = [f"{told.name}  {shorten(told.destination)}"]
    for reading in told.types:
        lines += ["", *_type(reading)]
    if told.note:
        lines += ["", f"note: {told.note}"]
    return "\n".join(lines)


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
    return "\n".join(lines)


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


def _wrapped(start: str, text: str, width: int) -> list[str]:
    wrapper = textwrap.TextWrapper(
        width, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False, break_long_words=False
    )
    return wrapper.wrap(start + text)
