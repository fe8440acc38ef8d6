"""Pictures of small directed graphs, as Mermaid text or SVG, without any program or script."""

import html
from collections import defaultdict
from dataclasses import dataclass, field

_LINE, _GAP, _ROW, _MARGIN = 7.2, 60.0, 40.0, 16.0


@dataclass
class Picture:
    """A directed graph without cycles, drawn from left to right; nodes are their labels, edges may have a label."""

    edges: dict[tuple[str, str], str] = field(default_factory=dict)

    def edge(self, start: str, end: str, label: str = "") -> None:
        """Add an edge and its nodes; an edge that is there already is kept."""
        self.edges.setdefault((start, end), label)

    @property
    def nodes(self) -> list[str]:
        """The nodes in the order they were added."""
        return list(dict.fromkeys(node for edge in self.edges for node in edge))

    def mermaid(self) -> str:
        """Return a Mermaid flowchart."""
        ids = {node: f"n{number}" for number, node in enumerate(self.nodes)}
        lines = ["flowchart LR"]
        lines += [f'    {ids[node]}["{_quoted(node)}"]' for node in self.nodes]
        for (start, end), label in self.edges.items():
            text = f'|"{_quoted(label)}"|' if label else ""
            lines.append(f"    {ids[start]} -->{text} {ids[end]}")
        return "\n".join(lines) + "\n"

    def svg(self) -> str:
        """Return an SVG document that needs no other file."""
        columns = self._columns()
        widths = [max(map(len, nodes)) * _LINE + 16 for nodes in columns]
        lefts = [_MARGIN + sum(widths[:n]) + n * self._gap() for n in range(len(columns))]
        height = max(map(len, columns), default=0) * _ROW + 2 * _MARGIN
        middle = {
            node: (height - len(nodes) * _ROW) / 2 + (row + 0.5) * _ROW
            for nodes in columns
            for row, node in enumerate(nodes)
        }
        column = {node: number for number, nodes in enumerate(columns) for node in nodes}
        width = (lefts[-1] + widths[-1] if lefts else 0) + _MARGIN
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}"'
            f' viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif" font-size="12" role="img">'
        ]
        for (start, end), label in self.edges.items():
            x1, y1 = lefts[column[start]] + widths[column[start]], middle[start]
            x2, y2 = lefts[column[end]], middle[end]
            bend = (x2 - x1) / 2
            parts.append(
                f'<path d="M{x1:.0f},{y1:.0f} C{x1 + bend:.0f},{y1:.0f} {x2 - bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}"'
                ' fill="none" stroke="#888"/>'
            )
            if label:
                parts.append(
                    f'<text x="{x2 - 6:.0f}" y="{y2 - 4:.0f}" text-anchor="end" font-size="10" fill="#555">'
                    f"{html.escape(label)}</text>"
                )
        for node in self.nodes:
            left, wide, y = lefts[column[node]], widths[column[node]], middle[node]
            parts.append(
                f'<rect x="{left:.0f}" y="{y - 13:.0f}" width="{wide:.0f}" height="26" rx="4" fill="#fff"'
                f' stroke="#333"/><text x="{left + wide / 2:.0f}" y="{y + 4:.0f}" text-anchor="middle">'
                f"{html.escape(node)}</text>"
            )
        return "\n".join([*parts, "</svg>\n"])

    def _columns(self) -> list[list[str]]:
        """Put each node one column right of the last node that leads to it."""
        before = defaultdict(set)
        for start, end in self.edges:
            before[end].add(start)
        depth: dict[str, int] = {}
        todo = self.nodes
        while todo:
            ready = [node for node in todo if before[node] <= depth.keys()]
            if not ready:
                raise ValueError("a picture cannot have a cycle")
            for node in ready:
                depth[node] = max((depth[start] + 1 for start in before[node]), default=0)
            todo = [node for node in todo if node not in depth]
        return [[n for n in self.nodes if depth[n] == d] for d in range(max(depth.values(), default=-1) + 1)]

    def _gap(self) -> float:
        return _GAP + max((len(label) for label in self.edges.values()), default=0) * 6


def _quoted(text: str) -> str:
    return html.escape(text, quote=False).replace('"', "#quot;")
