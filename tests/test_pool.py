"""Queries in worker processes: limits, reasons of an end, threads, forks, and what a worker can reach."""

import json
import math
import os
import select
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
import servers
from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode, Quad, Store
from reaching import DATASETS, ELSEWHERE, SPELLINGS

import destgraph
from destgraph.stores import processes
from destgraph.stores.pool import Answer, Pool

ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the limit is not there on other systems: docs/limits.md")


@pytest.fixture(scope="module")
def pool(kg: destgraph.KnowledgeGraph) -> Iterator[Pool]:
    """Workers with the shipped graph."""
    found = Pool(kg.store)
    yield found
    found.close()


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of its own, which has one thread: there the helper process is a fork of it."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, encoding="utf-8"
    )


def drain(answer: Answer) -> None:
    """Read an answer to its end."""
    while answer.read():
        pass


def children(process: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def test_one_worker_answers_one_query_after_the_other(pool: Pool) -> None:
    """All forms, and an error of syntax does not cost the worker."""
    assert pool.query("ASK {}") is True
    answer = pool.query("SELECT ?x { VALUES ?x { 'a'@de 1 UNDEF } }")
    assert isinstance(answer, destgraph.Solutions)
    assert [row.x for row in answer] == ["a", 1, None]
    with pytest.raises(destgraph.InputError, match="query:1:11: expected BIND"):
        pool.query("ASK { ?x }")
    assert isinstance(pool.query("CONSTRUCT WHERE { ?s a dg:Extension }"), destgraph.Triples)
    assert len(pool._launch()._idle) == 1


@pytest.mark.slow
@LINUX
@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        (
            "SELECT (<http://example.org/f>(1) AS ?x) {}",
            destgraph.InputError,
            "query: The custom function <http://example.org/f> is not supported",
        ),
        (
            "SELECT * { " + " UNION ".join(["{}"] * 20_000) + " }",
            destgraph.InputError,
            "query: it is nested too deeply, or too long, for the engine; write it flatter",
        ),
        (
            f"SELECT * {{ FILTER ({'!' * 50_000}true) }}",
            destgraph.InputError,
            "query: it is nested too deeply, or too long, for the engine; write it flatter",
        ),
        (
            f"SELECT * {'{' * 5000}{'}' * 5000}",
            destgraph.InputError,
            "query:1:110: brackets are nested more than 100 deep; write the query flatter",
        ),
        (
            f"{ROWS} ORDER BY ?c ?f",
            destgraph.MemoryLimitError,
            "the query needs more than 64 MB of memory; narrow the query or raise the memory limit",
        ),
        (
            f"{ROWS} LIMIT 1000000",
            destgraph.MemoryLimitError,
            "the answer takes more than 64 MB of memory; narrow the query, raise the memory limit, or have the rows"
            " written to a file",
        ),
        (
            "SELECT ?none { ?a ?b ?c . ?d ?e ?f } LIMIT 10000000",
            destgraph.MemoryLimitError,
            "the answer takes more than 64 MB of memory; narrow the query, raise the memory limit, or have the rows"
            " written to a file",
        ),
    ],
    ids=["function", "unions", "negations", "brackets", "sorting", "rows", "empty rows"],
)
def test_a_worker_that_cannot_go_on_says_why(
    pool: Pool, query: str, error: type[Exception], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """One sentence, nothing on standard error, and the next query is answered."""
    with pytest.raises(error) as raised:
        pool.query(query, memory=64, timeout=300)
    assert str(raised.value) == message
    assert capfd.readouterr() == ("", "")
    assert pool.query("ASK {}") is True


def test_an_unbound_endpoint_is_named(pool: Pool) -> None:
    """With leave to reach out too, a query can be wrong."""
    with pytest.raises(destgraph.InputError, match=r"^query: The variable encoding the service name is unbound$"):
        pool.query("SELECT * { ?s a dg:Vendor SERVICE ?e { ?a ?b ?c } }", federate=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", [RUNAWAY, ROWS, f"{ROWS} ORDER BY ?a", "CONSTRUCT { ?a ?b ?c } { ?a ?b ?c . ?d ?e ?f }"]
)
def test_time_runs_while_the_engine_works_and_while_rows_come(pool: Pool, query: str) -> None:
    """The worker is gone, and the next query is answered."""
    with pytest.raises(destgraph.TimeLimitError, match=r"^no answer within 0\.5 seconds; narrow the query or raise"):
        pool.query(query, timeout=0.5, memory=4096)
    assert pool.query("ASK {}") is True


def test_waiting_for_a_worker_counts(kg: destgraph.KnowledgeGraph) -> None:
    """As many queries run at once as the pool has workers; the next says what it waited for."""
    pool = Pool(kg.store, workers=1)
    with (
        pool.answer(ROWS, timeout=300),
        pytest.raises(destgraph.TimeLimitError, match=r"^no answer within 0\.2 seconds; 1 other queries were running$"),
    ):
        pool.query("ASK {}", timeout=0.2)
    assert pool.query("ASK {}", timeout=math.inf) is True
    pool.close()


@LINUX
def test_leaving_an_answer_early_ends_its_worker(pool: Pool) -> None:
    """Nobody would read the rest."""
    with pool.answer(ROWS, timeout=300) as answer:
        assert answer.kind == "rows"
        assert answer.read(10) == b'{"head":{"'
        worker = os.pidfd_open(answer._worker._number)  # type: ignore[attr-defined]
    assert select.select([worker], [], [], 300)[0]
    os.close(worker)


def test_a_query_can_be_stopped_from_another_thread(pool: Pool) -> None:
    """As a server does when its client has gone."""
    with pool.answer(ROWS, timeout=300) as answer:
        threading.Thread(target=answer.stop).start()
        with pytest.raises(destgraph.TimeLimitError, match=r"^the query was stopped before it had answered$"):
            drain(answer)


def test_what_a_server_asks_for(pool: Pool) -> None:
    """Media types, a base, and the dataset of a request; the kind of the answer is known before it is read."""
    with pool.answer("SELECT ?x { VALUES ?x { <a> } }", base_iri="http://example.org/", rows="text/csv") as answer:
        assert (answer.kind, b"".join(iter(answer.read, b""))) == ("rows", b"x\r\nhttp://example.org/a\r\n")
    with pool.answer("CONSTRUCT { <a:a> <a:b> 1 } {}", triples="text/turtle") as answer:
        assert (answer.kind, answer.read()) == ("triples", b"<a:a> <a:b> 1 .\n")
    with pool.answer("ASK {}") as answer:
        assert (answer.kind, answer.truth, answer.read()) == ("boolean", True, b"")
    store = Store()
    graph = NamedNode("http://example.org/g")
    store.add(Quad(graph, graph, Literal("1"), graph))
    small = Pool(store)
    for query, given in (
        ("ASK { ?s ?p '1' }", {"default_graphs": [graph.value]}),
        ("ASK { GRAPH ?g { ?s ?p '1' } }", {"named_graphs": [graph.value]}),
        (f"ASK FROM {graph} {{ ?s ?p '1' }}", {}),
    ):
        with small.answer(query, **given) as answer:  # type: ignore[arg-type]
            assert answer.truth, query
    with small.answer("ASK { GRAPH ?g { ?s ?p '1' } }", named_graphs=[]) as answer:
        assert not answer.truth
    small.close()


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        ("ASK {", destgraph.InputError, "query:1:6: "),
        ("ASK { SERVICE <http://127.0.0.1:9000/> {} }", destgraph.ReachingError, "^SERVICE reaches other data"),
        ("ASK FROM <http://127.0.0.1:9000/> {}", destgraph.ReachingError, "^FROM reaches other data"),
    ],
)
def test_a_query_can_be_checked_and_not_run(pool: Pool, query: str, error: type[Exception], message: str) -> None:
    """As validation does, of queries that another engine answers."""
    pool.check(RUNAWAY, timeout=300)
    with pytest.raises(error, match=message):
        pool.check(query)
    if "FROM" in query:
        pool.check(query, elsewhere=False)


# Processes


@LINUX
def test_a_worker_has_its_limits(pool: Pool) -> None:
    """As the system tells them: no file, no core dump, memory beyond what it had at its start, processor time."""
    with pool.answer(ROWS, timeout=300, memory=100) as answer:
        limits = Path(f"/proc/{answer._worker._number}/limits").read_text()  # type: ignore[attr-defined]
    told = {line[:26].strip(): line[26:47].strip() for line in limits.splitlines()}
    assert (told["Max open files"], told["Max core file size"]) == ("0", "0")
    assert 100 << 20 < int(told["Max address space"]) < 2 << 30
    assert 300 < int(told["Max cpu time"]) < 400


def test_workers_do_not_share_random_numbers(pool: Pool) -> None:
    """A fork begins with the random numbers of the process that it was forked of."""
    with pool.answer(ROWS, timeout=300):  # so that another worker answers
        second = pool.query("SELECT (UUID() AS ?id) {}")
    pool.renew()
    assert second != pool.query("SELECT (UUID() AS ?id) {}")


def test_what_is_changed_in_the_store_is_seen() -> None:
    """At once when the number of triples has changed, and after `renew` when it has not."""
    store = Store()
    one, two = (Quad(NamedNode("a:a"), NamedNode("a:b"), Literal(text)) for text in ("1", "2"))
    kg = destgraph.KnowledgeGraph(store)
    assert kg.query("ASK { ?s ?p '1' }") is False
    store.add(one)
    assert kg.query("ASK { ?s ?p '1' }") is True
    store.remove(one)
    store.add(two)
    kg.renew()
    assert kg.query("ASK { ?s ?p '2' }") is True


@LINUX
@pytest.mark.parametrize("which", ["worker", "zygote"])
def test_a_process_that_the_system_has_killed_is_replaced(kg: destgraph.KnowledgeGraph, which: str) -> None:
    """The next query is answered."""
    pool = Pool(kg.store)
    with pool.answer("ASK {}") as answer:
        worker = answer._worker._number  # type: ignore[attr-defined]
        answer.read()
    zygote = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[1])
    killed = os.pidfd_open(worker)
    os.kill(worker if which == "worker" else zygote, signal.SIGKILL)
    if which == "worker":
        assert select.select([killed], [], [], 300)[0]
    os.close(killed)
    assert pool.query("ASK {}") is True
    with pool.answer(ROWS, timeout=300):
        assert pool.query("ASK {}") is True
    pool.close()


@LINUX
def test_a_query_that_the_system_kills_is_no_empty_answer(pool: Pool) -> None:
    """As it does when the machine has no memory left."""
    with pool.answer(ROWS, timeout=300) as answer:
        os.kill(answer._worker._number, signal.SIGKILL)  # type: ignore[attr-defined]
        with pytest.raises(destgraph.MemoryLimitError, match=r"^the query needs more than 512 MB of memory;"):
            drain(answer)


@LINUX
def test_processes_end_with_the_pool() -> None:
    """Also when nobody has closed it."""
    store = Store()
    pool = Pool(store)
    before = set(children(os.getpid()))
    pool.query("ASK {}")
    (zygote,) = set(children(os.getpid())) - before
    ended = os.pidfd_open(zygote)
    gone = weakref.ref(pool)
    del pool
    assert gone() is None
    assert select.select([ended], [], [], 300)[0]
    os.close(ended)
    assert set(children(os.getpid())) <= before


@pytest.mark.slow
def test_a_query_runs_where_processes_cannot_be_forked(
    kg: destgraph.KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There each worker is a new Python; it has the limits that the system has."""
    monkeypatch.setattr(processes, "launcher", processes.Spawner)
    pool = Pool(kg.store)
    for _ in range(2):
        answer = pool.query("SELECT ?x { VALUES ?x { 'a'@de } }", timeout=300)
        assert isinstance(answer, destgraph.Solutions)
        assert [row.x for row in answer] == ["a"]
    with pytest.raises(destgraph.TimeLimitError, match=r"^no answer within 0\.5 seconds"):
        pool.query(RUNAWAY, timeout=0.5)
    with pytest.raises(destgraph.InputError, match=r"^query: it is nested too deeply, or too long"):
        pool.query(f"SELECT * {{ FILTER ({'!' * 50_000}true) }}", timeout=300)
    with pytest.raises(destgraph.MemoryLimitError, match=r"^the answer takes more than 32 MB"):
        pool.query(f"{ROWS} LIMIT 1000000", memory=32, timeout=300)
    assert pool.query("ASK {}", federate=True) is True
    pool.close()


@pytest.mark.parametrize("start", [processes.Zygote, processes.Spawner])
def test_blank_nodes_keep_their_names(monkeypatch: pytest.MonkeyPatch, start: type[processes.Launcher]) -> None:
    """Whoever asks can find them in the store again, also where the graph goes to a new Python as text."""
    monkeypatch.setattr(processes, "launcher", start)
    monkeypatch.setattr(processes, "_has_one_thread", lambda: False)
    store = Store()
    node = BlankNode()
    store.add(Quad(node, NamedNode("a:b"), Literal("x", language="ar", direction=BaseDirection.RTL)))
    pool = Pool(store)
    answer = pool.query("SELECT ?s ?o { ?s ?p ?o }", timeout=300)
    assert isinstance(answer, destgraph.Solutions)
    assert answer.terms == ((node, Literal("x", language="ar", direction=BaseDirection.RTL)),)
    built = pool.query("CONSTRUCT WHERE { ?s ?p ?o }", timeout=300)
    assert [subject for subject, _, _ in built] == [node]  # type: ignore[union-attr]
    pool.close()


PROGRAM = """
import os, sys, threading, time
print("main")
import destgraph
kg = destgraph.load()
threaded = sys.argv[1] == "threads"
if threaded:
    threading.Thread(target=time.sleep, args=(1e6,), daemon=True).start()
reading, writing = os.pipe()
os.set_inheritable(writing, True)
print(kg.query("ASK {}"))
os.close(writing)
print(os.read(reading, 1))  # the end, as no process of the pool holds the other side
sys.stdout.flush()
if os.fork() == 0:
    print("child", kg.query("ASK {}"), flush=True)
    os._exit(0)
os.wait()
print("parent", kg.query("ASK {}"))
"""


@LINUX
@pytest.mark.parametrize("how", ["alone", "threads"])
def test_processes_have_nothing_of_the_program(how: str) -> None:
    """The program is not run again, its files are not held; a process that it forks has workers of its own."""
    result = run(PROGRAM, how)
    assert (result.stdout, result.stderr) == ("main\nTrue\nb''\nchild True\nparent True\n", "")


THREADS = """
import random, sys, threading, destgraph

kg, other = destgraph.load(), destgraph.load()
asked = [("destinations-of-type", {"type": "edge-personalization"}), ("license", {"license": "Ultimate"}),
         ("categories", {}), ("types", {})]
expected = [kg.ask(name, **given).to_csv() for name, given in asked]
number = len(kg.store)
lost = []


def ask():
    for _ in range(25):
        which = random.randrange(4)
        if kg.ask(asked[which][0], **asked[which][1]).to_csv() != expected[which]:
            lost.append(which)


def query():
    for _ in range(3):
        (row,) = kg.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", timeout=100)
        if row.n != number:
            lost.append(row.n)


threading.excepthook = lambda told: lost.append(repr(told.exc_value))
threads = [threading.Thread(target=does) for does in [ask] * 8 + [query] * 3 + [lambda: len(other.graph)]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(lost)
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [pytest.param(3, id="few"), pytest.param(50, id="many", marks=pytest.mark.nightly)])
def test_no_answer_is_lost_in_threads(number: int) -> None:
    """Eight threads ask, three query, one reads the graph with rdflib."""
    for _ in range(number):
        result = run(THREADS)
        assert (result.stdout, result.stderr) == ("[]\n", "")


# What a query can reach

UNCHECKED = """
import json, sys
import destgraph
from destgraph import query_text
from destgraph.stores import pool, processes

query_text.refuse_remote = lambda *_, **__: None
told = {}
kg = destgraph.load()
for query in json.loads(sys.argv[1]):
    try:
        told[query] = len(kg.query(query))
    except TypeError:
        told[query] = "boolean"
    except Exception as error:
        told[query] = f"{type(error).__name__}: {error}"
print(json.dumps(told))
"""


def counting(server: servers.Scripted, _request: servers.Request, connection: servers.Connection) -> None:
    """Answer as a store with one row."""
    assert server
    connection.reply(
        b'{"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "literal", "value": "PWNED"}}]}}'
    )


@LINUX
def test_the_system_keeps_a_query_from_the_network() -> None:
    """With the check of the text switched off no request arrives, however SERVICE is written."""
    with servers.scripted(counting) as server:
        queries = [query.replace("URL", server.url) for query in [*SPELLINGS, *ELSEWHERE, *DATASETS]]
        result = run(UNCHECKED, json.dumps(queries))
        assert result.stderr == ""
        told = json.loads(result.stdout)
        assert server.requests == []
    reached = [answer for query, answer in told.items() if "too many open files" in str(answer).lower()]
    assert len(reached) > len(SPELLINGS) / 2, "the queries were not run"
    assert "PWNED" not in result.stdout


@pytest.mark.parametrize("query", SPELLINGS)
def test_with_leave_every_spelling_reaches_out(pool: Pool, query: str) -> None:
    """So that the test above can fail."""
    with servers.scripted(counting) as server:
        pool.query(query.replace("URL", server.url), federate=True)
        assert server.requests != []
        with pytest.raises(destgraph.ReachingError):
            pool.query(query.replace("URL", server.url))


def test_a_worker_that_may_reach_out_is_not_used_again(pool: Pool) -> None:
    """The next query may not."""
    pool.renew()
    pool.query("ASK {}", federate=True)
    assert pool._launch()._idle == []


@pytest.mark.parametrize("query", [*SPELLINGS, *ELSEWHERE, *DATASETS])
def test_a_store_is_not_sent_what_it_would_send_on(query: str) -> None:
    """For a store the check of the text is all there is."""
    with servers.scripted(counting) as server:
        store = destgraph.connect(server.url)
        with pytest.raises(destgraph.ReachingError):
            store.query(query.replace("URL", "http://127.0.0.1:9000/"))
        with pytest.raises(destgraph.ReachingError):
            store.save(query.replace("URL", "http://127.0.0.1:9000/"), Path("none.csv"), "csv")
        assert server.requests == []


QUESTION = """
#+ summary: A stranger's question
#+ description: It asks elsewhere.
#+ tags: types
#+ columns:
#+   a: what came

SELECT ?a { SERVICE <URL> { ?a ?b ?c } }
"""


def test_a_question_of_another_folder_is_a_strangers_query(tmp_path: Path, kg: destgraph.KnowledgeGraph) -> None:
    """It is run as any query, and not with what the package's own questions may do."""
    (tmp_path / "queries").mkdir()
    with servers.scripted(counting) as server:
        (tmp_path / "queries" / "away.rq").write_text(QUESTION.replace("URL", server.url).lstrip())
        with pytest.raises(destgraph.ReachingError):
            destgraph.KnowledgeGraph(kg.store, root=tmp_path).ask("away")
        assert server.requests == []


NETWORK = """
import sys, urllib.request
import rdflib
from destgraph.stores import confinement

tried = []
confinement.refuse_network(tried.append)
for reach in (
    lambda: urllib.request.urlopen(sys.argv[1]),
    lambda: rdflib.Graph().parse(sys.argv[1]),
    lambda: rdflib.Graph().query("SELECT * { SERVICE <%s> { ?a ?b ?c } }" % sys.argv[1]).bindings,
    lambda: rdflib.Dataset().query("SELECT * FROM <%s> { ?a ?b ?c }" % sys.argv[1]).bindings,
):
    before = len(tried)
    try:
        reach()
    except Exception:
        print("refused" if len(tried) > before else "something else")
"""


def test_python_code_can_be_kept_from_the_network() -> None:
    """For validation, whose engine is Python: what is tried is told, and nothing arrives."""
    with servers.scripted(counting) as server:
        result = run(NETWORK, server.url)
        assert result.stderr == ""
        assert result.stdout == "refused\n" * 4
        assert server.requests == []
