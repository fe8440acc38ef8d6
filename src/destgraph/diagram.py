"""Small directed graphs, as Mermaid text or SVG, without any program or script."""

import html
from dataclasses import dataclass, field


@dataclass
class Picture:
    """A directed graph without cycles, drawn from left to right.

    Nodes are named by any text, which is what they show unless `labels` says more; lines after the first are shown
    smaller. `links` holds http(s) addresses of nodes, `title` says what the picture shows; edges may have a label.
    """

    title: str = ""
    edges: dict[tuple[str, str], str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

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
        lines += [f'    {ids[node]}["{_quoted(self.labels.get(node, node))}"]' for node in self.nodes]
        for (start, end), label in self.edges.items():
            text = f'|"{_quoted(label)}"|' if label else ""
            lines.append(f"    {ids[start]} -->{text} {ids[end]}")
        return "\n".join(lines) + "\n"

    def svg(self) -> str:
        """Return an SVG document that needs no other file and can be read on a light and on a dark ground."""
        from destgraph.drawing import svg

        return svg(self)

    def _repr_svg_(self) -> str:
        return self.svg()

    def _repr_html_(self) -> str:
        """Return the picture as a part of a page that scrolls: JupyterLab scales a bare SVG, and takes its links."""
        return f'<div style="overflow-x: auto">{self.svg()}</div>'


def _quoted(text: str) -> str:
    return html.escape(text, quote=False).replace('"', "#quot;").replace("\n", "<br/>")
