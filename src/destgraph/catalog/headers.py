"""The header of a query file: the `#+` lines that say, in YAML of mappings and text, what the query is for.

Strict: what is not read as YAML reads it is a fault with its line, and nothing is passed over. Lists, other values than
text, and text in blocks are left out of YAML on purpose, so that a header reads the same for everybody.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from destgraph.wording import suggestion

_LINE_END = re.compile(r"\r\n|\n|\r")
_KEY = re.compile(r"([\w-]+):(?:[ ]+(\S.*)|[ ]*)$")
_SINGLE_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_INDICATORS = "[]{}&*!|>%@`#,"
_QUOTE_IT = "put the text in double quotes"


class Fault(NamedTuple):
    """What is wrong in a file, with the line, counted from 1, and what to do."""

    line: int
    message: str


class Field(NamedTuple):
    """What stands at a key: a text, or `fields` below it; `line` is that of the key."""

    line: int
    text: str = ""
    fields: Mapping[str, "Field"] = MappingProxyType({})


class _Line(NamedTuple):
    number: int
    indent: int
    text: str


def read(query: str) -> tuple[Field, list[Fault]]:
    """Return the header of a query file as a field without text, its line the last of the header, and its faults."""
    lines, faults = _lines(_LINE_END.split(query))
    found = _mapping(lines, faults)
    return Field(lines[-1].number if lines else 1, fields=found), faults


def wrong_fields(
    given: Field,
    what: str,
    needed: Collection[str],
    optional: Collection[str] = (),
    *,
    mappings: Collection[str] = (),
    whole: bool = True,
) -> list[Fault]:
    """Return what is wrong with the fields of a header, or of a part of it that is called `what`.

    `mappings` are the names of those that hold fields, where the others hold text; `whole` tells whether all fields
    could be read, so that one that is not there is missing.
    """
    known = [*needed, *optional]
    faults = []
    for name, part in given.fields.items():
        if name not in known:
            faults.append(Fault(part.line, f"{what} has no field {name}; {suggestion(name, known)}"))
        elif bool(part.fields) != (name in mappings):
            holds = "fields, indented below it" if name in mappings else "a text, after the colon"
            faults.append(Fault(part.line, f"{name} holds {holds}; write it so"))
    missing = [name for name in needed if name not in given.fields]
    if missing and whole:
        faults.append(Fault(given.line, f"{what} lacks {', '.join(missing)}; add a line '#+ {missing[0]}: ...'"))
    return faults


def _lines(written: Sequence[str]) -> tuple[list[_Line], list[Fault]]:
    """Return the lines of the header without their mark, and the faults of those that cannot be read."""
    lines: list[_Line] = []
    faults = []
    in_query = False
    for number, line in enumerate(written, start=1):
        mark, text = line.lstrip()[:2], line[3:].rstrip()
        if mark != "#+":
            in_query = in_query or (not line.lstrip().startswith("#") and bool(line.strip()))
        elif in_query:
            faults.append(Fault(number, "the header ends where the query begins; move this line up"))
        elif not line.startswith("#+"):
            faults.append(Fault(number, "blanks stand before #+; take them away"))
        elif not text:
            faults.append(Fault(number, "this line of the header is empty; take it away"))
        elif line[2] != " ":
            faults.append(Fault(number, "no blank stands after #+; add one"))
        elif "\t" in text:
            faults.append(Fault(number, "the header holds a tab; write blanks"))
        else:
            lines.append(_Line(number, len(text) - len(text.lstrip()), text.strip()))
    return lines, faults


def _mapping(lines: Sequence[_Line], faults: list[Fault]) -> dict[str, Field]:
    """Return the fields of lines that belong together; the first tells how far a field is indented."""
    fields: dict[str, Field] = {}
    start = 0
    while start < len(lines):
        line = lines[start]
        end = start + 1
        while end < len(lines) and lines[end].indent > line.indent:
            end += 1
        below = lines[start + 1 : end]
        start = end
        key = _KEY.match(line.text)
        if line.indent != lines[0].indent:
            faults.append(Fault(line.number, "the line is indented as no field above it is; move it"))
        elif key is None:
            wanted = "write 'name: text', or indent the line when it goes on from the one above"
            faults.append(Fault(line.number, f"{_shown(line.text)} is no field; {wanted}"))
        elif key[1] in fields:
            faults.append(Fault(line.number, f"{key[1]} stands twice; leave out one of them"))
        elif read := _field(line, key[1], key[2] or "", below, faults):
            fields[key[1]] = read
    return fields


def _field(line: _Line, name: str, text: str, below: Sequence[_Line], faults: list[Fault]) -> Field | None:
    """Return what stands at a key: text beside it and in the lines below, or the fields there."""
    if not text and not below:
        faults.append(Fault(line.number, f"{name} is empty; write something after the colon, or leave it out"))
        return None
    if not text and _KEY.match(below[0].text):
        fields = _mapping(below, faults)
        return Field(line.number, fields=fields) if fields else None
    parts = [_Line(line.number, 0, text)] if text else []
    return _text(line.number, [*parts, *below], faults)


def _text(number: int, parts: Sequence[_Line], faults: list[Fault]) -> Field | None:
    """Return a text that may go on over several lines, without the quotes around it."""
    whole = " ".join(part.text for part in parts)
    if whole.startswith('"'):
        import json  # few headers need it, and each question asked pays for an import

        try:
            return Field(number, json.loads(whole))
        except ValueError:
            faults.append(Fault(number, "the double quotes do not hold one text as JSON writes it; correct them"))
            return None
    if whole.startswith("'"):
        if quoted := _SINGLE_QUOTED.fullmatch(whole):
            return Field(number, quoted[1].replace("''", "'"))
        faults.append(Fault(number, "the single quotes do not hold one text; correct them"))
        return None
    if wrong := next(filter(None, map(_wrong_in_plain_text, parts)), None) or _wrong_start(parts[0]):
        faults.append(wrong)
        return None
    return Field(number, whole)


def _wrong_start(first: _Line) -> Fault | None:
    """Return what is wrong with the beginning of a text without quotes."""
    text = first.text
    if text == "-" or text.startswith("- "):
        return Fault(first.number, "a list is not read here; write one text after the colon")
    if text[0] in _INDICATORS or text[:2] in ("? ", ": ") or text in ("?", ":"):
        return Fault(first.number, f"a text cannot begin with {text[0]}; {_QUOTE_IT}")
    return None


def _wrong_in_plain_text(part: _Line) -> Fault | None:
    """Return what would not be text in a line of text without quotes."""
    if ": " in part.text or part.text.endswith(":"):
        return Fault(part.number, f"a colon in {_shown(part.text)} would begin another field; {_QUOTE_IT}")
    if " #" in part.text or part.text.startswith("#"):
        return Fault(part.number, f"what follows # in {_shown(part.text)} would be a comment; {_QUOTE_IT}")
    return None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
