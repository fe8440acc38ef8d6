"""Pictures: both notations hold the same graph, whatever the labels; the types and a destination as pictures."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destgraph import InputError, KnowledgeGraph, RemoteGraph, load
from destgraph.diagram import Picture

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


def drawn(picture: Picture) -> ElementTree.Element:
    """Return the parsed SVG, which is the form that a notebook shows."""
    return ElementTree.fromstring(picture._repr_svg_())  # noqa: S314 - our own text


def boxes(picture: Picture) -> dict[str, tuple[float, float, float, float]]:
    """Return the box of each node by its text: left, top, right, bottom."""
    found = {}
    for group in (*drawn(picture).findall(f"{SVG}g"), *drawn(picture).findall(f"{SVG}a")):
        (box,) = group.findall(f"{SVG}rect")
        x, y, width, height = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        text = "\n".join(line.text or "" for line in group.findall(f"{SVG}text"))
        found[text] = x, y, x + width, y + height
    return found


def apart(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Return whether two boxes do not overlap."""
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_svg_places_each_node_right_of_those_before_it() -> None:
    """Arrows lead from left to right."""
    picture = Picture()
    for start, end in (("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")):
        picture.edge(start, end)
    lefts = {text: box[0] for text, box in boxes(picture).items()}
    assert lefts["a"] == lefts["d"] < lefts["b"] < lefts["c"]


@given(st.lists(st.tuples(labels, labels, labels), max_size=8))
def test_any_labels_give_well_formed_svg_with_all_of_them(edges: list[tuple[str, str, str]]) -> None:
    """Text is escaped, nothing is lost, nothing is fetched, no box overlaps another or leaves the picture."""
    picture = Picture("a title")
    for start, end, label in edges:
        picture.edge(f"1{start}", f"2{end}", label)
    root = drawn(picture)
    words = sorted(
        "".join("".join(t.text or "" for t in g.findall(f"{SVG}text")).split()) for g in root.findall(f"{SVG}g")
    )
    assert words == sorted("".join(node.split()) for node in picture.nodes)
    assert sorted(text.text or "" for text in root.findall(f"{SVG}text")) == sorted(picture.edges.values())
    assert len(root.findall(f"{SVG}path")) == len(picture.edges)
    assert not re.search(r"href|<script|<image|url\(", re.sub(r"<text[^>]*>[^<]*</text>", "", picture.svg()))
    found = [*boxes(picture).values()]
    assert all(apart(one, other) for number, one in enumerate(found) for other in found[:number])
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert all(min(x, y) >= 0 and right <= width and bottom <= height for x, y, right, bottom in found)


def test_a_picture_has_a_title_and_says_that_it_is_one() -> None:
    """A reader of the screen gets the title; characters that XML forbids are replaced."""
    picture = Picture("Types & \x00 numbers")
    picture.edge("a", "b\x01")
    root = drawn(picture)
    assert root.attrib["role"] == "img"
    assert [title.text for title in root.findall(f"{SVG}title")] == ["Types & \N{REPLACEMENT CHARACTER} numbers"]
    assert set(boxes(picture)) == {"a", "b\N{REPLACEMENT CHARACTER}"}


def test_pictures_are_legible_at_their_own_size(kg: KnowledgeGraph) -> None:
    """No letter is smaller than 12 pixels, nothing is scaled, and the width is about that of a notebook's cell."""
    rows = list(kg.select("SELECT DISTINCT ?d { ?d a/rdfs:subClassOf* dg:Destination } ORDER BY ?d"))[::12]
    pictures = [kg.hierarchy(), kg.hierarchy("current"), *(kg.neighbourhood(row.d) for row in rows)]
    pictures += [picture for row in rows if (picture := kg.explain(row.d).picture()).edges]
    for picture in pictures:
        svg = picture.svg()
        assert min(map(float, re.findall(r'font-size="([^"]*)"', svg))) >= 12
        assert "style=" not in svg
        assert float(drawn(picture).attrib["width"]) < 880
    assert len(pictures) > 20


def test_an_explanation_names_its_boxes(kg: KnowledgeGraph) -> None:
    """Conditions, patterns and types by their names, the types above in the box of the type."""
    labels = [label.replace("\n", " ") for label in kg.explain("adobe-commerce").picture().labels.values()]
    assert labels == [
        "Adobe Commerce connection",
        "edge personalization pattern",
        "delivered by: Edge Network",
        "Edge personalization destination and so: Connection, Destination",
    ]


def test_long_labels_are_broken_into_lines() -> None:
    """A box stays narrow."""
    picture = Picture()
    picture.edge("word " * 30, "end")
    left, _, right, _ = max(boxes(picture).values(), key=lambda box: box[3] - box[1])
    assert right - left < 300


def test_only_web_addresses_are_links() -> None:
    """A script address in the data stays out."""
    picture = Picture(links={"a": "https://example.org/?a=1&b=2", "b": "javascript:alert(1)"})
    picture.edge("a", "b")
    assert [link.attrib["href"] for link in drawn(picture).iter(f"{SVG}a")] == ["https://example.org/?a=1&b=2"]
    assert "javascript" not in picture.svg()


def test_a_cycle_is_refused() -> None:
    """There is no left and right in a cycle."""
    picture = Picture()
    picture.edge("a", "b")
    picture.edge("b", "a")
    with pytest.raises(ValueError, match="cycle"):
        picture.svg()


@pytest.mark.parametrize("edition", ["2023", "current"])
def test_hierarchy_counts_the_destinations_of_each_type(kg: KnowledgeGraph, edition: str) -> None:
    """The same types, parents and numbers as the question `types` gives for the edition."""
    rows = list(kg.ask("types", edition=edition))
    picture = kg.hierarchy(edition)
    assert {label.split("\n")[0]: label.split("\n")[1] for label in picture.labels.values()} == {
        row.name: f"{row.with_subtypes} destinations" for row in rows
    }
    overlaps = {
        label.split("\n")[0]: label.split("\n")[2] for label in picture.labels.values() if label.count("\n") > 1
    }
    assert overlaps == {
        "Connection": "9 also of another type",
        "Profile export destination": "6 also of another type",
        "Batch (file-based) destination": "6 also of another type",
        "Dataset export destination": "9 also of another type",
    }
    names = {node: label.partition("\n")[0] for node, label in picture.labels.items()}
    assert {(names[above], names[below]) for above, below in picture.edges} == {
        (row.parent, row.name) for row in rows if row.parent
    }
    assert len(boxes(picture)) == len(rows) == 9
    assert (picture == kg.hierarchy()) == (edition == "2023")


def test_neighbourhood_of_a_destination(kg: KnowledgeGraph) -> None:
    """Types left of it, each property with its values right of it, and what the page leaves open."""
    picture = kg.neighbourhood("amazon-kinesis")
    assert {picture.edges[edge]: picture.labels[edge[1]] for edge in picture.edges} == {
        "": "Amazon Kinesis connection",
        "accepts audience data type": "people audience",
        "accepts audience origin": "Segmentation Service, custom upload, other audience origin",
        "activation workflow": "activate audiences to streaming profile export destinations",
        "authenticates with": "access key",
        "available with": "Real-Time CDP Ultimate",
        "category": "Cloud storage",
        "delivered by": "customer stream",
        "endpoint owner": "customer",
        "export frequency": "streaming",
        "exports": "identities, profile attributes, segment membership",
        "identity": "any identity",
        "labelled export type": "profile-based",
        "needs permission": (
            "Activate Destinations, Manage Destinations, View Destinations, View Profiles, View Segments"
        ),
        "platform": "Amazon Kinesis Data Streams",
        "rejects audience data type": "account audience, dataset, prospect audience",
        "status": "generally available",
        "type agreement": "agreeing",
        "vendor": "Amazon Web Services",
    }
    assert [picture.labels[start] for (start, _), label in picture.edges.items() if not label] == [
        "Streaming profile export destination"
    ]
    assert list(picture.links.values()) == [
        "https://experienceleague.adobe.com/en/docs/experience-platform/destinations/catalog/cloud-storage/amazon-kinesis"
    ]
    open_ = kg.neighbourhood("sftp").labels["not documented"]
    assert open_ == "available with, identity use"
    with pytest.raises(InputError, match="no destination 'nonsense'"):
        kg.neighbourhood("nonsense")


def test_neighbourhood_of_replaced_and_of_own_destinations(kg: KnowledgeGraph, tmp_path: Path) -> None:
    """Both ends of a replacement are seen; what has no English label is told by other names."""

    def values(picture: Picture) -> dict[str, str]:
        return {label: picture.labels[end] for (_, end), label in picture.edges.items()}

    assert values(kg.neighbourhood("marketo-engage"))["is replaced by"] == "Marketo Engage connection"
    assert values(kg.neighbourhood("marketo-engage-connection"))["replaces"] == (
        "Marketo Engage Person Sync connection, Marketo Engage destination (V2)"
    )
    own = tmp_path / "own.ttl"
    own.write_text(
        """@prefix dg: <https://w3id.org/destgraph/ontology#> .
        @prefix ex: <https://example.org/> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        ex:a a dg:Destination ; rdfs:label "Mein Ziel"@de ; dg:vendor ex:v ; ex:sendsTo ex:q .""",
        encoding="utf-8",
    )
    assert values(load([own]).neighbourhood("Mein Ziel")) == {
        "": "Mein Ziel",
        "sends to": "https://example.org/q",
        "type agreement": "not inferable",
        "vendor": "https://example.org/v",
    }


def test_every_destination_can_be_drawn(kg: KnowledgeGraph) -> None:
    """No picture is empty."""
    rows = kg.select("SELECT DISTINCT ?d { ?d a/rdfs:subClassOf* dg:Destination } ORDER BY ?d")
    assert len(rows) > 150
    assert all(len(kg.neighbourhood(row.d).edges) > 5 for row in list(rows)[::10])


@pytest.mark.slow
@pytest.mark.parametrize("store", ["oxigraph", "virtuoso"])
def test_pictures_are_the_same_from_a_store(kg: KnowledgeGraph, store: str, request: pytest.FixtureRequest) -> None:
    """Their queries are plain SPARQL 1.1."""
    remote: RemoteGraph = request.getfixturevalue(store)
    assert remote.hierarchy() == kg.hierarchy()
    assert remote.neighbourhood("facebook") == kg.neighbourhood("facebook")
