"""Pictures: both notations hold the same graph, whatever the labels."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destgraph.picture import Picture

SVG = "{http://www.w3.org/2000/svg}"
labels = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def test_mermaid_text() -> None:
    """Nodes get ids, labels are quoted, edges may carry a label."""
    picture = Picture()
    picture.edge("a", 'b "c" <d>', "holds")
    picture.edge('b "c" <d>', "e")
    assert picture.mermaid() == (
        "flowchart LR\n"
        '    n0["a"]\n'
        '    n1["b #quot;c#quot; &lt;d&gt;"]\n'
        '    n2["e"]\n'
        '    n0 -->|"holds"| n1\n'
        "    n1 --> n2\n"
    )


def test_svg_places_each_node_right_of_those_before_it() -> None:
    """Arrows lead from left to right, boxes of a column do not overlap."""
    picture = Picture()
    for start, end in (("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")):
        picture.edge(start, end)
    boxes = ElementTree.fromstring(picture.svg()).findall(f"{SVG}rect")  # noqa: S314 - our own text
    (ax, ay), (bx, _), (cx, _), (dx, dy) = ((float(b.attrib["x"]), float(b.attrib["y"])) for b in boxes)
    assert ax == dx < bx < cx
    assert dy - ay >= 26


@given(st.lists(st.tuples(labels, labels, labels), max_size=8))
def test_any_labels_give_well_formed_svg_with_all_of_them(edges: list[tuple[str, str, str]]) -> None:
    """Text is escaped, nothing is lost, nothing is fetched."""
    picture = Picture()
    for start, end, label in edges:
        picture.edge(f"1{start}", f"2{end}", label)
    root = ElementTree.fromstring(picture.svg())  # noqa: S314 - our own text
    texts = [text.text for text in root.findall(f"{SVG}text")]
    assert sorted(texts, key=str) == sorted([*picture.nodes, *picture.edges.values()])
    assert len(root.findall(f"{SVG}path")) == len(picture.edges)
    assert not re.search(r"href|<script|<image|url\(", re.sub(r"<text[^>]*>[^<]*</text>", "", picture.svg()))


def test_a_cycle_is_refused() -> None:
    """There is no left and right in a cycle."""
    picture = Picture()
    picture.edge("a", "b")
    picture.edge("b", "a")
    with pytest.raises(ValueError, match="cycle"):
        picture.svg()
