"""The magics in a shell of IPython, and in a real kernel: answers, completion, errors, and an interrupt."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

import pandas
import pytest
import servers
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

import destgraph
from destgraph.catalog import names, questions
from destgraph.results import Solutions, Triples

EDGE = ["Adobe Commerce connection", "Adobe Target connection", "Custom Personalization connection"]
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
PATIENCE = 300
"""Seconds after which a busy machine is taken for a hang."""


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    """A shell of IPython with the extension loaded."""
    shell = InteractiveShell()
    result = shell.run_cell("%load_ext destgraph")
    assert result.success
    return shell


def value(shell: InteractiveShell, cell: str) -> Any:
    """Run a cell that must succeed and return its value."""
    with capture_output():
        result = shell.run_cell(cell)
    assert result.success, result.error_in_exec
    return result.result


def printed(shell: InteractiveShell, cell: str) -> str:
    """Run a cell and return what it prints, errors included."""
    with capture_output() as captured:
        shell.run_cell(cell)
    return captured.stdout + captured.stderr


def completed(shell: InteractiveShell, text: str) -> list[str]:
    """Return what IPython's completer offers at the end of a text."""
    with provisionalcompleter():
        return [completion.text for completion in shell.Completer.completions(text, len(text))]


def test_an_answer_without_rows_says_why(shell: InteractiveShell) -> None:
    """Below its head; a sole parameter needs no name."""
    answer = value(shell, "%ask labels de-AT")
    assert (len(answer), [note.partition(";")[0] for note in answer.notes]) == (0, ["nothing matches language=de-AT"])
    answer = value(shell, "%%sparql\nSELECT * { ?s dg:licence ?o }")
    assert answer.notes == ("dg:licence is no term of the graph; did you mean dg:availableWith?",)
    assert value(shell, "%%sparql\nSELECT * { ?s a 1 }").notes == ()


@pytest.mark.parametrize(
    "type_",
    [
        "type=edge-personalization",
        "type='Edge personalization destination'",
        'type="Edge personalization destination"',
        '"type=Edge personalization destination"',
        "type={name}",
    ],
)
def test_ask(shell: InteractiveShell, type_: str) -> None:
    """A value is quoted as in a shell, or comes from a variable; the answer is that of `kg.ask`."""
    shell.user_ns["name"] = "type:edge-personalization"
    answer = value(shell, f"%ask destinations-of-type {type_}")
    assert isinstance(answer, Solutions)
    assert [row.name for row in answer] == EDGE
    assert answer.as_read == destgraph.load().as_read


def test_several_values_mean_any(shell: InteractiveShell) -> None:
    """The same parameter twice asks for both."""
    answer = value(shell, "%ask destinations-of-type type=edge-personalization type=streaming-profile-export")
    assert len(answer) == 8


def test_ask_alone_lists_the_questions(shell: InteractiveShell) -> None:
    """All questions, as `kg.questions`; with --help what one of them takes."""
    assert list(value(shell, "%ask")) == [question.name for question in questions.every()]
    assert value(shell, "%ask destinations-of-type --help") == questions.question("destinations-of-type")


def test_out_keeps_the_answer_in_a_variable(shell: InteractiveShell) -> None:
    """Nothing is shown then; with a format the variable holds that form."""
    assert value(shell, "%ask destinations-of-type --out found type=edge-personalization") is None
    assert [row.name for row in shell.user_ns["found"]] == EDGE
    assert value(shell, "%%sparql --out frame --format dataframe\nSELECT ?d { ?d a dg:Extension } LIMIT 2") is None
    assert shell.user_ns["frame"].shape == (2, 1)


def test_sparql_answers_each_form(shell: InteractiveShell) -> None:
    """SELECT, ASK, CONSTRUCT and DESCRIBE, without declaring a prefix."""
    (row,) = value(shell, "%%sparql\nSELECT (COUNT(DISTINCT ?d) AS ?n) {\n  ?d a/rdfs:subClassOf* dg:Extension }")
    assert row.n == 54
    assert value(shell, "%%sparql\nASK { destination:bing a dg:Extension }") is False
    built = value(shell, "%%sparql\nCONSTRUCT { ?d a dg:Way } { ?d a dg:EdgePersonalizationDestination }")
    assert isinstance(built, Triples)
    assert len(built) == 3
    assert len(value(shell, "%%sparql\nDESCRIBE destination:bing")) > 20


def test_formats(shell: InteractiveShell) -> None:
    """Text is printed, records and data frames are values."""
    question = "destinations-of-type type=edge-personalization"
    assert printed(shell, f"%ask {question} --format csv").splitlines()[0] == "destination,name,type,basis"
    assert printed(shell, f"%ask {question} --format markdown").startswith("| destination | name |")
    assert isinstance(value(shell, f"%ask {question} --format dataframe"), pandas.DataFrame)
    assert [row["name"] for row in value(shell, f"%ask {question} --format records")] == EDGE
    turtle = printed(shell, "%%sparql --format turtle\nCONSTRUCT { destination:bing a dg:Way } {}")
    assert "destination:bing a dg:Way ." in turtle


def test_completion_of_ask(shell: InteractiveShell, kg: destgraph.KnowledgeGraph) -> None:
    """Questions, then parameters, then the names of the parameter's kind; options and formats."""
    every = sorted(question.name for question in questions.every())
    assert completed(shell, "%ask ") == every
    assert completed(shell, "rows = 1\n%ask destinations-") == ["destinations-in-category", "destinations-of-type"]
    assert completed(shell, "%ask destinations-of-type ") == ["edition=", "type="]
    assert completed(shell, "%ask destinations-of-type type=edge") == ["type=edge-personalization"]
    assert completed(shell, "%ask destinations-of-type type=type:edge") == ["type=type:edge-personalization"]
    destinations = {f"destination={thing.id}" for thing in names.named(kg.select, "destination")}
    offered = completed(shell, "%ask --out rows type-of destination=")
    assert len(destinations) > 150
    assert destinations < set(offered)
    assert completed(shell, "%ask type-of --f") == ["--format"]
    assert completed(shell, "%ask type-of --format c") == ["csv"]
    assert completed(shell, "%ask nonsense zz") == []


def test_completion_in_a_query(shell: InteractiveShell) -> None:
    """Options in the first line, prefixes and prefixed terms below it, and nothing of Python."""
    assert completed(shell, "%%sparql --ou") == ["--out"]
    assert completed(shell, "%%sparql\nSELECT * { ?d dg:delivered") == ["dg:deliveredBy"]
    assert completed(shell, "%%sparql\nSELECT * { ?d a dg:EdgeP") == [
        "dg:EdgePersonalizationDestination",
        "dg:EdgePersonalizationPattern",
    ]
    assert completed(shell, "%%sparql\nSELECT * {\n ?d dg:deliveredBy delivery:edge") == ["delivery:edge-network"]
    assert completed(shell, "%%sparql\nSELECT * { ?d a dest") == ["destination:"]
    assert completed(shell, "%%sparql\nimport o") == ["owl:"]
    assert completed(shell, "%%sparql\nSELECT * { nowhere:zz") == []
    assert completed(shell, "%%sparql\nSELECT ?dest") == []
    assert completed(shell, "%%sparql\nSELECT * { <https://w3id.org/dest") == []
    assert "os" in completed(shell, "import o")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%ask destinations-of-typ type=x", "no question 'destinations-of-typ'; did you mean destinations-of-type"),
        ("%ask destinations-of-type", "question destinations-of-type needs type=..., for example type=edge"),
        ("%ask destinations-of-type type=edg", "no type 'edg'; did you mean edge-personalization ("),
        (
            "%ask destinations-of-type type=Edge personalization",
            "'personalization' is not NAME=VALUE; write for example type=edge-personalization, and put a value with"
            ' blanks in quotes, as in type="Edge personalization destination"',
        ),
        ("%ask type-of destination='a", "%ask type-of destination='a: No closing quotation; close the quotes"),
        *[
            (f"%ask types --out {name}", f"--out '{name}' is no name of a variable; write for example --out rows")
            for name in ("1x", "a.b", "class", "None", "lambda")
        ],
        *[
            (
                f"%%sparql --out {name}\nASK {{}}",
                f"--out '{name}' is a name of Python or IPython; write for example --out rows",
            )
            for name in ("print", "list", "__builtins__", "get_ipython", "_", "__", "_1", "In", "Out", "exit", "quit")
        ],
        (
            "%ask types --formt csv",
            "%ask: unrecognized arguments: --formt csv; options are --out, --format, --endpoint, --graph, --timeout,"
            " --help",
        ),
        ("%ask types --graph a:b", "--graph names a graph in an endpoint; give --endpoint URL too"),
        ("%ask types --format turtle", "this form of query has no format turtle; use csv, dataframe, json, markdown,"
         " records, tsv, or leave --format out"),
        ("%%sparql --format csv\nASK {}", "this form of query has no format csv; leave --format out"),
        ("%%sparql\nSELECT ?d {\n  ?d a }", "query:2:9: expected one of"),
        ("%%sparql\nASK { ?d nope:x 1 }", "query:1:16: prefix not found; declare it with PREFIX\n  ASK"),
        (
            "%%sparql\nSELECT * { SERVICE <http://127.0.0.1/> {} }",
            "SERVICE reaches other data than the graph's; allow it with --federate",
        ),
        (
            f"%%sparql --timeout 0.05\n{RUNAWAY}",
            "no answer within 0.05 seconds; narrow the query or raise the time limit",
        ),
        ("%%sparql --timeout 0\nASK {}", "%%sparql: argument --timeout: invalid seconds value: '0'; options are --out"),
        ("%%sparql --endpoint http://127.0.0.1:9/none\nASK {}", "http://127.0.0.1:9/none cannot be reached"),
    ],
)  # fmt: skip
def test_an_error_is_its_message_and_no_traceback(shell: InteractiveShell, cell: str, message: str) -> None:
    """One block that says what is wrong and what to do."""
    shown = printed(shell, cell)
    assert shown.startswith(message)
    assert "Traceback" not in shown
    assert 'File "' not in shown


def test_a_bug_still_has_its_traceback(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only errors that the user can put right are cut short."""
    monkeypatch.setattr(questions, "question", lambda _name, _root: 1 / 0)
    assert "ZeroDivisionError" in printed(shell, "%ask types --help")
    assert "questions.question" in printed(shell, "%ask types --help")


def test_an_endpoint_answers_like_the_shipped_graph(shell: InteractiveShell, oxigraph: destgraph.RemoteGraph) -> None:
    """Both magics take a URL, and a graph that is not there is named in the error."""
    url = oxigraph.endpoint
    question = "destinations-of-type type='Edge personalization destination'"
    assert value(shell, f"%ask {question} --endpoint {url}") == value(shell, f"%ask {question}")
    assert value(shell, f"%%sparql --endpoint {url}\nASK {{ destination:bing a dg:Extension }}") is False
    assert len(value(shell, f"%%sparql --endpoint {url}\nCONSTRUCT {{ destination:bing a dg:Way }} {{}}")) == 1
    shown = printed(shell, f"%ask {question} --endpoint {url} --graph https://example.org/nowhere")
    assert "https://example.org/nowhere" in shown
    assert "Traceback" not in shown


def test_options_are_in_the_docs(shell: InteractiveShell) -> None:
    """The table of options in docs/notebooks.md has them all, with what each takes."""
    docs = (Path(__file__).parents[1] / "docs" / "notebooks.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(--[a-z]+)", docs))
    assert told == {*completed(shell, "%ask --"), *completed(shell, "%%sparql --")} - {"--help"}
    formats = set(completed(shell, "%ask types --format "))
    assert formats == {"csv", "dataframe", "json", "markdown", "records", "tsv", "turtle"}
    assert formats <= set(re.findall(r"`([a-z]+)`", docs))


def test_unload(kg: destgraph.KnowledgeGraph) -> None:
    """The completion goes away; loading again does not double it."""
    assert kg
    shell = InteractiveShell()
    for command in ("%load_ext", "%reload_ext"):
        shell.run_cell(f"{command} destgraph")
        assert len(shell.Completer.custom_matchers) == 1
    shell.run_cell("%unload_ext destgraph")
    assert shell.Completer.custom_matchers == []


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """A real kernel with the extension loaded, ended at last."""
    manager, client = start_new_kernel(startup_timeout=PATIENCE, cwd=str(tmp_path))
    try:
        client.execute_interactive("%load_ext destgraph", timeout=PATIENCE, output_hook=lambda _message: None)
        yield manager, client
    finally:
        client.stop_channels()
        if manager.is_alive():
            manager.shutdown_kernel(now=True)


def children(pid: int) -> list[int]:
    """Return the processes whose parent is `pid`, as the kernel of the system tells."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            found.append(int(entry.name))
    return found


def ended(pid: int) -> bool:
    """Return whether a process is gone, or a zombie that only waits to be counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def processes_of_a_runaway_query(manager: KernelManager, client: BlockingKernelClient) -> tuple[str, list[int]]:
    """Start a query that does not end, and return the message id and the processes that answer it."""
    # Else what comes soon after the error is not executed.
    message = client.execute(f"%%sparql\n{RUNAWAY}", stop_on_error=False)
    deadline = monotonic() + PATIENCE
    while not (started := [worker for zygote in children(manager.provisioner.pid) for worker in children(zygote)]):  # type: ignore[union-attr]
        assert monotonic() < deadline, "no process for the query"
    return message, started


def reply_to_interrupted(manager: KernelManager, client: BlockingKernelClient, message: str) -> dict[str, Any]:
    """Interrupt the kernel and return its reply to a message.

    Python drops an interrupt that comes in the moment of a fork, so that one may have to be sent again; but not soon,
    for a second one would break off what the first has set going.
    """
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        manager.interrupt_kernel()
        try:
            reply = client.get_shell_msg(timeout=20)
            while reply["parent_header"]["msg_id"] != message:
                reply = client.get_shell_msg(timeout=20)
        except Empty:
            continue
        content: dict[str, Any] = reply["content"]
        return content
    raise AssertionError("the cell still runs")


@pytest.mark.linux("/proc, to see the processes of another")
def test_interrupting_the_kernel_stops_the_query(kernel: tuple[KernelManager, BlockingKernelClient]) -> None:
    """The cell ends with one line, the query's process is gone, the kernel answers the next cell."""
    manager, client = kernel
    message, started = processes_of_a_runaway_query(manager, client)
    reply = reply_to_interrupted(manager, client, message)
    assert (reply["status"], reply["ename"]) == ("error", "KeyboardInterrupt")
    assert reply["traceback"] == ["interrupted before there was an answer"]
    assert [pid for pid in started if not ended(pid)] == []
    assert (
        client.execute_interactive("1 + 1", timeout=PATIENCE, output_hook=lambda _: None)["content"]["status"] == "ok"
    )


@pytest.mark.slow
@pytest.mark.parametrize("dripping", [False, True])
def test_interrupting_the_kernel_hangs_up(kernel: tuple[KernelManager, BlockingKernelClient], dripping: bool) -> None:
    """The same at an endpoint, before it has said a word or in the middle: the connection is closed."""
    manager, client = kernel
    asked, gone = threading.Event(), threading.Event()

    def answer(_server: servers.Scripted, request: servers.Request, connection: servers.Connection) -> None:
        if b"versionInfo" in request.body:
            connection.reply(b'{"head": {"vars": ["version"]}, "results": {"bindings": []}}')
            return
        if dripping:
            connection.send_response(200)
            connection.send_header("Content-Length", "100000")
            connection.end_headers()
            connection.wfile.write(b'{"head": {"vars": ["n"]}, "results": {"bindings": [')
        asked.set()
        try:
            left = connection.rfile.read(1)
        except ConnectionResetError:  # it hung up before it had read what was sent
            left = b""
        if not left:  # nothing more comes of the client, as it has hung up
            gone.set()

    with servers.scripted(answer) as server:
        message = client.execute(f"%%sparql --endpoint {server.url}\n{RUNAWAY}", stop_on_error=False)
        assert asked.wait(PATIENCE)
        reply = reply_to_interrupted(manager, client, message)
        assert (reply["ename"], reply["traceback"]) == ("KeyboardInterrupt", ["interrupted before there was an answer"])
        assert gone.wait(PATIENCE)


@pytest.mark.linux("/proc, to see the processes of another")
def test_a_killed_kernel_leaves_no_query_behind(kernel: tuple[KernelManager, BlockingKernelClient]) -> None:
    """Restarting a kernel does not leave a process that computes for nobody."""
    manager, client = kernel
    _, started = processes_of_a_runaway_query(manager, client)
    os.kill(manager.provisioner.pid, signal.SIGKILL)  # type: ignore[union-attr]
    deadline = monotonic() + PATIENCE
    while not all(map(ended, started)):
        assert monotonic() < deadline, "the query still runs"
