"""Where everything of a small directed graph is drawn, as SVG."""

import html
import textwrap
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from destgraph.xml_text import NOT_XML

if TYPE_CHECKING:
    from destgraph.diagram import Picture

_FONT, _SMALL = 13, 12  # pixels; nothing is smaller, and nothing is scaled down
_LETTER, _LINE, _PADDING = 7.0, 17.0, 12.0
_GAP, _ROW_GAP, _MARGIN = 32.0, 14.0, 12.0
_WRAPS = (38, 30, 24, 18, 15)  # letters in a line: the first at which the picture is not too wide
_WIDE = 840  # as a cell of a notebook
_COLOURS = {"holds": "#15803d", "contradicted": "#dc2626", "not documented": "#b45309"}

# A node, or a place where an edge passes a column between its ends.
_Place = str | tuple[str, str, int]


def svg(picture: "Picture") -> str:
    """Return a picture as an SVG document that needs no other file; raises ValueError for a graph with a cycle."""
    drawing = _Drawing(picture, _WRAPS[0])
    for wrap in _WRAPS[1:]:
        if drawing.width > _WIDE:
            drawing = _Drawing(picture, wrap)
    return drawing.svg()


class _Drawing:
    """Where everything is: nodes in columns, each right of all that lead to it, rows ordered for few crossings."""

    def __init__(self, picture: "Picture", wrap: int) -> None:
        self.picture = picture
        self.wrap = wrap
        self.lines = {node: _lines(picture.labels.get(node, node), wrap) for node in picture.nodes}
        columns: list[list[_Place]] = [[*nodes] for nodes in _columns(picture)]
        self.routes = _routes(picture, columns)
        self.column = {place: number for number, places in enumerate(columns) for place in places}
        self.middle = self._rows(columns)
        self.widths = [self._wide(places) for places in columns]
        self.lefts = self._lefts()
        self.width = (self.lefts[-1] + self.widths[-1] if columns else 0.0) + _MARGIN
        self.height = max((y + self._tall(place) / 2 for place, y in self.middle.items()), default=0) + _MARGIN

    def _tall(self, place: _Place) -> float:
        return len(self.lines[place]) * _LINE + _PADDING if isinstance(place, str) else 2.0

    def _wide(self, places: Sequence[_Place]) -> float:
        """Return how wide a column is."""
        widths = [_width(line) for place in places if isinstance(place, str) for line in self.lines[place]]
        return max(widths, default=0) * _LETTER + 2 * _PADDING

    def _lefts(self) -> list[float]:
        """Return where each column begins, with room before it for the labels of the edges that end there."""
        rooms = [0.0] * len(self.widths)
        for (_, end), label in self.picture.edges.items():
            rooms[self.column[end]] = max(rooms[self.column[end]], _label_width(label))
        lefts: list[float] = []
        right = _MARGIN - _GAP
        for wide, room in zip(self.widths, rooms, strict=True):
            lefts.append(right + _GAP + room)
            right = lefts[-1] + wide
        return lefts

    def _rows(self, columns: list[list[_Place]]) -> dict[_Place, float]:
        """Move each place towards the mean of its neighbours, now on the one side and now on the other."""
        left: dict[_Place, list[_Place]] = defaultdict(list)
        right: dict[_Place, list[_Place]] = defaultdict(list)
        for route in self.routes.values():
            for start, end in pairwise(route):
                left[end].append(start)
                right[start].append(end)
        middle: dict[_Place, float] = {}
        for places in columns:
            middle.update(_spread([(place, 0.0, self._tall(place)) for place in places]))
        for _ in range(8):
            for places in columns[1:]:
                self._settle(places, left, middle)
            for places in columns[-2::-1]:
                self._settle(places, right, middle)
        top = min((middle[place] - self._tall(place) / 2 for place in middle), default=0.0)
        return {place: y - top + _MARGIN for place, y in middle.items()}

    def _settle(
        self, places: list[_Place], neighbours: Mapping[_Place, Sequence[_Place]], middle: dict[_Place, float]
    ) -> None:
        """Order the places of a column by the mean of their neighbours, and move them there as near as can be."""
        wishes = {place: middle[place] for place in places}
        for place in places:
            if near := neighbours.get(place):
                wishes[place] = sum(middle[other] for other in near) / len(near)
        places.sort(key=wishes.__getitem__)
        middle.update(_spread([(place, wishes[place], self._tall(place)) for place in places]))

    def svg(self) -> str:
        picture = self.picture
        role = "group" if picture.links else "img"
        size = f"{self.width:.0f}", f"{self.height:.0f}"
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}"'
            f' viewBox="0 0 {size[0]} {size[1]}" role="{role}"'
            f' font-family="system-ui, sans-serif" font-size="{_FONT}">',
            f"<title>{_escaped(picture.title or 'directed graph')}</title>",
        ]
        entering: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for start, end in picture.edges:
            entering[end].append((start, end))
        for end, edges in entering.items():
            edges.sort(key=lambda edge: self.middle[self.routes[edge][-2]])
            step = min(18.0, self._tall(end) / len(edges))
            for number, edge in enumerate(edges):
                parts += self._edge(edge, self.middle[end] + (number - (len(edges) - 1) / 2) * step)
        for node in picture.nodes:
            parts += self._node(node)
        return "\n".join([*parts, "</svg>\n"])

    def _edge(self, edge: tuple[str, str], y: float) -> list[str]:
        label = self.picture.edges[edge]
        colour = _COLOURS.get(label, "#64748b")
        dash = ' stroke-dasharray="5 3"' if label == "not documented" else ""
        route = self.routes[edge]
        path = ""
        for start, end in pairwise(route):
            x1, y1 = self.lefts[self.column[start]] + self.widths[self.column[start]], self.middle[start]
            x2, y2 = self.lefts[self.column[end]], y if end == route[-1] else self.middle[end]
            bend = (x1 + x2 - self._room(end)) / 2
            path += f"M{x1:.1f},{y1:.1f}" if not path else f"H{x1:.1f}"
            path += f"C{bend:.1f},{y1:.1f} {bend:.1f},{y2:.1f} {x2 - self._room(end):.1f},{y2:.1f}H{x2:.1f}"
        tip = self.lefts[self.column[edge[1]]]
        parts = [
            f'<path d="{path}M{tip - 6:.1f},{y - 3.5:.1f}L{tip:.1f},{y:.1f}L{tip - 6:.1f},{y + 3.5:.1f}" fill="none"'
            f' stroke="{colour}" stroke-width="1.3"{dash}/>'
        ]
        if label:
            wide = _label_width(label)
            parts.append(
                f'<rect x="{tip - 8 - wide:.1f}" y="{y - 9:.1f}" width="{wide:.1f}" height="18" rx="9" fill="#f1f5f9"/>'
                f'<text x="{tip - 8 - wide / 2:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="{_SMALL}"'
                f' fill="{_COLOURS.get(label, "#334155")}">{_escaped(label)}</text>'
            )
        return parts

    def _room(self, end: _Place) -> float:
        """Return the straight end before a column that its edge labels need."""
        column = self.column[end]
        return self.lefts[column] - self.lefts[column - 1] - self.widths[column - 1] - _GAP + 12

    def _node(self, node: str) -> list[str]:
        left, wide = self.lefts[self.column[node]], self.widths[self.column[node]]
        tall = self._tall(node)
        top = self.middle[node] - tall / 2
        first = _lines(self.picture.labels.get(node, node).partition("\n")[0], self.wrap)
        link = self.picture.links.get(node, "")
        parts = [
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall:.1f}" rx="5" fill="#ffffff"'
            ' stroke="#475569"/>'
        ]
        for number, line in enumerate(self.lines[node]):
            look = ' fill="#0f172a"' if number < len(first) else f' fill="#475569" font-size="{_SMALL}"'
            parts.append(
                f'<text x="{left + wide / 2:.1f}" y="{top + _PADDING / 2 + _LINE * (number + 0.74):.1f}"'
                f' text-anchor="middle"{look}>{_escaped(line)}</text>'
            )
        if link.startswith(("http://", "https://")):
            return [f'<a href="{_escaped(link)}" target="_blank" rel="noopener">', *parts, "</a>"]
        return ["<g>", *parts, "</g>"]


def _columns(picture: "Picture") -> list[list[str]]:
    """Put each node one column right of the last node that leads to it."""
    leading: dict[str, set[str]] = defaultdict(set)
    for start, end in picture.edges:
        leading[end].add(start)
    column: dict[str, int] = {}
    waiting = picture.nodes
    while waiting:
        ready = [node for node in waiting if leading[node] <= column.keys()]
        if not ready:
            raise ValueError("a picture cannot have a cycle")
        for node in ready:
            column[node] = max((column[start] + 1 for start in leading[node]), default=0)
        waiting = [node for node in waiting if node not in column]
    columns: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for node in picture.nodes:
        columns[column[node]].append(node)
    return columns


def _routes(picture: "Picture", columns: list[list[_Place]]) -> dict[tuple[str, str], list[_Place]]:
    """Return what each edge passes from end to end, and put its places into the columns between."""
    column = {node: number for number, nodes in enumerate(columns) for node in nodes}
    routes: dict[tuple[str, str], list[_Place]] = {}
    for start, end in picture.edges:
        passed: list[_Place] = []
        for number in range(column[start] + 1, column[end]):
            passed.append((start, end, number))
            columns[number].append(passed[-1])
        routes[start, end] = [start, *passed, end]
    return routes


def _spread(places: Sequence[tuple[_Place, float, float]]) -> dict[_Place, float]:
    """Give each (place, wanted middle, height) a middle: as near as can be to what is wanted, in order, no overlap.

    Least squares under an order is isotonic regression, here by pooling adjacent violators.
    """
    offsets = [0.0]
    for (_, _, tall), (_, _, next_tall) in pairwise(places):
        offsets.append(offsets[-1] + (tall + next_tall) / 2 + _ROW_GAP)
    pools: list[tuple[float, int]] = []
    for (_, wanted, _), offset in zip(places, offsets, strict=False):
        total, size = wanted - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / size:
            more, members = pools.pop()
            total, size = total + more, size + members
        pools.append((total, size))
    levels = [total / size for total, size in pools for _ in range(size)]
    return {place: level + offset for (place, _, _), level, offset in zip(places, levels, offsets, strict=False)}


def _lines(label: str, wrap: int) -> list[str]:
    """Break a label at its line ends, and lines longer than `wrap` letters at blanks."""
    return [part for line in label.split("\n") for part in textwrap.wrap(line, wrap, break_on_hyphens=False) or [line]]


def _width(text: str) -> float:
    """Return about how wide a text is, in letters of middling width."""
    return sum(
        2.0 if unicodedata.east_asian_width(letter) in "WF" else 1.3 if letter.isupper() or letter in "mw%@" else 1.0
        for letter in text
    )


def _label_width(label: str) -> float:
    return _width(label) * 6.5 + 12 if label else 0.0


def _escaped(text: str) -> str:
    return html.escape(NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text))
