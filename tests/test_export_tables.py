"""Tables and the property graph, read again by pandas, duckdb and networkx."""

import csv
import re
import sys
from collections import Counter
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import duckdb
import networkx
import pandas
import pytest
from hypothesis import example, given
from pyoxigraph import Literal, NamedNode, Triple
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Namespace, URIRef
from test_export import MANY, TEXTS, Own, own, text

import destgraph
from destgraph.export.entities import TABLES
from destgraph.export.formats import EXCEL_CSV, FORMATS, Format
from destgraph.export.selection import Selection, select
from destgraph.export.writing import write_selection
from destgraph.vocabulary import PREFIXES, expand

__all__ = ["own"]

DG = Namespace(PREFIXES["dg"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All tables of the shipped graph, in both formats."""
    target = tmp_path_factory.mktemp("tables")
    selection = select()
    for name in ("csv", "parquet"):
        write_selection(selection, FORMATS[name], target)
    return target


@pytest.fixture(scope="module")
def frames(folder: Path) -> dict[str, pandas.DataFrame]:
    """The CSV files in pandas, every cell a text."""
    return {name: pandas.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False) for name in TABLES}


def duck(query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query from duckdb."""
    return duckdb.connect().execute(query).fetchall()


@pytest.mark.slow
def test_both_formats_hold_the_same_rows(folder: Path, frames: dict[str, pandas.DataFrame]) -> None:
    """Pandas reads from CSV what duckdb reads from Parquet, where an empty cell is null and a date is a date."""
    for name, frame in frames.items():
        rows = duck(f"SELECT * FROM '{folder / name}.parquet'")  # noqa: S608
        assert [["" if cell is None else str(cell) for cell in row] for row in rows] == frame.to_numpy().tolist()
        assert len(rows) == len(frame) > 8
    (kind,) = duck(f"SELECT DISTINCT typeof(retrieved_on) FROM '{folder}/sources.parquet'")  # noqa: S608
    assert kind == ("DATE",)


def test_keys_name_one_row_and_foreign_keys_exist(frames: dict[str, pandas.DataFrame]) -> None:
    """As docs/export.md promises; a foreign key may be empty."""
    for name, table in TABLES.items():
        frame = frames[name]
        assert list(frame.columns) == [column.name for column in table.columns]
        key = list(frame.columns[: table.key])
        assert not frame.duplicated(key).any(), name
        assert (frame[key[0]] != "").all(), name
        for column in table.columns:
            if column.refers_to:
                known = set(frames[column.refers_to].iloc[:, 0])
                assert set(frame[column.name]) - {""} <= known, (name, column.name)


def test_every_statement_about_a_destination_is_a_feature(
    frames: dict[str, pandas.DataFrame], exported_graph: Graph
) -> None:
    """Recounted with rdflib: yes, no and not documented are told apart, and none is lost."""
    graph = exported_graph
    no_of = {no: yes for yes, no in graph.subject_objects(OWL.propertyDisjointWith)}
    asked = {
        concept: property_
        for property_, scheme in graph.subject_objects(DG.valueScheme)
        if (property_, DG.appliesTo, None) in graph
        for concept in graph.subjects(SKOS.inScheme, scheme)
    }
    left_out = {RDFS.label, DG.evidence, URIRef(PREFIXES["dcterms"] + "description"), *graph.subjects(DG.evidenceFor)}
    type_of = {class_: concept for concept, class_ in graph.subject_objects(DG.describesClass)}
    recounted = set()
    for destination in graph.subjects(DG.typeAgreement):
        for property_, value in graph.predicate_objects(destination):
            if property_ == DG.notDocumented:
                of = asked.get(value)
                recounted.add((destination, of or value, value if of else "", "not documented"))
            elif property_ in no_of:
                recounted.add((destination, no_of[property_], value, "no"))
            elif property_ not in left_out:
                recounted.add((destination, property_, type_of.get(value, value), "yes"))
    found = frames["features"]
    keys = ["destination", "property", "value", "state"]
    rows = {(expand(d), expand(p), expand(v), state) for d, p, v, state in found[keys].to_numpy()}
    assert rows == {tuple(map(str, row)) for row in recounted}
    assert Counter(found["state"]).keys() == {"yes", "no", "not documented"}


def test_each_entity_has_a_row_with_its_texts(frames: dict[str, pandas.DataFrame], exported_graph: Graph) -> None:
    """Recounted with rdflib: no row too many or too few, and names and raw names are those of the graph."""
    graph = exported_graph
    entities: dict[str, tuple[list[Any], dict[str, URIRef]]] = {
        "destinations": (list(graph.subjects(DG.typeAgreement)), {"name": RDFS.label, "status": DG.status}),
        "types": (
            list(graph.subjects(SKOS.inScheme, URIRef(PREFIXES["scheme"] + "type"))),
            {"definition": SKOS.definition, "broader": SKOS.broader, "class": DG.describesClass},
        ),
        "categories": (
            list(graph.subjects(SKOS.inScheme, URIRef(PREFIXES["scheme"] + "category"))),
            {"name": SKOS.prefLabel},
        ),
        "sources": (
            list(graph.subjects(RDF.type, DG.Source)),
            {
                "commit": DG.commit,
                "modified": URIRef(PREFIXES["dcterms"] + "modified"),
                "text_not_before": DG.textNotBefore,
                "text_not_after": DG.textNotAfter,
                "retrieved_on": DG.retrievedOn,
                "url": URIRef(PREFIXES["schema"] + "url"),
            },
        ),
        "identities": (
            [*graph.objects(None, DG.identityUse), *graph.objects(None, DG.attributeUse)],
            {"identity": DG.identity, "raw_name": DG.rawName, "sent_as": DG.sentAs},
        ),
    }
    assert entities.keys() | {"features"} == frames.keys()
    for name, (things, columns) in entities.items():
        frame = frames[name].set_index(frames[name].columns[0])
        assert sorted(map(expand, frame.index)) == sorted(map(str, things)), name
        for key, row in frame.iterrows():
            for column, property_ in columns.items():
                values = {str(value) for value in graph.objects(URIRef(expand(str(key))), property_)} or {""}
                assert expand(str(row[column])) in values, (key, column)
    silent = frames["identities"].query("not_documented.str.contains('sent_as')")
    assert len(silent) == len({*graph.subjects(DG.notDocumented, DG.sentAs)}) > 0
    assert set(silent["sent_as"]) == {""}


def test_a_destination_has_all_its_types(frames: dict[str, pandas.DataFrame]) -> None:
    """Those of the table of features, with the names of the table of types."""
    features, names = frames["features"], dict(frames["types"][["type", "name"]].to_numpy())
    typed = (
        features.query("property == 'rdf:type' and state == 'yes'")
        .groupby("destination")["value"]
        .apply(list)
        .to_dict()
    )
    rows = frames["destinations"][["destination", "types", "type_names"]].to_numpy()
    assert {destination: types.split(" ") for destination, types, _ in rows} == typed
    assert [text.split("; ") for *_, text in rows] == [[names[t] for t in typed[d]] for d, *_ in rows]
    assert max(map(len, typed.values())) == 2


def labelled(own: Own, label: str) -> Selection:
    """Return a graph of one destination that has a text as its description."""
    thing = NamedNode("https://example.org/thing")
    return own(
        [
            Triple(thing, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(DG.Destination)),
            Triple(thing, NamedNode(PREFIXES["dcterms"] + "description"), Literal(label)),
        ]
    )


def written(selection: Selection, format_: Format, name: str) -> BytesIO:
    """Write one table."""
    file = BytesIO()
    format_.writers[name](selection, file)
    file.seek(0)
    return file


@pytest.mark.slow
@given(label=TEXTS)
@MANY
def test_any_text_comes_back_from_tables(own: Own, tmp_path: Path, label: str) -> None:
    """Through CSV and pandas, through Parquet and duckdb."""
    selection = labelled(own, label)
    file = written(selection, FORMATS["csv"], "destinations")
    frame = pandas.read_csv(file, dtype=str, keep_default_na=False, engine="python")
    assert frame["description"].tolist() == [label]
    path = tmp_path / "one.parquet"
    path.write_bytes(written(selection, FORMATS["parquet"], "destinations").getvalue())
    assert duck(f"SELECT description FROM '{path}'") == [(label,)]  # noqa: S608


@given(label=TEXTS)
@example("=1+1")
@example("+1")
@example("-1")
@example("@SUM(A1)")
@example("\t=1")
@example("\r=1")
@example("\n=1")
@MANY
def test_excel_safe_leaves_no_formula(own: Own, label: str) -> None:
    """A text that begins like a formula gets an apostrophe in front; others stay as they are."""
    file = written(labelled(own, label), EXCEL_CSV, "destinations").getvalue().decode()
    _, row = csv.reader(StringIO(file, newline=""))
    description = row[3]
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row)
    assert description in (label, f"'{label}")
    assert (description == label) == (not label.startswith(("=", "+", "-", "@", "\t", "\r", "\n")))


def test_a_date_that_is_none_is_named(own: Own) -> None:
    """Parquet has dates, so one that is no date is an error, and CSV keeps it."""
    source = NamedNode(PREFIXES["source"] + "x")
    wrong = Literal("2026-13-45", datatype=NamedNode(PREFIXES["xsd"] + "date"))
    selection = own(
        [
            Triple(source, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(DG.Source)),
            Triple(source, NamedNode(DG.retrievedOn), wrong),
        ]
    )
    assert b",2026-13-45," in written(selection, FORMATS["csv"], "sources").getvalue()
    with pytest.raises(destgraph.InputError, match="source:x: '2026-13-45' is no date; "):
        written(selection, FORMATS["parquet"], "sources")


def test_parquet_without_pyarrow_names_the_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is optional."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(destgraph.InputError, match=r"pyarrow; install it with: pip install '\.\[export\]'"):
        written(Selection(), FORMATS["parquet"], "types")


def test_property_graph_has_every_resource_and_statement(exported_graph: Graph) -> None:
    """Networkx finds a node for each resource and an edge for each statement between two, with names to read."""
    graph = networkx.read_graphml(BytesIO(text(select(), "graphml")))
    named = [(s, p, o) for s, p, o in exported_graph if isinstance(s, URIRef) and isinstance(o, URIRef)]
    edges = {
        (graph.nodes[a]["iri"], expand(data["property"]), graph.nodes[b]["iri"])
        for a, b, data in graph.edges(data=True)
        if {"iri"} <= graph.nodes[a].keys() & graph.nodes[b].keys()
    }
    assert edges == {tuple(map(str, triple)) for triple in named}
    labels = dict(graph.nodes(data="label"))
    for destination, name in exported_graph.subject_objects(RDFS.label):
        if (destination, DG.typeAgreement, None) in exported_graph:
            node = f"destination:{str(destination).rpartition('/')[2]}"
            assert (labels[node], graph.nodes[node]["kind"]) == (str(name), "destination")
    assert graph.nodes["delivery:tag"]["kind"] == "delivery"
    assert graph.nodes["platform:pinterest"]["kind"] == "platform"
    assert graph.nodes["identity:email"]["dg:namespaceId"] == 6
    assert graph.nodes["identity:email"]["dg:namespaceCode"] == "Email"
    (edge,) = (d for _, b, d in graph.out_edges("destination:bing", data=True) if b == "delivery:partner-api")
    assert edge["label"] == "delivered by"
    shown = {data["label"] for *_, data in graph.edges(data=True)} | set(dict(graph.nodes(data="kind")).values())
    assert {"type", "sub class of", "object property", "delivery"} <= shown
    assert [name for name in shown if ":" in name] == []
    assert len({key for *_, key in graph.edges(keys=True)}) == graph.number_of_edges() > len(named)


@given(label=TEXTS)
@MANY
def test_any_text_comes_back_from_the_property_graph_or_is_refused(own: Own, label: str) -> None:
    """XML has no control characters; line ends and all else stay."""
    selection = labelled(own, label)
    if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", label):
        with pytest.raises(destgraph.InputError, match="GraphML cannot hold control characters"):
            text(selection, "graphml")
        return
    data = text(selection, "graphml")
    node = networkx.read_graphml(BytesIO(data)).nodes["https://example.org/thing"]
    assert node.get("dcterms:description") == label


def test_attributes_have_one_type_each(own: Own) -> None:
    """Numbers are numbers when all of a property are; one that is none makes the attribute a text."""
    things = [NamedNode(f"https://example.org/{x}") for x in "ab"]
    number, mixed = NamedNode("https://example.org/number"), NamedNode("https://example.org/mixed")
    seven = Literal("7", datatype=NamedNode(PREFIXES["xsd"] + "integer"))
    wrong = Literal("x", datatype=NamedNode(PREFIXES["xsd"] + "integer"))
    true = Literal("true", datatype=NamedNode(PREFIXES["xsd"] + "boolean"))
    is_ = NamedNode("https://example.org/is")
    data = text(
        own(
            [
                *(Triple(thing, number, seven) for thing in things),
                *(Triple(thing, mixed, value) for thing, value in zip(things, (seven, wrong), strict=True)),
                Triple(things[0], is_, true),
            ]
        ),
        "graphml",
    )
    first, second = (networkx.read_graphml(BytesIO(data)).nodes[thing.value] for thing in things)
    assert (first["https://example.org/number"], second["https://example.org/number"]) == (7, 7)
    assert (first["https://example.org/mixed"], second["https://example.org/mixed"]) == ("7", "x")
    assert first["https://example.org/is"] is True
