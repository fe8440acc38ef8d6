"""Free queries: four forms, positions of errors, nothing fetched, and a runaway query really stopped."""

import multiprocessing
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Triple, parse

import destgraph
from destgraph import Triples
from destgraph.query_text import refuse_remote
from destgraph.stores import bounded
from destgraph.vocabulary import PREFIXES

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def test_select_gives_rows(kg: destgraph.KnowledgeGraph) -> None:
    """The prefixes of the table need no declaration."""
    answer = kg.query("SELECT ?label { destination:bing rdfs:label ?label }")
    assert isinstance(answer, destgraph.Solutions)
    assert [tuple(row) for row in answer] == [("Microsoft Bing connection",)]


@pytest.mark.parametrize(("value", "expected"), [("dg:Destination", True), ("dg:Nothing", False)])
def test_ask_gives_a_bool(kg: destgraph.KnowledgeGraph, value: str, expected: bool) -> None:
    """True and false, not a table."""
    assert kg.query(f"ASK {{ {value} rdfs:label ?x }}") is expected


def test_construct_and_describe_give_triples(kg: destgraph.KnowledgeGraph) -> None:
    """Triples iterate as terms and print as Turtle with prefixes."""
    built = kg.query("CONSTRUCT { ?d dg:status status:beta } WHERE { ?d dg:category ?c ; dg:status status:beta }")
    assert isinstance(built, destgraph.Triples)
    assert len(built) == len(list(built)) == 12
    assert "@prefix dg: <https://w3id.org/destgraph/ontology#> ." in built.to_turtle()
    assert "destination:freewheel dg:status status:beta ." in built.to_turtle()
    described = kg.query("DESCRIBE status:beta")
    assert isinstance(described, destgraph.Triples)
    assert {subject for subject, _, _ in described} == {NamedNode("https://w3id.org/destgraph/status/beta")}


def test_turtle_has_no_escapes_that_owl_api_misreads() -> None:
    """A name with `#` is a whole IRI, a line feed stands as such, and all of it is read back."""
    iris = [NamedNode(PREFIXES["destination"] + local) for local in ("bing", "bing#limit-1", "a/b")]
    texts = ["a\nb", r"a\nb", 'say "\n"', "dg:x\\#y <z> \r\n", "\\\n"]
    built = Triples(tuple(Triple(iri, iris[0], Literal(text, language="en")) for iri in iris for text in texts))
    turtle = built.to_turtle()
    assert {quad.triple for quad in parse(turtle, RdfFormat.TURTLE)} == set(built.triples)
    assert "<https://w3id.org/destgraph/destination/bing#limit-1> destination:bing" in turtle
    assert '"""a\nb"""@en' in turtle


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?x WHERE {\n  ?x ?y }", "query:2:10: expected one of .*\n    \\?x \\?y }\n           \\^$"),
        ("", "query:1:1: the query is empty$"),
        ("SELECT * { ?s nope:x ?o }", r"query:1:21: prefix not found; declare it with PREFIX\n  SELECT .*\n {22}\^$"),
        ("SELECT * { ?s ?p 'é' . ?s }", r"query:1:28: .*\n  SELECT .*\n {29}\^$"),
        ("INSERT DATA { <a:a> <a:b> 1 }", "query:1:10: expected CONSTRUCT"),
    ],
)
def test_an_error_shows_line_column_and_the_line(kg: destgraph.KnowledgeGraph, query: str, message: str) -> None:
    """The reader sees where the query breaks."""
    with pytest.raises(destgraph.InputError, match=message):
        kg.query(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { service SILENT ?where { ?s ?p ?o } }",
        "SELECT * { SERVICE\n?where { ?s ?p ?o } }",
        "SELECT * FROM <http://127.0.0.1:1/data.ttl> { ?s ?p ?o }",
        "SELECT * FROM NAMED <http://127.0.0.1:1/data.ttl> { ?s ?p ?o }",
        "SELECT * { { SERVICE<http://127.0.0.1:1/> {} } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1:1/> {} }",
        "SELECT * { ?s ?p 'a' } # comment\nFROM <http://127.0.0.1:1/>",
        "SELECT * { ?s ?p \"it's\" . SERVICE <http://127.0.0.1:1/> {} FILTER (?s != 'x') }",
        "LOAD <http://127.0.0.1:1/data.ttl>",
    ],
)
def test_queries_that_reach_elsewhere_are_refused(kg: destgraph.KnowledgeGraph, query: str) -> None:
    """Nothing is sent anywhere unless that is asked for."""
    with pytest.raises(destgraph.InputError, match="reaches other data than the graph's; allow it with --federate"):
        kg.query(query)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s rdfs:label 'SERVICE' }",
        'SELECT * { ?s rdfs:label """a "FROM" b""" }',
        "SELECT * { <https://example.org/SERVICE/FROM> ?p ?o }",
        "SELECT * { ?service ?from $load } # SERVICE <http://127.0.0.1:1/>",
        "SELECT * { ?s dg:service ?o ; dg:from 1 }",
    ],
)
def test_the_words_are_free_in_text_iris_names_and_comments(kg: destgraph.KnowledgeGraph, text: str) -> None:
    """Only a keyword is refused; these are answered."""
    assert isinstance(kg.query(text), destgraph.Solutions)


@given(st.text(max_size=30), st.sampled_from(["SERVICE", "Service", "from", "LOAD"]))
def test_a_keyword_is_found_after_any_closed_text(text: str, word: str) -> None:
    """Whatever a string before it holds, the keyword is seen."""
    quoted = text.translate({ord(c): None for c in '"\\\n\r'})
    with pytest.raises(destgraph.InputError):
        refuse_remote(f'SELECT * {{ ?s ?p "{quoted}" . {word} <http://127.0.0.1:1/> {{}} }}')


def test_federation_is_tried_when_allowed(kg: destgraph.KnowledgeGraph) -> None:
    """With leave the query is sent; here nobody answers."""
    with pytest.raises(destgraph.InputError, match="query: "):
        kg.query("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", federate=True)


def children() -> set[int]:
    """Return the processes that belong to this one."""
    return {process.pid or 0 for process in multiprocessing.active_children()}


def test_a_time_limit_stops_the_query(kg: destgraph.KnowledgeGraph) -> None:
    """The process that ran the query is gone, and the graph still answers."""
    with pytest.raises(destgraph.TimeLimitError, match=r"no answer within 0\.3 seconds"):
        kg.query(RUNAWAY, timeout=0.3)
    assert children() == set()
    assert kg.query("ASK {}") is True


def test_a_query_runs_where_processes_cannot_be_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """On such systems the graph is handed over as text."""
    monkeypatch.setattr(bounded, "get_all_start_methods", lambda: ["spawn"])
    store = Store()
    store.update("INSERT DATA { <a:a> <a:b> 'c'@de }")
    answer = bounded.query(store, "SELECT ?o { ?s ?p ?o }", timeout=300)
    assert isinstance(answer, destgraph.Solutions)
    assert [row.o for row in answer] == ["c"]


def test_a_killed_query_is_no_empty_answer(kg: destgraph.KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the system kills the query's process, that is said."""
    monkeypatch.setattr(bounded, "_answer", lambda *_: os._exit(9))
    with pytest.raises(destgraph.TimeLimitError, match="killed before it answered"):
        kg.query("ASK {}")


@pytest.mark.linux("/proc, to see the end of another's child")
@pytest.mark.parametrize(("sent", "code"), [("SIGINT", 130), ("SIGTERM", -15), ("SIGKILL", -9)])
def test_a_runaway_query_ends_with_the_command(tmp_path: Path, sent: str, code: int) -> None:
    """Ctrl-C ends the command with 130; however it ends, the process that runs the query ends too."""
    log = (tmp_path / "log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-c", "from destgraph.cli import main; main()", "sparql", RUNAWAY, "--timeout", "100"],
        stdout=log,
        stderr=log,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 300
    while not (started := children.read_text().split()) and time.monotonic() < deadline and process.poll() is None:
        pass
    (child,) = started
    ended = os.pidfd_open(int(child))
    process.send_signal(signal.Signals[sent])
    assert process.wait(timeout=300) == code
    assert select.select([ended], [], [], 300)[0], "the query still runs"
    os.close(ended)
    log.seek(0)
    assert log.read().strip() == ""


INTERRUPTED = f"""
import multiprocessing, os, signal, destgraph

kg = destgraph.load()
for moment in ("before", "after_in_parent", "after_in_child"):
    os.register_at_fork(**{{moment: lambda: signal.raise_signal(signal.SIGINT)}})
try:
    kg.query({RUNAWAY!r}, timeout=300)
except KeyboardInterrupt:
    print(multiprocessing.active_children(), signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


@pytest.mark.posix("fork")
def test_an_interrupt_while_the_process_starts_counts() -> None:
    """At each moment of the fork, in parent and child, it is neither lost nor told on standard error."""
    result = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("[] True\n", "")
