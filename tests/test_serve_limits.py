"""What `destgraph serve` bears: hostile queries, many clients, clients that go, and its own end."""

import http.client
import json
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import servers
from asking import Reply, ask
from reaching import ELSEWHERE, SPELLINGS
from servers import Connection, Request, Scripted, Served
from test_pool import ROWS, RUNAWAY, children

pytestmark = pytest.mark.linux("processes are counted, and their memory is limited")

DIRECT = {"Content-Type": "application/sparql-query"}
MEMORY = 64


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with little time."""
    yield from limited(tmp_path_factory.mktemp("quick") / "log", "--timeout", "2")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with little memory."""
    yield from limited(tmp_path_factory.mktemp("small") / "log", "--timeout", "1000", "--memory", str(MEMORY))


def limited(log: Path, *options: str) -> Iterator[Served]:
    """Run a server with two workers and some limits."""
    with servers.destgraph(log, "--workers", "2", *options) as served:
        ask(served.url, "/")  # what pages need is there from now on
        settled(served)
        yield served


def settled(served: Served) -> tuple[int, int, int]:
    """Return the number of worker processes, open files of the server and its memory in MB, when nothing runs."""

    def answered(_: int) -> int:
        while (reply := query(served, "ASK {}")).status in (503, 504):  # workers are begun anew on a busy computer
            pass
        return reply.status

    with ThreadPoolExecutor() as pool:  # both workers are there
        assert {*pool.map(answered, range(8))} == {200}
    (zygote,) = children(served.process.pid)
    while len(workers := children(zygote)) > 2:  # one that is being ended
        ask(served.url, "/health")
    files = len([*Path(f"/proc/{served.process.pid}/fd").iterdir()])
    pages = int(Path(f"/proc/{served.process.pid}/statm").read_text().split()[1])
    return len(workers), files, pages * os.sysconf("SC_PAGESIZE") >> 20


def is_as_before(served: Served, before: tuple[int, int, int]) -> None:
    """Check that nothing was left behind; some connections may still be closing."""
    assert query(served, "SELECT (1 AS ?x) {}").status == 200
    workers, files, memory = settled(served)
    assert 1 <= workers <= before[0]  # one that was killed is begun anew when it is needed
    assert files < before[1] + 8
    assert memory < before[2] + 50


def query(served: Served, text: str, accept: str = "text/csv, */*;q=0.1") -> Reply:
    """Post a query directly."""
    return ask(served.url, "/sparql", "POST", text, {**DIRECT, "Accept": accept})


TIME = "no answer within 2 seconds, the limit of this server; narrow the query"
NO_MEMORY = f"the query needs more than {MEMORY} MB of memory, the limit of this server; narrow it"
LARGE = f"the answer is larger than {MEMORY} MB, the limit of this server; narrow the query, or ask for it in parts"
HOSTILE = {
    "endless": (RUNAWAY, 504, TIME),
    "sorted": (f"{ROWS} ORDER BY ?c ?f", 507, NO_MEMORY),
    "three million rows": (f"{ROWS} LIMIT 3000000", 507, LARGE),
    "many triples": ("CONSTRUCT { ?a ?e ?f . ?d ?b ?c } { ?a ?b ?c . ?d ?e ?f }", 507, NO_MEMORY),
    "nested": (f"ASK {'{' * 20_000}{'}' * 20_000}", 400, "query:1:105: brackets are nested more than 100 deep"),
    "negations": (f"SELECT * {{ FILTER ({'!' * 50_000}true) }}", 400, "query: it is nested too deeply, or too long"),
    "unions": (f"SELECT * {{ {' UNION '.join(['{}'] * 20_000)} }}", 400, "query: it is nested too deeply, or too long"),
    "strings": ('ASK { ?s ?p "' + '\\"' * 500_000, 400, "query:1:"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_gets_its_status_and_does_no_harm(quick: Served, small: Served, name: str) -> None:
    """Never 200; other requests are answered meanwhile, and afterwards all is as before."""
    text, status, reason = HOSTILE[name]
    served = quick if reason == TIME else small
    before = settled(served)
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(query, served, text)
        meanwhile = [query(served, "SELECT (1 AS ?x) {}")]
        meanwhile += [ask(served.url, path) for path in ("/destination/bing.html", "/health")]
        reply = asked.result()
    assert (reply.status, reply.media_type) == (status, "application/problem+json")
    assert reply.json()["detail"].startswith(reason)
    assert [other.status for other in meanwhile] == [200, 200, 200]
    assert meanwhile[0].body == b"x\r\n1\r\n"
    is_as_before(served, before)


@pytest.mark.slow
def test_too_many_queries_are_told_to_come_again(quick: Served) -> None:
    """503 with the time to wait, or 504; pages are answered meanwhile, and the next query too."""
    before = settled(quick)
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(query, quick, RUNAWAY) for _ in range(12)]
        assert ask(quick.url, "/type/dataset-export.html").status == 200
        replies = [one.result() for one in asked]
    assert {reply.status for reply in replies} == {503, 504}
    for reply in replies:
        if reply.status == 503:
            assert reply.headers["retry-after"] == "2"
            assert reply.json()["detail"] == "no answer within 2 seconds; 2 other queries were running; ask again later"
    is_as_before(quick, before)


def test_a_large_answer_is_whole(small: Served) -> None:
    """Above the size that is kept in memory; one that is within the limit."""
    reply = query(small, "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 50000")
    assert reply.status == 200
    assert len(reply.body) == int(reply.headers["content-length"]) > 4 << 20
    assert reply.body.count(b"\r\n") > 50_000


def test_a_client_that_goes_ends_its_query(tmp_path: Path) -> None:
    """Long before the limit of the query; nobody would read the answer."""
    with servers.destgraph(tmp_path / "log", "--workers", "1", "--timeout", "1000") as served:
        query(served, "ASK {}")
        (zygote,) = children(served.process.pid)
        (worker,) = children(zygote)
        ended = os.pidfd_open(worker)
        with socket.create_connection(("127.0.0.1", served.port)) as client:
            client.sendall(f"GET /sparql?{urlencode({'query': RUNAWAY})} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            while not busy(worker):
                ask(served.url, "/health")
        assert select.select([ended], [], [], 300)[0]
        os.close(ended)
        assert query(served, "SELECT (1 AS ?x) {}").body == b"x\r\n1\r\n"
    assert re.search(r'" 499 0 ', (tmp_path / "log").read_text())


def busy(process: int) -> bool:
    """Tell whether a process computes."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "R"


@contextmanager
def in_flight(served: Served, text: str) -> Iterator["http.client.HTTPConnection"]:
    """Have a query running whose answer is not yet read."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=300)
    connection.request("POST", "/sparql", text, DIRECT)
    (zygote,) = children(served.process.pid)
    while not any(busy(worker) for worker in children(zygote)):
        ask(served.url, "/health")
    try:
        yield connection
    finally:
        connection.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        pytest.param(signal.SIGINT, marks=pytest.mark.nightly),
        pytest.param(signal.SIGHUP, marks=pytest.mark.nightly),
    ],
)
def test_a_signal_ends_what_is_in_flight(tmp_path: Path, number: signal.Signals) -> None:
    """Within a short time: the client is told, all processes end, and the exit is that of the signal."""
    with servers.destgraph(tmp_path / "log", "--timeout", "1000") as served:
        query(served, "ASK {}")
        zygote = os.pidfd_open(children(served.process.pid)[0])
        with in_flight(served, RUNAWAY) as connection:
            served.process.send_signal(number)
            response = connection.getresponse()
            problem = json.loads(response.read())
        assert (response.status, response.headers["retry-after"]) == (503, "1")
        assert problem["detail"] == "the server is ending; ask again"
        assert served.process.wait(300) == (130 if number == signal.SIGINT else -number)
        assert select.select([zygote], [], [], 300)[0]
        os.close(zygote)
    assert all(" - - [" in line for line in filter(None, (tmp_path / "log").read_text().splitlines()))


def test_a_query_that_ends_in_time_is_answered_after_the_signal(tmp_path: Path) -> None:
    """An answer that is on its way is not lost."""
    text = f"SELECT (COUNT(*) AS ?n) {{ {{ {ROWS} LIMIT 300000 }} }}"
    with servers.destgraph(tmp_path / "log", "--timeout", "1000") as served:
        query(served, "ASK {}")
        with in_flight(served, text) as connection:
            served.process.send_signal(signal.SIGTERM)
            response = connection.getresponse()
            assert response.status == 200
            assert json.loads(response.read())["results"]["bindings"][0]["n"]["value"] == "300000"
        assert served.process.wait(300) == -signal.SIGTERM


# Nothing goes out

UNCHECKED = """
import destgraph
from destgraph import query_text
from destgraph.serve import server

query_text.refuse_remote = lambda *_, **__: None
server.run(destgraph.load(), server.Settings(workers=1, timeout=300), lambda url: print(url, flush=True))
"""


def counting(server: Scripted, _request: Request, connection: Connection) -> None:
    """Answer as a store with one row."""
    assert server
    connection.reply(b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"literal","value":"PWNED"}}]}}')


def test_no_query_reaches_out_even_unchecked() -> None:
    """With the check of the text switched off no request arrives, however SERVICE is written."""
    command = [sys.executable, "-c", UNCHECKED]
    with (
        servers.scripted(counting) as listener,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
    ):
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        told = []
        for text in [*SPELLINGS, *ELSEWHERE]:
            reply = ask(url, "/sparql", "POST", text.replace("URL", listener.url), DIRECT)
            told.append(reply.body)
            assert b"PWNED" not in reply.body
        process.kill()
        assert listener.requests == []
    assert sum(b"too many open files" in body.lower() for body in told) > len(SPELLINGS) / 2, "they were not run"


@pytest.mark.parametrize("text", SPELLINGS)
def test_service_is_refused(small: Served, text: str) -> None:
    """By the check of the text."""
    with servers.scripted(counting) as listener:
        reply = query(small, text.replace("URL", listener.url))
        assert reply.status == 403
        assert listener.requests == []


# Many clients


def client(served: Served, number: int, until: float, rounds: int, lost: list[str]) -> int:
    """Ask different things, so many times and until a time, on one connection; note what comes back wrong."""
    chosen = random.Random(number)  # noqa: S311
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=300)
    done = 0
    while done < rounds or time.monotonic() < until:
        value = f"{number}-{done}"
        kind = chosen.randrange(4)
        if kind == 0:
            text = f"SELECT ('{value}' AS ?x) {{}}"
            connection.request("GET", f"/sparql?query={quote(text)}", headers={"Accept": "text/csv"})
            expected = f"x\r\n{value}\r\n".encode()
        elif kind == 1:
            connection.request("POST", "/sparql", f"ASK {{ FILTER('{value}' = '{value}') }}", DIRECT)
            expected = b'{"head":{},"boolean":true}\n'
        elif kind == 2:
            text = f"SELECT (COUNT(*) AS ?n) ('{value}' AS ?x) {{ ?d a dg:Extension }}"
            connection.request("GET", f"/sparql?query={quote(text)}", headers={"Accept": "text/csv"})
            expected = f"n,x\r\n54,{value}\r\n".encode()
        else:
            connection.request("GET", f"/nothing/{value}")
            expected = f'{{"title":"Not Found","status":404,"detail":"there is nothing at /nothing/{value}"}}'.encode()
        response = connection.getresponse()
        body = response.read()
        if body != expected:
            lost.append(f"{value}: {response.status} {body[:200]!r}")
        done += 1
    connection.close()
    return done


@pytest.mark.parametrize(
    ("clients", "seconds"), [pytest.param(50, 0, id="few"), pytest.param(200, 60, id="many", marks=pytest.mark.nightly)]
)
def test_parallel_clients_get_their_own_answers(tmp_path: Path, clients: int, seconds: float) -> None:
    """Nothing is lost or mixed up, and nothing is left behind."""
    with servers.destgraph(tmp_path / "log", "--workers", "2", "--timeout", "300") as served:
        ask(served.url, "/")
        before = settled(served)
        lost: list[str] = []
        until = time.monotonic() + seconds
        with ThreadPoolExecutor(clients) as pool:
            done = sum(pool.map(lambda number: client(served, number, until, 3, lost), range(clients)))
        assert lost == []
        is_as_before(served, before)
        logged = (tmp_path / "log").read_text().splitlines()
        assert len([line for line in logged if "/nothing/" in line or "/sparql" in line]) >= done
