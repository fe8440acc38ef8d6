"""Answers as text tables, for a terminal and for Markdown.

A table says everything, in few columns: the name comes first, texts are wrapped, what is the same in every row is told
once, above, and an id is never broken: where there is no room for a column of ids they stand below the names.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from destgraph.results import Solutions, Term
from destgraph.vocabulary import iri
from destgraph.wording import display_width, markdown_escaped, readable, visible, wrapped

WIDTH = 80
"""How wide a table is where nothing is known of what shows it."""

HEAD, ASIDE = "head", "aside"
"""The styles of lines: the names of the columns, and what is told besides; other lines have none."""

COPIED = "command"
"""The column of what is there to be typed again."""

Line = tuple[str, str]
"""A style, empty for none, and the text of a line."""

_GAP = 2
_LEAST, _LEAST_FIRST = 10, 16  # columns of the terminal below which texts, and names, are hard to read
_LOOKED_AT = 50  # rows that decide on widths
_INDENT = "  "
_ADDRESS = re.compile(r"https?://[^\s;]+")
_NUMBERS = {iri(f"xsd:{name}") for name in ("integer", "decimal", "double", "float")}


class _Column(NamedTuple):
    """A column of cells; what is `whole` is not wrapped, numbers stand right."""

    name: str
    cells: Sequence[str]
    whole: bool
    right: bool

    @property
    def natural(self) -> int:
        """How wide it is without wrapping."""
        return max(map(display_width, (self.name, *self.cells)))

    def head(self, width: int) -> list[str]:
        """Return the name in lines of some width, broken after underscores."""
        if display_width(self.name) <= width:
            return [self.name]
        return [line.replace("_ ", "_") for line in wrapped(self.name.replace("_", "_ "), width)]

    def lines(self, row: int, width: int, is_first: bool) -> list[str]:
        """Return a cell in lines of some width; those of a name are indented after the first, and broken at hyphens."""
        return wrapped(self.cells[row], width, _INDENT if is_first else "", hyphens=is_first)

    def least(self, is_first: bool) -> int:
        """Return how wide it is at least."""
        if self.whole:
            return self.natural
        words = [word for cell in self.cells for word in (cell.replace("-", "- ") if is_first else cell).split()]
        least = max(map(display_width, (*re.split(r"[_ ]", self.name), *words)))
        least += max(len(_INDENT) * is_first, "_" in self.name)
        return min(self.natural, max(_LEAST_FIRST if is_first else _LEAST, least))


def table(answer: Solutions, width: int | None = WIDTH) -> str:
    """Return the rows as aligned columns in lines of at most `width`, else as long as they are; see `lines`."""
    return "\n".join(line for _, line in lines(answer, width))


def lines(answer: Solutions, width: int | None = WIDTH, *, vertical: bool = False) -> list[Line]:
    """Return the rows as the lines of a table, or with `vertical` as one block of lines each.

    No line is longer than `width`, if given, but for one that holds an id or an address: where the rows are too long
    for one line each, addresses are numbered, and stand below the table. Without `width` each row is one line.
    """
    columns = _columns(answer)
    if vertical:
        return _blocks(columns, width)
    if width is None or not answer:
        return _aligned(columns, [column.natural for column in columns])
    above = [column for column in columns[1:] if len(answer) > 1 and len({*column.cells}) == 1]
    beside = [column for column in columns if column not in above]
    if _natural(beside) <= width:
        return [*_told(above, width), *_aligned(beside, [column.natural for column in beside])]
    addresses: dict[str, int] = {}
    numbered = _numbered(above, addresses)
    fitted = _fitted(_numbered(beside, addresses), width) if len(answer) > 1 else []
    if not fitted:
        return [*_told(above, width), *_blocks(beside, width)]
    below = [(ASIDE, f"[{number}] {address}") for address, number in addresses.items()]
    return [*_told(numbered, width), *fitted, *below]


def markdown(answer: Solutions) -> str:
    """Return the rows as a Markdown table."""
    titles = [answer.titles.get(name, name) for name in answer.columns]
    rows = [[markdown_escaped(visible(title)) for title in titles], ["---"] * len(answer.columns)]
    rows += [[markdown_escaped(readable(term)) for term in terms] for terms in answer.terms]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def in_order(columns: Sequence[str]) -> list[int]:
    """Return the places of the columns in the order that people read them: the name first."""
    return sorted(range(len(columns)), key=lambda place: columns[place] != "name")


def shown(term: Term, column: str) -> str:
    """Return a term as text for people; the id of a thing of the kind that its column is named after has no prefix."""
    return readable(term).removeprefix(f"{column}:")


def are_numbers(terms: Sequence[Term]) -> bool:
    """Tell whether all terms that are bound are numbers, and there are any."""
    bound = [term for term in terms if term is not None]
    return bool(bound) and all(isinstance(term, Literal) and term.datatype in _NUMBERS for term in bound)


def _columns(answer: Solutions) -> list[_Column]:
    """Return the columns, the name first."""
    columns = []
    for number in in_order(answer.columns):
        name, terms = answer.columns[number], [row[number] for row in answer.terms]
        cells = [shown(term, name) for term in terms]
        bound = [term for term in terms if term is not None]
        is_id = (
            bool(bound) and all(isinstance(term, NamedNode) for term in bound) and not any(map(_ADDRESS.match, cells))
        )
        title = answer.titles.get(name, name)
        columns.append(_Column(visible(title), cells, is_id or name == COPIED, are_numbers(terms)))
    return columns


def _numbered(columns: Sequence[_Column], addresses: dict[str, int]) -> list[_Column]:
    """Return the columns with numbers in place of addresses; `addresses` has these, and gets new ones, row by row."""

    def numbered(found: re.Match[str]) -> str:
        return f"[{addresses.setdefault(found[0], len(addresses) + 1)}]"

    rows = [
        [cell if column.whole else _ADDRESS.sub(numbered, cell) for column, cell in zip(columns, row, strict=True)]
        for row in zip(*(column.cells for column in columns), strict=True)
    ]
    return [column._replace(cells=cells) for column, cells in zip(columns, zip(*rows, strict=True), strict=True)]


def _natural(columns: Sequence[_Column]) -> int:
    return sum(column.natural for column in columns) + _GAP * (len(columns) - 1)


def _fitted(columns: Sequence[_Column], width: int) -> list[Line]:
    """Return a table in lines of at most `width`, or nothing where it has too many columns for that.

    What is whole stands beside the texts or below them, whichever takes fewer lines.
    """
    texts = [column for column in columns if not column.whole]
    ids = [column for column in columns if column.whole]
    tables = [
        _aligned(beside, widths, below, width)
        for beside, below in ((columns, ()), (texts, ids))
        if beside and (widths := _widths(beside, width))
    ]
    return min(tables, key=len, default=[])


def _widths(columns: Sequence[_Column], width: int) -> list[int]:
    """Return how wide the columns are so that all fit; nothing when they cannot fit.

    Step by step that column gives way which then makes the first rows least taller, of several the widest.
    """
    room = width - _GAP * (len(columns) - 1)
    least = [column.least(number == 0) for number, column in enumerate(columns)]
    if sum(least) > room:
        return []
    widths = [min(column.natural, room) for column in columns]
    sizes = [[*map(display_width, column.cells[:_LOOKED_AT])] for column in columns]

    def height(narrowed: int) -> tuple[int, int]:
        wide = [w - (number == narrowed) for number, w in enumerate(widths)]
        return sum(
            max(-(-size // w) for size, w in zip(row, wide, strict=True)) for row in zip(*sizes, strict=True)
        ), -widths[narrowed]

    while sum(widths) > room:
        widths[min((n for n, w in enumerate(widths) if w > least[n]), key=height)] -= 1
    return widths


def _aligned(
    columns: Sequence[_Column], widths: Sequence[int], ids: Sequence[_Column] = (), width: int = WIDTH
) -> list[Line]:
    """Return columns beside each other, and below what is in the first one the ids."""
    first = widths[0] if widths else 0
    names = [column.head(wide) for column, wide in zip(columns, widths, strict=True)]
    lines = [
        (HEAD, line) for line in _row(names, columns, widths, _below([column.name for column in ids], first, width))
    ]
    lines.append(("", "  ".join("-" * wide for wide in widths)))
    for row in range(len(columns[0].cells) if columns else 0):
        parts = [
            [column.cells[row]] if column.whole else column.lines(row, wide, is_first=number == 0)
            for number, (column, wide) in enumerate(zip(columns, widths, strict=True))
        ]
        below = _below([column.cells[row] for column in ids], first, width)
        lines += [("", line) for line in _row(parts, columns, widths, below)]
    return lines


def _row(parts: Sequence[list[str]], columns: Sequence[_Column], widths: Sequence[int], below: list[str]) -> list[str]:
    """Return the lines of one row, of which `below` has those that go into the first column if there is room."""
    if below and max(map(display_width, below)) <= widths[0]:
        parts, below = [[*parts[0], *below], *parts[1:]], []
    lines = []
    for line in range(max(map(len, parts), default=0)):
        texts = [part[line] if line < len(part) else "" for part in parts]
        padded = [_padded(text, wide, c.right) for text, wide, c in zip(texts, widths, columns, strict=True)]
        lines.append((" " * _GAP).join(padded).rstrip())
    return lines + below


def _below(cells: Sequence[str], first: int, width: int) -> list[str]:
    """Return what stands below a name: a line each where they fit into the first column, else one line if it fits."""
    each = [_INDENT + cell for cell in cells if cell]
    if each and max(map(display_width, each)) > first and display_width("".join(each)) <= width:
        return ["".join(each)]
    return each


def _blocks(columns: Sequence[_Column], width: int | None) -> list[Line]:
    """Return each row as lines of a name and its value, which is left out where it is empty."""
    wide = max((display_width(column.name) for column in columns), default=0)
    lines: list[Line] = []
    for row in range(len(columns[0].cells) if columns else 0):
        lines += [("", "")] if row else []
        for column in columns:
            if cell := column.cells[row]:
                room = None if column.whole or width is None else width - wide - _GAP
                first, *others = [cell] if room is None else wrapped(cell, room)
                lines.append(("", f"{_padded(column.name, wide)}{' ' * _GAP}{first}"))
                lines += [("", f"{' ' * (wide + _GAP)}{other}") for other in others]
    return lines


def _told(columns: Sequence[_Column], width: int) -> Iterator[Line]:
    """Yield the lines of what is the same in every row."""
    for column in columns:
        for line in wrapped(f"{column.name}: {column.cells[0] or '(empty)'}", width, _INDENT):
            yield ASIDE, line


def _padded(text: str, width: int, right: bool = False) -> str:
    blanks = " " * (width - display_width(text))
    return blanks + text if right else text + blanks
