"""Canned questions: headers, whole answers, the same rows from two engines, and values that try to break out."""

import csv
import re
from collections import Counter
from pathlib import Path
from typing import cast

import pytest
import yaml
from expected import ADVICE, Expected
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store
from rdflib import OWL, RDF, SH, Graph, Namespace, URIRef
from rdflib.query import ResultRow

import destgraph
from destgraph.catalog import names, questions
from destgraph.results import Solutions, plain
from destgraph.vocabulary import PREFIXES

FILES = sorted(questions.folder().glob("*.rq"))
EXPECTED = Path(__file__).parent / "queries"


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    """Each question file in turn."""
    found: Path = request.param
    return found


def oxigraph_rows(store: Store, query: str) -> list[tuple[str, ...]]:
    """Return the rows of a query as text, from the embedded store."""
    return text_rows(Solutions.of(cast(QuerySolutions, store.query(query))))


def text_rows(answer: Solutions) -> list[tuple[str, ...]]:
    """Return the rows of an answer as text, unbound as empty."""
    return [tuple(map(plain, terms)) for terms in answer.terms]


def rdflib_rows(graph: Graph, query: str) -> list[tuple[str, ...]]:
    """Return the rows of a query as text, from rdflib."""
    rows = (cast(ResultRow, row) for row in graph.query(query))
    return [tuple("" if term is None else str(term) for term in row) for row in rows]


def test_there_are_questions() -> None:
    """The parametrised tests below look at something."""
    assert FILES


def test_header_is_yaml_and_complete(path: Path) -> None:
    """A YAML parser reads the header as destgraph does, and every field is there."""
    question = questions.parse(path)
    text = "".join(f"{line[3:]}\n" for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#+"))
    header = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - text only
    assert header.keys() >= {"summary", "description", "tags", "columns"}
    assert (question.summary, question.description, question.topic) == (
        header["summary"],
        header["description"],
        header["tags"],
    )
    assert dict(question.columns) == header["columns"]
    assert {
        p.name: {
            "kind": p.kind,
            "description": p.description,
            "example": p.example,
            "required": str(p.required).lower(),
        }
        | ({"choices": ", ".join(p.choices)} if p.choices else {})
        for p in question.parameters
    } == header.get("parameters", {})
    assert question.keywords == header.get("keywords", "")


def expected(path: Path, name: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Read an expected answer: columns and rows."""
    with (EXPECTED / path.stem / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        columns, *rows = map(tuple, csv.reader(file))
    return columns, rows


def test_file_answers_its_example(path: Path, kg: destgraph.KnowledgeGraph, expected_files: Expected) -> None:
    """As it stands, the file gives the expected rows, columns as documented; on other engines see test_stores.py."""
    question = questions.parse(path)
    rows = oxigraph_rows(kg.store, question.query)
    assert rows == expected_files.table(EXPECTED / path.stem / "catalog.csv", tuple(question.columns), rows), ADVICE
    assert rows


def test_asking_for_the_example_gives_the_same(path: Path, kg: destgraph.KnowledgeGraph) -> None:
    """Names resolve to the terms that stand in the file."""
    question = questions.parse(path)
    answer = kg.ask(path.stem, **{p.name.replace("-", "_"): p.example for p in question.parameters})
    assert (answer.columns, text_rows(answer)) == expected(path, "catalog")


@pytest.mark.parametrize("engine", ["oxigraph", pytest.param("rdflib", marks=pytest.mark.nightly)])
def test_without_optional_parameters(
    path: Path, kg: destgraph.KnowledgeGraph, request: pytest.FixtureRequest, engine: str
) -> None:
    """A parameter left out does not restrict: all example rows are there, and rdflib gives what Oxigraph gives."""
    question = questions.parse(path)
    if question.needs_parameter:  # what is met and what not depends on what is asked for: test_choosing.py
        return
    optional = [p for p in question.parameters if not p.required]
    given = {p.name: [names.term(kg.select, p.kind, p.example)] for p in question.parameters if p.required}
    query = question.bind(given)
    assert query.count("VALUES ?_") == len(question.parameters) - len(optional)
    rows = oxigraph_rows(kg.store, query)
    assert set(expected(path, "catalog")[1]) <= set(rows)
    if optional and engine == "rdflib":
        assert rdflib_rows(request.getfixturevalue("everything"), query) == rows


@pytest.mark.parametrize("engine", ["oxigraph", pytest.param("rdflib", marks=pytest.mark.slow)])
def test_one_fact_changes_the_answer(path: Path, engine: str, expected_files: Expected) -> None:
    """On a tiny graph the answer is as expected, and another one when one fact is another."""
    question = questions.parse(path)
    turtle = (EXPECTED / path.stem / "tiny.ttl").read_text(encoding="utf-8")
    old, new = (EXPECTED / path.stem / "change.txt").read_text(encoding="utf-8").splitlines()
    assert turtle.count(old) == 1
    answers = []
    for name, text in (("tiny", turtle), ("changed", turtle.replace(old, new))):
        if engine == "oxigraph":
            store = Store()
            store.load(text, format=RdfFormat.TURTLE)
            answers.append(oxigraph_rows(store, question.query))
        else:
            answers.append(rdflib_rows(Graph().parse(data=text), question.query))
        file = EXPECTED / path.stem / f"{name}.csv"
        assert answers[-1] == expected_files.table(file, tuple(question.columns), answers[-1]), ADVICE
    before, after = answers
    assert before
    assert before != after


LANGUAGES = ["de", "es", "fr", "it", "ja", "ko", "nl", "pt-BR", "sv", "zh-Hans", "zh-Hant"]


@pytest.mark.slow
def test_labels_in_each_language(kg: destgraph.KnowledgeGraph, everything: Graph) -> None:
    """Language tags are matched whatever their case, by both engines."""
    query = questions.question("labels").bind({"language": [Literal(language) for language in LANGUAGES]})
    rows = oxigraph_rows(kg.store, query)
    counts = Counter(row[-1] for row in rows)
    assert counts.keys() == {language.lower() for language in LANGUAGES}
    assert min(counts.values()) > 10
    assert rdflib_rows(everything, query) == rows


@pytest.mark.parametrize(
    "name",
    [
        "edge-personalization",
        "Edge personalization destination",
        "EDGE PERSONALIZATION",
        "https://w3id.org/destgraph/type/edge-personalization",
        "type:edge-personalization",
        "dg:EdgePersonalizationDestination",
        "<https://w3id.org/destgraph/ontology#EdgePersonalizationDestination>",
        "エッジパーソナライゼーション宛先",
    ],
)
def test_a_type_can_be_named_in_many_ways(kg: destgraph.KnowledgeGraph, name: str) -> None:
    """Id, label, alternative label, prefixed name, IRI of concept or class, other languages, any case."""
    names = [row.name for row in kg.ask("destinations-of-type", type=name)]
    assert names == ["Adobe Commerce connection", "Adobe Target connection", "Custom Personalization connection"]


NAMES_OF_TYPES = {
    "destination": ["Destinations"],
    "connection": ["Connections"],
    "profile-export": ["Profile export destinations", "Profile Export"],
    "streaming-profile-export": [
        "Advanced enterprise destinations (streaming profile export destinations)",
        "advanced enterprise destinations",
        "Advanced enterprise destination",
        "Enterprise destinations",
        "enterprise destination",
        "Streaming profile export destinations (enterprise destinations)",
        "Streaming profile export (enterprise) destinations",
        "streaming profile export destinations",
        "streaming profile export",
    ],
    "batch-profile-export": [
        "Batch (file-based) destinations",
        "batch file based destinations",
        "file-based",
        "file-based destinations",
        "batch destinations",
    ],
    "streaming-audience-export": [
        "Segment Export",
        "Streaming Segment Export",
        "Streaming segment export destinations",
        "Streaming Audience Export",
        "Streaming audience export destinations",
        "streaming destinations",
        "streaming API-based destinations",
    ],
    "edge-personalization": ["Edge personalization destinations", "edge personalization"],
    "dataset-export": ["Dataset export destinations", "(Beta) Dataset export destinations", "dataset exports"],
    "tag-extension": ["Extensions", "tag extensions", "event forwarding"],
}
"""The names that the pages of 2023 and of today use for each type."""


@pytest.mark.parametrize(("type_", "name"), [(type_, name) for type_, all_ in NAMES_OF_TYPES.items() for name in all_])
def test_the_pages_names_of_types_are_known(kg: destgraph.KnowledgeGraph, type_: str, name: str) -> None:
    """Singular and plural, long and short, former and current."""
    assert names.resolve(kg.select, ["type"], name).id == type_


RENAMED = {
    "Streaming segment export destination": "Streaming audience export destination",
    "Streaming profile export destination": "Advanced enterprise destination",
}
"""What the current edition calls the types that it calls otherwise than that of 2023."""

IN_EDITIONS = [
    ("about-type", {"type": "streaming-profile-export"}),
    ("destinations-of-type", {"type": ["streaming-profile-export", "streaming-audience-export", "dataset-export"]}),
    ("disagreements", {}),
    ("type-of", {"destination": "pega"}),
    ("types", {}),
    ("types-by-category", {}),
    ("when-to-use", {}),
]


def test_every_question_with_an_edition_is_tried() -> None:
    """The list above leaves none out; the facts of export-behaviour differ themselves and have a test of their own."""
    taking = {q.name for q in questions.every() if any(p.kind == "edition" for p in q.parameters)}
    assert taking == {name for name, _ in IN_EDITIONS} | {"export-behaviour"}


@pytest.mark.parametrize(("question", "parameters"), IN_EDITIONS, ids=[name for name, _ in IN_EDITIONS])
def test_names_of_types_are_those_of_one_edition(
    kg: destgraph.KnowledgeGraph, question: str, parameters: dict[str, str]
) -> None:
    """The edition of 2023 if none is asked for; in the current one the renamed types, and no others, have new names."""

    def rows(edition: str) -> list[tuple[str, ...]]:
        return text_rows(kg.ask(question, edition=edition, **parameters))

    def renamed(cell: str) -> str:
        several = cell.split(", ")
        return ", ".join(sorted(RENAMED.get(name, name) for name in several)) if RENAMED.keys() & several else cell

    assert text_rows(kg.ask(question, **parameters)) == rows("2023")
    assert sorted(rows("current")) == sorted(tuple(map(renamed, row)) for row in rows("2023"))
    assert rows("current") != rows("2023")
    assert rows("2021") == [] or question == "disagreements"


def test_behaviour_is_that_of_one_edition(kg: destgraph.KnowledgeGraph) -> None:
    """Without an edition all facts are told, with one those of it and those of unknown edition."""
    answers = {
        edition: {(row.fact, row.edition) for row in kg.ask("export-behaviour", type="dataset-export", **given)}
        for edition, given in {"": {}, "2023": {"edition": "2023"}, "current": {"edition": "current"}}.items()
    }
    assert answers["2023"] | answers["current"] == answers[""]
    both = "2023 edition; 2024 and later edition"
    assert {label for _, label in answers["2023"]} == {"2023 edition", both, "not documented"}
    assert {label for _, label in answers["current"]} == {"2024 and later edition", both, "not documented"}
    hours = [fact for fact, _ in answers["current"] if "hours" in fact and "schedule" in fact]
    assert len(hours) == 1
    assert "every 1, 3, 6, 8 or 12 hours" in hours[0]


@pytest.mark.parametrize("edition", ["2023", "2024plus"])
@pytest.mark.parametrize("engine", ["oxigraph", "rdflib"])
def test_a_type_without_editions_keeps_its_name(edition: str, engine: str) -> None:
    """A type of one's own is in every edition, under the type that it says; one of another edition is not."""
    turtle = """
        @prefix dg: <https://w3id.org/destgraph/ontology#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix edition: <https://w3id.org/destgraph/edition/> . @prefix : <https://example.org/> .
        :top dg:describesClass dg:Connection ; skos:prefLabel "Old"@en ; skos:definition "Top."@en ;
            dg:editionEntry [ dg:edition edition:2023 ; skos:prefLabel "Old"@en ] ,
                            [ dg:edition edition:2024plus ; skos:prefLabel "New"@en ] .
        :own dg:describesClass :Own ; skos:prefLabel "Own"@en ; skos:definition "Own."@en ; skos:broader :top .
        :gone dg:describesClass :Gone ; skos:prefLabel "Gone"@en ; skos:definition "Gone."@en ; skos:broader :top ;
            dg:editionEntry [ dg:edition edition:2021 ; skos:prefLabel "Gone"@en ; dg:parentType :top ] ."""
    query = questions.question("types").bind({"edition": [NamedNode(PREFIXES["edition"] + edition)]})
    if engine == "oxigraph":
        store = Store()
        store.load(turtle, format=RdfFormat.TURTLE)
        rows = oxigraph_rows(store, query)
    else:
        rows = rdflib_rows(Graph().parse(data=turtle), query)
    top = {"2023": "Old", "2024plus": "New"}[edition]
    assert sorted(row[1:3] for row in rows) == sorted([(top, ""), ("Own", top)])


def test_several_values_mean_any(kg: destgraph.KnowledgeGraph) -> None:
    """Two types give the destinations of either."""
    both = {row.destination for row in kg.ask("destinations-of-type", type=["edge-personalization", "dataset-export"])}
    assert len(both) == 3 + 9


@pytest.mark.parametrize(
    ("question", "parameters", "message"),
    [
        (
            "destinations-of-typ",
            {},
            r"no question 'destinations-of-typ'; did you mean destinations-of-type \(Destinations of a type\)\?",
        ),
        ("../pyproject", {}, "no question"),
        ("destinations-of-type", {}, "needs type=..., for example type=edge-personalization"),
        ("destinations-of-type", {"type": []}, "needs type="),
        ("destinations-of-type", {"kind": "x"}, "no parameter 'kind'; known are (type, edition|edition, type)"),
        ("destinations-of-type", {"type": "edge personalisation"}, r"did you mean edge-personalization \("),
    ],
)
def test_wrong_question_or_parameter_says_what_to_do(
    kg: destgraph.KnowledgeGraph, question: str, parameters: dict[str, str], message: str
) -> None:
    """Each mistake of the caller gets one line with the way out."""
    with pytest.raises(destgraph.InputError, match=message):
        kg.ask(question, **parameters)


HOSTILE = [
    "",
    " ",
    '"',
    "'''",
    "{",
    "}",
    "> } DROP ALL #",
    "x> } SELECT * { ?s ?p ?o } #",
    "\\",
    "\n",
    "ß☃",
    "a" * 100_000,
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value[:20]))
def test_hostile_names_are_only_names(kg: destgraph.KnowledgeGraph, value: str) -> None:
    """A value that is no name is refused; nothing of it reaches a query."""
    with pytest.raises(destgraph.InputError, match="no type"):
        kg.ask("destinations-of-type", type=value)


@pytest.mark.parametrize("value", [value for value in HOSTILE if value.strip()], ids=lambda value: repr(value[:20]))
def test_hostile_text_is_only_text(kg: destgraph.KnowledgeGraph, value: str) -> None:
    """What is looked for is looked for as it stands."""
    assert len(kg.ask("labels", language=value)) == 0


@pytest.mark.parametrize("value", ["", " ", "\n"], ids=repr)
def test_empty_text_is_refused(kg: destgraph.KnowledgeGraph, value: str) -> None:
    """It would match everything."""
    with pytest.raises(destgraph.InputError, match="the language is empty; write what to look for"):
        kg.ask("labels", language=value)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_bound_text_comes_back_as_it_went_in(text: str) -> None:
    """Whatever text a bound literal holds, the query has it as one value and nothing else."""
    query = '#+ x\nSELECT ?_word WHERE {\n  VALUES ?_word { "example" }\n}'
    parameter = questions.Parameter("word", "text", "", "", required=True)
    question = questions.Question("q", "", "", "", (parameter,), {}, query)
    bound = question.bind({"word": [Literal(text)]})
    assert oxigraph_rows(Store(), bound) == [(text,)]


def test_optional_parameter_without_value_loses_its_line() -> None:
    """Left out means not restricted."""
    query = "SELECT ?x WHERE {\n  VALUES ?_type_iri { <https://example.org/example> }\n  BIND (1 AS ?x)\n}"
    parameter = questions.Parameter("type", "type", "", "", required=False)
    question = questions.Question("q", "", "", "", (parameter,), {}, query)
    assert "VALUES" not in question.bind({})
    bound = question.bind({"type": [NamedNode("https://example.org/a"), NamedNode("https://example.org/b")]})
    assert "  VALUES ?_type_iri { <https://example.org/a> <https://example.org/b> }\n" in bound


def test_header_without_a_field_names_it(tmp_path: Path) -> None:
    """A question under construction is told what it lacks."""
    (tmp_path / "q.rq").write_text("#+ summary: S\nSELECT * {}")
    with pytest.raises(destgraph.InputError, match="lacks description"):
        questions.parse(tmp_path / "q.rq")


UNTOUCHED = {
    "repository": "where a page is kept; `destgraph show` tells it",
    "sdkValue": "a link to Destination SDK; `destgraph show` tells it",
}


def test_alternatives_compare_every_feature(catalog_graph: Graph) -> None:
    """The features listed in the question are those of the ontology whose values are concepts, and the identities."""
    dg = Namespace(PREFIXES["dg"])
    text = (questions.folder() / "alternatives.rq").read_text(encoding="utf-8")
    features = set(catalog_graph.subjects(dg.valueScheme)) & set(catalog_graph.subjects(dg.appliesTo))
    assert len(features) > 10
    assert {dg[name] for name in re.findall(r'\("[a-z]*" dg:(\w+)\)', text)} == features
    assert text.count("dg:identityUse/dg:identity ?value") == 2


def test_every_term_serves_a_question_or_a_shape(catalog_graph: Graph, shapes_graph: Graph) -> None:
    """Each class and property of the ontology is reached by a question or a shape, or its use is explained.

    Type classes are reached through dg:describesClass, patterns through the inferred types, properties with
    dg:valueScheme through the shape on value schemes.
    """
    dg = Namespace(PREFIXES["dg"])
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    own = {term for kind in kinds for term in catalog_graph.subjects(RDF.type, kind) if str(term).startswith(str(dg))}
    named = {dg[name] for path in FILES for name in re.findall(r"\bdg:(\w+)", path.read_text(encoding="utf-8"))}
    named |= {term for triple in shapes_graph for term in triple if isinstance(term, URIRef)}
    named |= {
        dg[name] for text in shapes_graph.objects(None, SH.select) for name in re.findall(r"\bdg:(\w+)", str(text))
    }
    reached = set(catalog_graph.objects(None, dg.describesClass)) | set(catalog_graph.subjects(OWL.equivalentClass))
    reached |= set(catalog_graph.subjects(dg.valueScheme))
    assert len(own) > 80
    assert {str(term).removeprefix(str(dg)) for term in own - named - reached} == UNTOUCHED.keys()
    assert {term for term in named if str(term).startswith(str(dg))} <= own
