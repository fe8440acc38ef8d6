"""Free queries: four forms, positions of errors, nothing fetched, and a runaway query really stopped."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from reaching import DATASETS, HARMLESS, SPELLINGS

import destgraph
from destgraph import Triples
from destgraph.stores.queryable import TIMEOUT
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
    beta = kg.select("SELECT ?d { ?d dg:category ?c ; dg:status status:beta }")
    assert len(built) == len(list(built)) == len(beta) > 5
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


@pytest.mark.parametrize("query", SPELLINGS)
def test_queries_that_reach_elsewhere_are_refused(kg: destgraph.KnowledgeGraph, query: str) -> None:
    """Nothing is sent anywhere unless that is asked for; the operation names no option of a command line."""
    with pytest.raises(destgraph.ReachingError, match=r"^SERVICE reaches other data than the graph's$"):
        kg.query(query.replace("URL", "http://127.0.0.1:9000/"))


@pytest.mark.parametrize("query", [*HARMLESS, *DATASETS])
def test_what_reaches_nowhere_is_answered(kg: destgraph.KnowledgeGraph, query: str) -> None:
    """The words may stand in names and texts, and FROM names graphs of the store, which has none."""
    answer = kg.query(query.replace("URL", "http://127.0.0.1:9000/"))
    assert isinstance(answer, bool | destgraph.Solutions | destgraph.Triples)
    if "FROM" in query.partition("{")[0]:
        assert not answer


def test_federation_is_tried_when_allowed(kg: destgraph.KnowledgeGraph) -> None:
    """With leave the query is sent; here nobody answers."""
    with pytest.raises(destgraph.InputError, match="query: "):
        kg.query("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", federate=True)


def test_a_time_limit_stops_the_query(kg: destgraph.KnowledgeGraph) -> None:
    """The graph still answers."""
    with pytest.raises(destgraph.TimeLimitError, match=r"no answer within 0\.3 seconds"):
        kg.query(RUNAWAY, timeout=0.3)
    assert kg.query("ASK {}") is True


def test_there_is_a_time_limit_without_asking(kg: destgraph.KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python waits 60 seconds, as the command line does."""
    assert TIMEOUT == 60
    monkeypatch.setattr("destgraph.stores.memory.TIMEOUT", 0.3)
    with pytest.raises(destgraph.TimeLimitError, match=r"no answer within 0\.3 seconds"):
        kg.query(RUNAWAY)
    with pytest.raises(destgraph.TimeLimitError, match=r"no answer within 0\.3 seconds"):
        kg.save(RUNAWAY, Path("none.csv"), "csv")


def child(process: int) -> int:
    """Return the child of a process, as soon as it has one."""
    children = Path(f"/proc/{process}/task/{process}/children")
    deadline = time.monotonic() + 300
    while not (started := children.read_text().split()) and time.monotonic() < deadline:
        pass
    (found,) = started
    return int(found)


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
    zygote = child(process.pid)
    worker = child(zygote)
    ended = [os.pidfd_open(zygote), os.pidfd_open(worker)]
    process.send_signal(signal.Signals[sent])
    assert process.wait(timeout=300) == code
    for one in ended:
        assert select.select([one], [], [], 300)[0], "the query still runs"
        os.close(one)
    log.seek(0)
    assert log.read().strip() == ""


INTERRUPTED = f"""
import os, signal, destgraph

kg = destgraph.load()
for moment in ("before", "after_in_parent", "after_in_child"):
    os.register_at_fork(**{{moment: lambda: signal.raise_signal(signal.SIGINT)}})
try:
    kg.query({RUNAWAY!r}, timeout=300)
except KeyboardInterrupt:
    print("interrupted", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


@pytest.mark.posix("fork")
def test_an_interrupt_while_the_process_starts_counts() -> None:
    """At each moment of the fork, in parent and child, it is neither lost nor told on standard error."""
    result = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("interrupted True\n", "")
