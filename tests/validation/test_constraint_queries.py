"""Queries of shapes: which the embedded store answers, and that its answers are those of rdflib."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Literal, URIRef, Variable
from rdflib.term import Node

import destgraph
from destgraph.validation.constraint_queries import ConstraintQueries
from destgraph.validation.data_graph import DataGraph

DATA = """@prefix : <urn:x:> .
:a :p :b , :c ; :n 1 , 2 ; :s "x"@en .  :b :p :a .  :c :q :a , [ :p :a ] ."""
HEAD = "PREFIX : <urn:x:> "

SAME = [
    "SELECT $this ?o { $this :p ?o }",
    "SELECT DISTINCT $this { ?o :q $this . FILTER($this = :a) }",
    "SELECT $this ?value { $this ?path ?value . FILTER NOT EXISTS { ?value :p $this } }",
    "SELECT $this ?value { ?value :p ?o . FILTER($this IN (:a, ?o)) OPTIONAL { $this :n ?n } }",
    "SELECT $this ?value { { $this :n ?value } UNION { ?value :q ?o FILTER(?o = $this) } }",
    "SELECT $this ?value { $this :p ?o . { $this :n ?value } FILTER EXISTS { ?z :q $this } }",
    "SELECT $this ?value { $this (:p|^:q)+ ?value }",
    "SELECT $this ?path { $this :n ?n . BIND(:n AS ?path) FILTER(?n > 1) }",
    "ASK { $this :n 2 }",
]
"""What the store answers."""

LEFT = [
    "SELECT $this ?x { BIND($this AS ?x) FILTER(?x = :a) }",
    "SELECT $this ?x { FILTER(BOUND($this)) $this :p ?x }",
    "SELECT $this ?n { $this :p ?o { SELECT $this (MAX(?m) AS ?n) { $this :n ?m } GROUP BY $this } }",
    'SELECT $this ?x { $this :p ?x FILTER(REGEX(STR(?x), "b$")) }',
    "SELECT ?x { $this :p ?x }",
    "SELECT $this ?x { $this :p ?x FILTER(<urn:x:unknown>(?x)) }",
    "SELECT $this ?x { $this :p ?y . :nowhere :q* ?x }",
    "SELECT $this ?x { $this :p ?y . ?x :q?/(:p|^:q)* <urn:x:nowhere> }",
    "SELECT $this ?x { $this :p ?y . ?x :q? 'nowhere' . }",
]
"""What is left to rdflib."""


APART = [
    "SELECT $this ?v { $this :p ?v { ?v :p ?o FILTER($this = :a) } }",
    "SELECT $this ?v { $this :p ?v MINUS { $this :q ?o . ?z :n 1 } MINUS { $this :p ?z . ?z :p :b } }",
    "SELECT $this ?v { ?v :p ?o OPTIONAL { ?v :q ?z FILTER($this = :a) } FILTER NOT EXISTS { ?v :q $this } }",
    "SELECT $this ?v { ?v :p ?o . $this :p* ?v } LIMIT 1",
    "SELECT $this { $this :p* $this }",
    "SELECT $this { FILTER NOT EXISTS { $this :p ?o } }",
    "SELECT $this ?v { ?v :p ?w FILTER NOT EXISTS { ?w :p ?o FILTER NOT EXISTS { $this :p ?o } } }",
    "SELECT $this { $this :p ?exists { ?exists :p ?o . FILTER($this != :c) } }",
    "SELECT $this { $this :p ?o . # only where it exists\n { ?o :p ?z . FILTER($this != :c) } }",
    "SELECT $this { ?a (:q|:exists)+ ?v { ?b :p ?c FILTER($this = ?b) } }",
    "SELECT $this { ?a :s 'x'@en , ?exists { ?b :p ?c FILTER($this = ?b) } }",
    "SELECT $this { ?a :q ?v . OPTIONAL { ?a :no-exists ?x } { ?b :p ?c FILTER($this = ?b) } }",
]
"""What gives other rows when it is asked for several nodes at once, or could."""


def graph(text: str = DATA) -> DataGraph:
    """Return what a text says."""
    data = DataGraph()
    data.parse(data=text, format="turtle")
    return data


def rows(answer: object) -> object:
    """Return an answer in a form that can be compared."""
    if answer.type == "ASK":  # type: ignore[attr-defined]
        return answer.askAnswer  # type: ignore[attr-defined]
    return sorted(sorted((str(k), v.n3()) for k, v in row.items() if v is not None) for row in answer.bindings)  # type: ignore[attr-defined]


@pytest.mark.parametrize("query", SAME)
@pytest.mark.parametrize("this", ["a", "b", "none"])
def test_the_store_answers_as_rdflib_does(query: str, this: str) -> None:
    """With a variable bound beforehand, in each place where it may stand."""
    data, bound = graph(), {"this": URIRef(f"urn:x:{this}")}
    answer = ConstraintQueries(data).answer(HEAD + query, bound)
    assert answer is not None
    ours, theirs = rows(answer), rows(data.query(HEAD + query, initBindings=bound))
    if isinstance(ours, list) and isinstance(theirs, list):  # rdflib leaves out what a row does not need
        assert len(ours) == len(theirs)
        assert all({*their} <= {*our} | {("this", bound["this"].n3())} for our, their in zip(ours, theirs, strict=True))
    assert ours == theirs


@pytest.mark.parametrize("query", [*SAME, *LEFT, *APART])
def test_no_node_with_rows_is_passed_over(query: str) -> None:
    """Asked once for all nodes, in the graph or not, the store leaves out only those that have none for rdflib."""
    data = graph()
    nodes: list[Any] = [*sorted({*data.all_nodes()}, key=str), URIRef("urn:x:none")]
    kept = ConstraintQueries(data).may_match(HEAD + query, ["this"], nodes)
    with_rows = {node for node in nodes if data.query(HEAD + query, initBindings={"this": node})}
    assert with_rows <= {*kept}


terms = st.sampled_from(["$this", "?v", "?w", ":a", ":b"])
paths = st.sampled_from([":p", ":q", ":n", ":p*", "^:p", "(:p|:q)+", ":p/:q", ":limit?", "?path"])
triples = st.builds("{} {} {} .".format, terms, paths, terms)
filters = st.builds("FILTER ({} {} {})".format, terms, st.sampled_from(["=", "!="]), terms)
groups = st.recursive(
    st.lists(st.one_of(triples, filters), min_size=1, max_size=3).map(" ".join),
    lambda inner: st.lists(
        st.one_of(
            triples,
            filters,
            st.builds("{{ {} }} UNION {{ {} }}".format, inner, inner),
            st.builds("{} {{ {} }}".format, st.sampled_from(["", "OPTIONAL", "MINUS"]), inner),
            st.builds("FILTER {} {{ {} }}".format, st.sampled_from(["EXISTS", "NOT EXISTS"]), inner),
            st.builds("# {{ {}\n {{ {} }}".format, st.sampled_from(["EXISTS", "SELECT"]), inner),
        ),
        min_size=1,
        max_size=3,
    ).map(" ".join),
    max_leaves=4,
)


@given(groups)
@settings(max_examples=500, deadline=None)
def test_no_node_of_a_random_query_is_passed_over(pattern: str) -> None:
    """Wherever the variable stands: the nodes that are kept have rows when they are asked for one at a time."""
    data, query = graph(), f"{HEAD}SELECT $this ?v WHERE {{ {pattern} }}"
    nodes: list[Any] = [*sorted({*data.all_nodes()}, key=str), URIRef("urn:x:none")]
    queries = ConstraintQueries(data)
    kept = {*queries.may_match(query, ["this"], nodes)}
    answers = {node: queries.answer(query, {"this": node}) for node in {*nodes} - kept}
    assert [node for node, answer in answers.items() if answer is None or answer.bindings] == []


@pytest.mark.parametrize(
    ("query", "kept"), [(SAME[0], "ab"), (SAME[1], "a"), (SAME[2], "ac"), (SAME[5], "a"), (SAME[6], "ab")]
)
def test_nodes_without_rows_are_left_out(query: str, kept: str) -> None:
    """Where one query can tell for all."""
    nodes = [URIRef(f"urn:x:{name}") for name in "abcn"]
    found = ConstraintQueries(graph()).may_match(HEAD + query, ["this"], nodes)
    assert [str(node)[-1] for node in found if node != URIRef("urn:x:n")] == [*kept]


@pytest.mark.parametrize("query", LEFT)
def test_what_the_store_would_answer_otherwise_is_left_to_rdflib(query: str) -> None:
    """Where pre-binding and the variables of the store differ."""
    assert ConstraintQueries(graph()).answer(HEAD + query, {"this": URIRef("urn:x:a")}) is None


@pytest.mark.parametrize(
    ("values", "query", "answered"),
    [
        ('"01"^^xsd:integer', "SELECT $this ?v { $this :n ?v }", True),
        ('"01"^^xsd:integer', 'SELECT $this ?v { $this :n ?v FILTER(STR(?v) = "01") }', False),
        ('"05"^^xsd:int', "SELECT $this ?v { $this :n ?v FILTER(DATATYPE(?v) = xsd:int) }", False),
        ('"01"^^xsd:integer , 1', "SELECT $this ?v { $this :n ?v }", False),
        ('"x"^^xsd:integer , 1', 'SELECT $this ?v { $this :n ?v FILTER(STR(?v) = "x") }', True),
    ],
)
def test_literals_keep_their_form(values: str, query: str, answered: bool) -> None:
    """The store has one form of a value; what could see that is left to rdflib."""
    xsd = "http://www.w3.org/2001/XMLSchema#"
    data = DataGraph()
    import rdflib

    kept, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        data.parse(data=f"@prefix : <urn:x:> . @prefix xsd: <{xsd}> . :a :n {values} .", format="turtle")
        this: Node = URIRef("urn:x:a")
        answer = ConstraintQueries(data).answer(f"PREFIX xsd: <{xsd}> {HEAD}{query}", {"this": this})
        assert (answer is not None) == answered
        if answer is not None:
            written = {value for value in data.objects(this) if isinstance(value, Literal)}
            assert {row[answer.vars[-1]].n3() for row in answer.bindings} <= {value.n3() for value in written}  # type: ignore[index]
    finally:
        rdflib.NORMALIZE_LITERALS = kept


@pytest.mark.parametrize(
    ("query", "this", "answered"),
    [
        ("SELECT $this ?x { $this :p* ?x }", "a", True),
        ("SELECT $this ?x { $this :p* ?x }", "nowhere", False),
        ("SELECT $this ?x { $this :p ?x }", "nowhere", True),
        ("SELECT $this ?x { $this :p ?y . ?x :q* :a }", "a", True),
        ("SELECT $this ?x { $this :p/:q* ?x . ?x :p ?y }", "a", True),
    ],
)
def test_paths_of_no_length(query: str, this: str, answered: bool) -> None:
    """The store finds none from or to what is not in the graph, as SPARQL does."""
    data, bound = graph(), {"this": URIRef(f"urn:x:{this}")}
    answer = ConstraintQueries(data).answer(HEAD + query, bound)
    assert (answer is not None) == answered
    expected = data.query(HEAD + query, initBindings=bound)
    values = [{row[Variable("x")] for row in result.bindings} for result in (answer or expected, expected)]
    assert values[0] == values[1]


def test_named_graphs_are_left_to_rdflib() -> None:
    """It refuses them."""
    query = f"{HEAD}SELECT $this ?g {{ GRAPH ?g {{ $this :p ?x }} }}"
    assert ConstraintQueries(graph()).answer(query, {"this": URIRef("urn:x:a")}) is None


def test_a_value_bound_to_a_literal_is_left_to_rdflib() -> None:
    """Its form may be seen."""
    assert ConstraintQueries(graph()).answer(f"{HEAD}ASK {{ ?s :n $value }}", {"value": Literal(1)}) is None


def test_an_unknown_engine_is_refused() -> None:
    """With those there are."""
    with pytest.raises(destgraph.InputError, match="no engine 'rust'; "):
        destgraph.validate(engine="rust")


@pytest.mark.slow
@pytest.mark.parametrize("number", [pytest.param(1, id="one"), pytest.param(9, id="all", marks=pytest.mark.nightly)])
def test_a_rule_asked_for_finds_what_it_finds_among_all(number: int) -> None:
    """Syntax aside, nothing else is said."""
    whole = destgraph.validate()
    for id_ in sorted({finding.rule for finding in whole.findings})[:number]:
        assert destgraph.validate(rules=[id_]).findings == tuple(f for f in whole.findings if f.rule == id_)
