"""The command line, run as a program: output, exit codes, bad input."""

import csv
import io
import json
import os
import re
import subprocess
import sysconfig
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, Store

import destgraph
from destgraph import cli, files

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"

TABLE = """\
type: Edge personalization destination
basis: documented
name                               destination
---------------------------------  -----------------------
Adobe Commerce connection          adobe-commerce
Adobe Target connection            adobe-target-connection
Custom Personalization connection  custom-personalization
3 rows, texts of 2023-01 to 2026-09, some undated, read 2026-11
"""


def run(*arguments: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the installed program."""
    return subprocess.run(
        [DESTGRAPH, *arguments], input=stdin, capture_output=True, text=True, check=False, encoding="utf-8"
    )


def test_the_main_command_prints_a_table() -> None:
    """What the README shows."""
    result = run("ask", "destinations-of-type", "type=edge-personalization")
    assert (result.returncode, result.stdout, result.stderr) == (0, TABLE, "")


@pytest.mark.posix("a pseudo-terminal")
@pytest.mark.parametrize("arguments", [("ask", "compare", "a=bing", "b=snowflake"), ("show", "bing")])
def test_a_terminal_is_not_overrun(arguments: tuple[str, ...]) -> None:
    """No line is longer than the terminal is wide, and what is asked for can be read in full."""
    import termios

    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = subprocess.Popen([DESTGRAPH, *arguments], stdin=subprocess.DEVNULL, stdout=theirs)
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # the end, in the way of Linux
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    assert process.wait() == 0
    lines = re.sub(r"\x1b\[\d*m", "", shown.decode()).splitlines()  # colours take no room
    assert 70 < max(map(len, lines)) <= 80
    assert any("dg:acceptsAudienceDataType" in line or "destination:bing" in line for line in lines)


EDGE = ["ask", "destinations-of-type", "type=edge-personalization"]


@pytest.mark.slow
def test_an_answer_in_a_file(tmp_path: Path) -> None:
    """In the format that its suffix tells, if none is given; what exists is replaced only with --force."""
    for suffix, format_ in {"csv": "csv", "json": "json", "md": "markdown", "txt": "table", "": "table"}.items():
        path = tmp_path / f"edge.{suffix}"
        result = run(*EDGE, "-o", path)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        assert path.read_bytes().decode() == run(*EDGE, "--format", format_).stdout.replace("\n", NEWLINE[format_])
    path = tmp_path / "edge.csv"
    path.write_text("mine")
    for command in (EDGE, ["find", "edge"], ["sparql", "SELECT * {?s a ?type} LIMIT 1"]):
        result = run(*command, "-o", path)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr == f"destgraph: {path}: the file exists; add --force to replace it\n"
        assert path.read_text() == "mine"
    assert run(*EDGE, "-o", path, "--format", "tsv", "--force").returncode == 0
    assert path.read_text().startswith("?destination\t?name")
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


NEWLINE = {"csv": "\r\n", "json": "\n", "markdown": "\n", "table": "\n"}


def test_columns_and_forms_of_tables() -> None:
    """Some columns in another order, in any format; rows in one line each, or values."""
    answer = run(*EDGE, "--columns", "basis, name", "--format", "csv").stdout.splitlines()
    assert answer[:2] == ["basis,name", "documented,Adobe Commerce connection"]
    assert run(*EDGE, "--wide", "--columns", "destination,type").stdout.splitlines()[:3] == [
        "destination              type",
        "-----------------------  --------------------------------",
        "adobe-commerce           Edge personalization destination",
    ]
    assert run(*EDGE, "--vertical").stdout.splitlines()[:5] == [
        "name         Adobe Commerce connection",
        "destination  adobe-commerce",
        "type         Edge personalization destination",
        "basis        documented",
        "",
    ]


def test_a_table_is_as_wide_as_columns_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where output is no terminal, 80 else."""
    monkeypatch.setenv("COLUMNS", "40")
    assert max(map(len, run("ask", "types").stdout.splitlines()[:-1])) <= 40  # the last line is not of the table
    monkeypatch.setenv("COLUMNS", "200")
    assert 120 < max(map(len, run("ask", "types").stdout.splitlines())) <= 200
    monkeypatch.setenv("COLUMNS", "wide")
    assert max(map(len, run("ask", "types").stdout.splitlines())) == 80


def test_csv_and_json_hold_the_same_rows() -> None:
    """Machine formats carry full IRIs and nothing but the rows."""
    rows = list(
        csv.reader(io.StringIO(run("ask", "destinations-of-type", "type=connection", "--format", "csv").stdout))
    )
    document = json.loads(run("ask", "destinations-of-type", "type=connection", "--format", "json").stdout)
    assert rows[0] == ["destination", "name", "type", "basis"] == document["head"]["vars"]
    assert rows[1:] == [[b[name]["value"] for name in rows[0]] for b in document["results"]["bindings"]]
    assert len(rows) == 1 + destgraph.load().info.connections
    assert rows[1][0].startswith("https://w3id.org/destgraph/destination/")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["ask", "categoris"],
            "destgraph: no question 'categoris'; did you mean categories (The categories of the catalog)?",
        ),
        (
            ["ask", "compare", "bing"],
            "destgraph: 'bing' is not NAME=VALUE; write for example a=adobe-target-connection, and put a value with"
            ' blanks in quotes, as in type="Edge personalization destination"',
        ),
        (
            ["ask", "destinations-of-type"],
            "destgraph: question destinations-of-type needs type=..., for example type=edge-personalization",
        ),
        (
            ["ask", "destinations-of-type", "type=edgy"],
            "destgraph: no type 'edgy'; did you mean edge-personalization (Edge personalization destination)?",
        ),
        (
            ["ask", "destinations-of-type", "type=connection", "--data", "no/such.ttl"],
            "destgraph: no/such.ttl: No such file or directory; name a Turtle file that can be read",
        ),
        (["ask", "types", "--columns", "nam"], "destgraph: no column 'nam'; did you mean name?"),
        (
            ["ask", "types", "--wide", "--format", "csv"],
            "destgraph: --wide is for tables, not for csv; leave out one of the two",
        ),
        (
            ["ask", "types", "--wide", "--vertical"],
            "destgraph: --wide is one line a row, --vertical many; leave out one of the two",
        ),
        (
            ["sparql", "ASK {}", "--columns", "x"],
            "destgraph: --columns is for rows; leave it out, as this form of query gives none",
        ),
        (
            ["export", "--part", "inferred", "-o", "no/such/folder.ttl"],
            "destgraph: no/such/folder.ttl: No such file or directory; name a file in a folder that can be written",
        ),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(arguments: list[str], line: str) -> None:
    """Never a traceback, nothing on standard output."""
    result = run(*arguments)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", line + "\n")


def test_no_rows_is_fine_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty answer is not an error, keeps its header, and is not silent."""
    ontology = Store()
    ontology.load(path=files.root() / "ontology" / "destgraph.ttl", format=RdfFormat.TURTLE)
    ontology.load(path=files.root() / "ontology" / "schemes" / "type.ttl", format=RdfFormat.TURTLE)
    monkeypatch.setattr(destgraph, "load", lambda *_, **_root: destgraph.KnowledgeGraph(ontology))
    result = CliRunner().invoke(cli.cli, ["ask", "destinations-of-type", "type=connection", "--format", "csv"])
    assert (result.exit_code, result.stdout) == (0, "destination,name,type,basis\r\n".replace("\r", ""))
    assert result.stderr == "no rows: nothing matches type=connection\n"


def test_export_writes_what_was_inferred(tmp_path: Path) -> None:
    """The file and standard output hold the same triples; an old file is replaced as a whole, if that is asked for."""
    target = tmp_path / "inferred.ttl"
    target.write_text("old")
    assert run("export", "--part", "inferred", "-o", target).returncode == 2
    assert target.read_text() == "old"
    assert run("export", "--part", "inferred", "-o", target, "--force").returncode == 0
    assert target.read_text(encoding="utf-8") == run("export", "--part", "inferred").stdout
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_text(encoding="utf-8").count("dg:typeAgreement") == destgraph.load().info.destinations


@pytest.mark.posix("bash")
def test_a_closed_pipe_ends_quietly() -> None:
    """`destgraph ... | head -1` prints one line and no complaint."""
    command = f"'{DESTGRAPH}' ask destinations-of-type type=destination | head -1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)  # noqa: S607
    assert (result.stdout.count("\n"), result.stderr) == (1, "")


def test_ask_alone_lists_the_questions_by_topic() -> None:
    """One line each, all of them, and where to read on."""
    result = run("ask")
    names_ = {path.stem for path in (files.root() / "queries").glob("*.rq")}
    assert {line.split()[0] for line in result.stdout.splitlines() if line.startswith("  ")} == names_
    assert "types\n  about-type type=" in result.stdout
    assert result.stdout.endswith("destgraph ask QUESTION --help tells what a question takes and gives.\n")


def test_help_of_a_question_tells_parameters_columns_and_example() -> None:
    """And the example is a command that works."""
    text = run("ask", "destinations-in-category", "--help").stdout
    assert "category (category): " in text
    assert "kind (type, optional): " in text
    assert "Columns\n  destination: " in text
    command = text.splitlines()[-1].split()
    assert command[:3] == ["destgraph", "ask", "destinations-in-category"]
    assert run(*command[1:]).returncode == 0
    assert "Usage" in run("ask", "--help").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "options", "shown"),
    [
        ("ASK { destination:bing a/rdfs:subClassOf* dg:Connection }", [], "true\n"),
        ("ASK { destination:bing a dg:Extension }", ["--format", "json"], '{"head": {}, "boolean": false}\n'),
        (
            "SELECT ?n { destination:bing rdfs:label ?n }",
            [],
            "n\n-------------------------\nMicrosoft Bing connection\n"
            "1 row, texts of 2023-01 to 2026-09, some undated, read 2026-11\n",
        ),
        ("SELECT ?n { destination:bing rdfs:label ?n }", ["--format", "tsv"], '?n\n"Microsoft Bing connection"@en\n'),
        (
            "SELECT ?n { destination:bing rdfs:label ?n }",
            ["--format", "records"],
            '[\n {\n  "n": "Microsoft Bing connection"\n }\n]\n',
        ),
        (
            "CONSTRUCT { ?s dg:status ?o } { ?s dg:status ?o FILTER (?s = destination:bing) }",
            [],
            "@prefix destination: <https://w3id.org/destgraph/destination/> .\n"
            "@prefix dg: <https://w3id.org/destgraph/ontology#> .\n"
            "@prefix status: <https://w3id.org/destgraph/status/> .\n"
            "destination:bing dg:status status:ga .\n",
        ),
    ],
)
def test_sparql_prints_each_form(tmp_path: Path, query: str, options: list[str], shown: str) -> None:
    """As text, from a file and from standard input alike."""
    (tmp_path / "q.rq").write_text(query)
    for result in (
        run("sparql", query, *options),
        run("sparql", "--file", tmp_path / "q.rq", *options),
        run("sparql", *options, stdin=query),
    ):
        assert (result.returncode, result.stdout, result.stderr) == (0, shown, "")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["sparql", "SELECT ?x WHERE {\n ?x ?y }"], 2, "destgraph: query:2:9: expected one of LATERAL, SERVICE\n"),
        (["sparql", "ASK {}", "--format", "csv"], 2, "destgraph: this form of query cannot be printed as csv; use"),
        (["sparql", "DESCRIBE dg:x", "--format", "csv"], 2, "cannot be printed as csv; use turtle\n"),
        (
            ["sparql", "SELECT * { SERVICE <http://127.0.0.1:1/> {} }"],
            2,
            "destgraph: SERVICE reaches other data than the graph's; allow it with --federate\n",
        ),
        (["sparql", "LOAD <http://127.0.0.1:1/>"], 2, "destgraph: query:1:10: expected CONSTRUCT\n"),
        (
            ["sparql", "SELECT (<http://example.org/f>(?s) AS ?x) { ?s a dg:Destination } LIMIT 1"],
            2,
            "destgraph: query: The custom function <http://example.org/f> is not supported\n",
        ),
        (
            ["sparql", "--federate", "SELECT * { ?s ?p ?o SERVICE ?e { ?a ?b ?c } }"],
            2,
            "destgraph: query: The variable encoding the service name is unbound\n",
        ),
        (
            ["sparql", "SELECT * " + "{" * 5000],
            2,
            "destgraph: query:1:110: brackets are nested more than 100 deep; write the query flatter\n",
        ),
        (
            ["sparql", "SELECT * { " + " UNION ".join(["{}"] * 10_000) + "}"],
            2,
            "destgraph: query: it is nested too deeply, or too long, for the engine; write it flatter\n",
        ),
        (
            ["sparql", "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f", "--memory", "64"],
            4,
            "destgraph: the query needs more than 64 MB of memory; narrow the query or raise the memory limit\n",
        ),
        (
            ["sparql", "SELECT * { ?a ?b ?c . ?d ?e ?f }", "--memory", "64"],
            4,
            "destgraph: the answer takes more than 64 MB of memory; narrow the query, raise the memory limit, or have"
            " the rows written to a file\n",
        ),
        (["sparql", "ASK {}", "--memory", "0"], 2, "Invalid value for '--memory'"),
        (
            ["sparql", "--file", "none.rq"],
            2,
            ": none.rq: No such file or directory; name a file with a query\n",
        ),
        (["sparql", "--file", DESTGRAPH.resolve().parent], 2, "Is a directory; name a file with a query\n"),
        (
            ["sparql", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "--timeout", "0.2"],
            4,
            "0.2 seconds",
        ),
        (["show", "LiveRamp"], 2, "ambiguous; name one of platform:liveramp (LiveRamp), vendor:liveramp (LiveRamp)\n"),
        (["show", "faceboook"], 2, "did you mean facebook"),
        (
            ["explain", "bing", "--not", "edgy"],
            2,
            "did you mean edge-personalization (Edge personalization",
        ),
        (["explain", "nothing-like-it", "--format", "svg"], 2, "no destination 'nothing-like-it'"),
        (["nonsense"], 2, "destgraph: no command 'nonsense'; known are ask, explain,"),
        (["sparkle"], 2, "destgraph: no command 'sparkle'; did you mean sparql?\n"),
        (["ask", "types", "--format", "turtle"], 2, "destgraph: no format 'turtle'; known are csv, json, markdown,"),
        (["sparql", "--format", "turtel", "ASK {}"], 2, "destgraph: no format 'turtel'; did you mean turtle?\n"),
        (
            ["ask", "types", "--fromat", "csv"],
            2,
            "Did you mean one of: '--format', '--root'?)",
        ),
        (["ask", "destinations-of-type", "tpye=x"], 2, "no parameter 'tpye'; did you mean type?\n"),
        (["ask", "categories", "type=x"], 2, "question categories has no parameter 'type'; it takes none\n"),
        (["show"], 2, "destgraph: Missing argument 'NAME'. (see destgraph show --help)\n"),
    ],
)
def test_what_goes_wrong_is_said_on_standard_error(arguments: list[str], code: int, message: str) -> None:
    """The right exit code, nothing on standard output, no traceback."""
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_making_the_text_counts_towards_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of many rows takes longer than the query."""

    def endless(*_: object, **__: object) -> str:
        while True:
            pass

    monkeypatch.setattr("destgraph.rendering.tables.lines", endless)
    result = CliRunner().invoke(cli.cli, ["sparql", "SELECT * {} ", "--timeout", "1.5"])
    assert isinstance(result.exception, destgraph.TimeLimitError)
    assert (str(result.exception), result.stdout) == (
        "no answer within 1.5 seconds; narrow the query or raise the time limit",
        "",
    )


@pytest.mark.slow
def test_rows_that_come_too_slowly_leave_no_file(tmp_path: Path) -> None:
    """Nor do those that are too many for the time: the time limit covers the writing."""
    rows = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    result = run("sparql", rows, "--format", "csv", "-o", tmp_path / "rows.csv", "--timeout", "1")
    assert (result.returncode, result.stdout) == (4, "")
    assert result.stderr == "destgraph: no answer within 1 seconds; narrow the query or raise the time limit\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_many_rows_go_to_a_file_with_little_memory(tmp_path: Path) -> None:
    """Neither the query's process nor the command holds them."""
    rows = "SELECT ?a ?d { ?a ?b ?c . ?d ?e ?f } LIMIT 300000"
    result = run("sparql", rows, "--format", "csv", "-o", tmp_path / "rows.csv", "--memory", "16", "--timeout", "300")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert (tmp_path / "rows.csv").read_bytes().count(b"\r\n") == 300_001


def test_explain_formats() -> None:
    """Text, JSON, Mermaid and SVG tell the same types."""
    assert run("explain", "amazon-kinesis").stdout.startswith("Amazon Kinesis connection  destination:amazon-kinesis\n")
    document = json.loads(run("explain", "amazon-kinesis", "--not", "edge-personalization", "--format", "json").stdout)
    (reading,) = document["types"]
    (finding,) = reading["readings"][0]["findings"]
    assert (reading["label"], finding["state"]) == ("Edge personalization destination", "contradicted")
    assert finding["condition"]["value"] == "https://w3id.org/destgraph/delivery/edge-network"
    assert run("explain", "amazon-kinesis", "--format", "mermaid").stdout.startswith("flowchart LR\n")
    assert run("explain", "amazon-kinesis", "--format", "svg").stdout.startswith("<svg ")


def test_show_prefers_the_destination_and_names_the_others() -> None:
    """Half of the destinations share their id with a platform or vendor."""
    result = run("show", "amazon-kinesis")
    assert result.stdout.startswith("Amazon Kinesis connection  destination:amazon-kinesis\n")
    assert (result.returncode, result.stderr) == (
        0,
        "'amazon-kinesis' is taken as destination:amazon-kinesis; it is also the name of platform:amazon-kinesis\n",
    )
    assert run("show", "destination:amazon-kinesis").stderr == ""


def test_show_as_json() -> None:
    """The description's own fields."""
    document = json.loads(run("show", "category:social", "--format", "json").stdout)
    assert (document["kind"], document["name"]) == ("category", "Social")
    assert document["iri"] == "https://w3id.org/destgraph/category/social"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("destgraph ask destinations-of", ["destinations-of-type"]),
        ("destgraph ask destinations-of-type type=edge", ["type=edge-personalization"]),
        ("destgraph ask destinations-in-category ", ["category=", "kind="]),
        ("destgraph ask personalizes ", ["scope=next-page", "scope=next-session", "scope=same-page"]),
        ("destgraph ask labels l", ["language=", "language=pt-BR"]),
        ("destgraph explain amazon-k", ["amazon-kinesis"]),
        ("destgraph explain bing --not edge", ["edge-personalization"]),
        ("destgraph show voice-of", ["voice-of-the-customer"]),
        ("destgraph spa", ["sparql"]),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(monkeypatch: pytest.MonkeyPatch, shell: str, words: str, expected: list[str]) -> None:
    """Questions, parameters, values and names are completed, as the shells ask for them."""
    monkeypatch.setenv("_DESTGRAPH_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", words.split(" ")[-1] if shell == "fish" else str(len(words.split(" ")) - 1))
    lines = run().stdout.splitlines()
    assert lines[1::3] == expected if shell == "zsh" else [re.split("[,\t]", line)[1] for line in lines] == expected


@pytest.mark.posix("bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ask", "destinations-of"], ["destinations-of-type"]),
        (["ask", "destinations-of-type", "type", "=", "edge"], ["edge-personalization"]),
        (["ask", "personalizes", "scope", "="], ["next-page", "next-session", "same-page"]),
        (["ask", "compare", "a", "=", "bing", "b", "=", "amazon-k"], ["amazon-kinesis"]),
    ],
)
def test_completion_in_bash(words: list[str], expected: list[str]) -> None:
    """Bash itself, which takes NAME=VALUE apart, runs the function that it got."""
    script = f"""
        destgraph() {{ '{DESTGRAPH}' "$@"; }}
        eval "$(_DESTGRAPH_COMPLETE=bash_source destgraph)"
        COMP_WORDS=(destgraph "$@") COMP_CWORD=$#
        _destgraph_completion '{DESTGRAPH}'
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    result = subprocess.run(
        ["bash", "-c", script, "bash", *words],  # noqa: S607
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (result.stdout.splitlines(), result.stderr) == (expected, "")


def test_version_and_help() -> None:
    """The version is the ontology's; each command explains itself."""
    assert run("--version").stdout == f"destgraph {destgraph.load().info.version}\n"
    for command in ("ask", "find", "sparql", "show", "explain", "validate", "export", "release"):
        assert run(command, "--help").returncode == 0
