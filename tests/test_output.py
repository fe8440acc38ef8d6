"""What reaches a terminal, a pipe and a file: nothing that steers the one, every byte of a value in the others."""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode
from servers import Connection, Request, Scripted, scripted

import destgraph
from destgraph.results import Solutions
from destgraph.wording import message, visible, visible_lines

pytestmark = pytest.mark.posix("pseudo-terminals and the shell")

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
LABEL = "Evil \x1b[2J\x1b]0;PWN\x07\x1b[31mRED\nNEXT row\r\x9b1mover\u202etxt"
OWN = r"""@prefix dg: <https://w3id.org/destgraph/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix delivery: <https://w3id.org/destgraph/delivery/> . @prefix dcterms: <http://purl.org/dc/terms/> .
<https://example.org/x> a dg:Destination ; dg:deliveredBy delivery:customer-stream ;
  rdfs:label "Evil \u001B[2J\u001B]0;PWN\u0007\u001B[31mRED\nNEXT row\r\u009B1mover\u202Etxt"@en ;
  dcterms:description "d \u001B]52;c;cm0gLXJmIH4=\u0007 x" .
<https://example.org/s> a dg:Source ; dg:retrievedOn "\u001B[31m9\n9" .
"""
LABELS = "SELECT ?label { <https://example.org/x> rdfs:label ?label }"
DESCRIBE = "CONSTRUCT { ?s rdfs:label ?label } WHERE { VALUES ?s { <https://example.org/x> } ?s rdfs:label ?label }"
X = "https://example.org/x"
COMMANDS = [
    ["show", X],
    ["show", X, "--format", "json"],
    *[["explain", X, "--format", format_] for format_ in ("text", "json", "mermaid", "svg")],
    ["explain", X, "--not", "edge-personalization"],
    *[
        ["ask", "delivered-by", "delivery=customer-stream", "--format", format_]
        for format_ in ("table", "csv", "tsv", "json", "records", "markdown")
    ],
    *[["sparql", LABELS, "--format", format_] for format_ in ("table", "csv", "tsv", "json", "records", "markdown")],
    ["sparql", DESCRIBE],
    ["sparql", LABELS.replace("?label", "?label_")],
]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Own data with labels that steer a terminal."""
    path = tmp_path_factory.mktemp("own") / "own.ttl"
    path.write_text(OWN)
    return path


def on_terminal(*arguments: str | Path, **environment: str) -> str:
    """Return what a command writes on a terminal that shows styles, both of its streams, without our styles."""
    return re.sub(r"\x1b\[[12]m(.*)\x1b\[m", r"\1", styled(*arguments, **environment))


def styled(*arguments: str | Path, **environment: str) -> str:
    """Return what a command writes on a terminal that shows styles, both of its streams."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [DESTGRAPH, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm"} | environment,
    )
    os.close(theirs)
    pieces = []
    try:
        while piece := os.read(ours, 65_536):
            pieces.append(piece)
    except OSError:  # Linux says so at the end
        pass
    process.wait()
    os.close(ours)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def raw(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command with both of its streams in pipes."""
    return subprocess.run(
        [DESTGRAPH, *arguments],
        capture_output=True,
        check=False,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
    )


def steering(text: str) -> list[str]:
    """Return what of a text can steer a terminal."""
    return re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_steers_a_terminal(own: Path, command: list[str]) -> None:
    """From no command in no format, nor does a label make a row of its own: of a wrapped one the rest is indented."""
    shown = on_terminal(*command, "--data", own)
    assert "internal error" not in shown
    assert steering(shown) == []
    assert not [line for line in shown.split("\n") if line.startswith("NEXT row") and "svg" not in command]
    assert "RED" in shown or "--not" in command


def test_styles_are_for_terminals_only() -> None:
    """The names of columns are bold, what is told besides is faint, unless NO_COLOR or the terminal forbids it."""
    command = ["ask", "destinations-of-type", "type=edge-personalization"]
    lines = styled(*command).splitlines()
    head, aside = r"\x1b\[1m[^\x1b]+\x1b\[m", r"\x1b\[2m[^\x1b]+\x1b\[m"
    looks = [aside, aside, head, *["[^\x1b]+"] * 4, aside]
    assert [bool(re.fullmatch(look, line)) for look, line in zip(looks, lines, strict=True)] == [True] * 8
    plain = raw(*command).stdout.decode()
    assert plain == styled(*command, NO_COLOR="1") == styled(*command, TERM="dumb") == on_terminal(*command)
    assert "\x1b" not in plain


@pytest.mark.parametrize("format_", ["csv", "tsv", "json", "records"])
def test_values_stay_in_pipes_and_files(own: Path, tmp_path: Path, format_: str) -> None:
    """Byte for byte: what goes down a pipe is what goes into a file."""
    target = tmp_path / "rows"
    command: list[str | Path] = ["sparql", LABELS, "--format", format_, "--data", own]
    piped = raw(*command).stdout
    assert raw(*command, "-o", target).returncode == 0
    assert piped == target.read_bytes()
    text = piped.decode()
    match format_:
        case "csv":
            assert [*csv.reader(io.StringIO(text, newline=""))] == [["label"], [LABEL]]
        case "tsv":
            assert text == f"?label\n{Literal(LABEL, language='en')}\n"
        case "json":
            assert json.loads(text)["results"]["bindings"][0]["label"]["value"] == LABEL
        case _:
            assert json.loads(text) == [{"label": LABEL}]


@pytest.mark.parametrize("format_", ["json", "mermaid"])
def test_an_explanation_in_a_pipe(own: Path, format_: str) -> None:
    """Formats for programs keep what a label holds."""
    told = raw("explain", X, "--format", format_, "--data", own).stdout.decode()
    assert (json.loads(told)["name"] if format_ == "json" else told).count("\x1b") == 3


def test_texts_are_the_same_for_people_anywhere(own: Path) -> None:
    """`print` in Python, and a pipe to a pager, show no more than a terminal does."""
    kg = destgraph.load([own])
    for shown in (str(kg.describe(X)), str(kg.explain(X)), str(kg.query(LABELS)), str(kg.query(DESCRIBE))):
        assert steering(shown) == []
        assert "RED" in shown


@pytest.fixture(scope="module")
def columns() -> Iterator[str]:
    """A store that names a column to steer a terminal; gives its URL."""
    body = json.dumps(
        {"head": {"vars": ["x\x1b]0;X\x07\n| a\u202e"]}, "results": {"bindings": []}}, ensure_ascii=False
    ).encode()

    def answer(_server: Scripted, _request: Request, connection: Connection) -> None:
        connection.reply(body)

    with scripted(answer) as server:
        yield server.url


@pytest.mark.parametrize("format_", ["table", "markdown", "csv", "tsv", "json"])
def test_names_of_columns(columns: str, format_: str) -> None:
    """They are data of a store."""
    shown = on_terminal("sparql", "SELECT ?x {}", "--endpoint", columns, "--format", format_)
    assert steering(shown) == []
    if format_ in ("table", "markdown"):
        assert shown.count("\n") == {"table": 4, "markdown": 3}[format_]
    else:
        assert b"\x1b" in raw("sparql", "SELECT ?x {}", "--endpoint", columns, "--format", format_).stdout or (
            format_ == "json"
        )


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "types", "--data", "a\x1b[31m\nb.ttl"],
        ["sparql", "-f", "a\x1b[31m\nb.rq"],
        ["sparql", "ASK {}", "-o", "no\x1b[31m\nfolder/x"],
        ["ask", "types", "--root", "no\x1b[31m\nroot"],
        ["export", "-o", "no\x1b[31m\nfolder/x.ttl"],
        ["validate", "no\x1b[31m\nfolder"],
        ["release", "no\x1b[31m\nfolder/x"],
        ["show", "no\x1b[31m\nthing"],
        ["no\x1b[31m\ncommand"],
        ["ask", "types", "--no\x1b[31m\noption"],
    ],
    ids=lambda arguments: " ".join(arguments).encode("unicode_escape").decode(),
)
def test_names_of_files_and_arguments(arguments: list[str], tmp_path: Path) -> None:
    """In one line, in which nothing is hidden."""
    result = subprocess.run([DESTGRAPH, *arguments], capture_output=True, check=False, cwd=tmp_path)
    assert result.returncode == 2
    assert steering((result.stderr + result.stdout).decode()) == []
    assert result.stderr.count(b"\n") == 1


def test_a_folder_that_is_told() -> None:
    """The line that says where the graph is, and a query that is quoted, are no way in either."""
    assert steering(message("a\x1b[31m\nb\n  SELECT \x9b \n  ^")) == []
    assert message("a\nb\n  c\n  d") == "a\\nb\n  c\n  d"
    assert visible("a\u200db\tc") == r"a\u200db\tc"
    assert visible_lines("a\u200db\tc\x1b\nd") == "a\u200db\tc\\x1b\nd"


# Encodings

JAPANESE = 'SELECT ?l { ?s skos:altLabel|skos:prefLabel ?l FILTER(LANG(?l) = "ja") } ORDER BY ?l LIMIT 1'


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii"])
def test_letters_that_the_output_lacks(encoding: str) -> None:
    """A table escapes them, and one line says so; formats for programs are UTF-8 anyhow; nothing fails."""
    here = {format_: raw("sparql", JAPANESE, "--format", format_).stdout for format_ in ("table", "csv", "json", "tsv")}
    for format_, expected in here.items():
        result = raw("sparql", JAPANESE, "--format", format_, PYTHONIOENCODING=encoding)
        assert result.returncode == 0
        if format_ == "table":
            assert result.stdout == expected.decode().encode(encoding, "backslashreplace")
            assert (b"\\u" in result.stdout, result.stderr.count(b"\n")) == (True, 1)
        else:
            assert (result.stdout, result.stderr) == (expected, b"")


@pytest.mark.parametrize(
    "command",
    [["--help"], ["ask"], ["ask", "types"], ["show", "bing"], ["explain", "bing"], ["ask", "types", "--help"]],
)
def test_every_command_in_ascii(command: list[str]) -> None:
    """With the text of any command."""
    result = raw(*command, PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr.count(b"\n") <= 1) == (0, True)
    assert b"".join(result.stdout.split()).isascii()


# Output that is full, closed, or gone

WRITING = [
    ["--help"],
    ["--version"],
    ["ask"],
    ["ask", "types"],
    ["ask", "types", "--help"],
    ["ask", "types", "--format", "csv"],
    ["show", "bing"],
    ["show", "bing", "--format", "json"],
    ["explain", "bing"],
    ["explain", "bing", "--format", "svg"],
    ["sparql", "ASK {}"],
    ["sparql", "SELECT ?s { ?s a dg:Destination }", "--format", "json"],
    ["sparql", "CONSTRUCT WHERE { ?s a dg:EdgePersonalizationDestination }"],
    ["export"],
    ["export", "--format", "ntriples"],
    ["export", "--format", "graphml"],
    ["export", "--format", "jsonld", "--gzip"],
    ["validate", "--describe", "turtle_syntax"],
]


@pytest.mark.slow
@pytest.mark.linux("/dev/full")
@pytest.mark.parametrize("where", ["> /dev/full", ">&-"])
@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_output_that_cannot_be_written(command: list[str], where: str) -> None:
    """One line, exit code 2, from every command."""
    result = subprocess.run(
        ["bash", "-c", f'"$@" {where}', "bash", DESTGRAPH, *command],  # noqa: S607
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, text=True,
    )  # fmt: skip
    assert (result.returncode, result.stderr.count("\n")) == (2, 1), result.stderr
    assert result.stderr.startswith("destgraph: standard output: ")


@pytest.mark.parametrize("where", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_what_goes_to_a_file_needs_no_output(tmp_path: Path, where: str) -> None:
    """Closed streams are none of its concern, and their numbers are not given to the file."""
    target = tmp_path / "rows.csv"
    command: list[str | Path] = ["sparql", "SELECT ?s { VALUES ?s { 1 } }", "--format", "csv", "-o", target]
    result = subprocess.run(
        ["bash", "-c", f'"$@" {where}', "bash", DESTGRAPH, *command],  # noqa: S607
        check=False,
    )  # fmt: skip
    assert (result.returncode, target.read_text()) == (0, "s\n1\n")


def test_an_error_that_cannot_be_told() -> None:
    """The exit code still tells it."""
    for where in ("2> /dev/full", "2>&-"):
        command: list[str | Path] = ["bash", "-c", f'"$@" {where}', "bash", DESTGRAPH, "ask", "no-such-question"]
        assert subprocess.run(command, check=False).returncode == 2


# Queries as editors of Windows write them


@pytest.mark.parametrize("how", ["file", "stdin", "argument"])
def test_a_byte_order_mark_is_no_part_of_a_query(tmp_path: Path, how: str) -> None:
    """It cannot be seen, so nobody could correct it."""
    query = "\ufeff# a comment\r\nSELECT ?d { ?d a dg:EdgePersonalizationDestination } ORDER BY ?d\r\n"
    path = tmp_path / "query.rq"
    path.write_bytes(query.encode())
    arguments = {"file": ["-f", str(path)], "stdin": [], "argument": [query]}[how]
    command: list[str | Path] = [DESTGRAPH, "sparql", *arguments, "--format", "csv"]
    result = subprocess.run(command, input=query.encode(), capture_output=True, check=False)
    assert (result.returncode, result.stderr, result.stdout.count(b"\n")) == (0, b"", 4)


def test_a_query_that_is_no_text(tmp_path: Path) -> None:
    """One line that says where."""
    path = tmp_path / "query.rq"
    path.write_bytes(b"ASK {}\n\xff")
    for arguments in (["-f", str(path)], []):
        command: list[str | Path] = [DESTGRAPH, "sparql", *arguments]
        result = subprocess.run(command, input=path.read_bytes(), capture_output=True, check=False)
        assert (result.returncode, result.stdout, result.stderr.count(b"\n")) == (2, b"", 1)
        assert b":2:1: " in result.stderr


# Cells that a spreadsheet takes for formulas

FORMULAS = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x"]  # noqa: RUF001
PLAIN = ["a=1", " =1", "", "'=1", "1-1"]


def test_cells_that_are_no_formulas(tmp_path: Path) -> None:
    """In CSV of `sparql`, on a pipe and in a file, and in Python; numbers stay numbers."""
    values = " ".join(str(Literal(text)) for text in [*FORMULAS, *PLAIN])
    query = f"SELECT ?a ?n {{ VALUES (?a ?n) {{ {' '.join(f'({Literal(t)} -1)' for t in [*FORMULAS, *PLAIN])} }} }}"
    assert values
    expected = [["a", "n"], *([f"'{text}", "-1"] for text in FORMULAS), *([text, "-1"] for text in PLAIN)]

    def read(text: str) -> list[list[str]]:
        return [*csv.reader(io.StringIO(text, newline=""))]

    target = tmp_path / "rows.csv"
    assert read(raw("sparql", query, "--format", "csv", "--excel-safe").stdout.decode()) == expected
    assert raw("sparql", query, "--format", "csv", "--excel-safe", "-o", target).returncode == 0
    assert read(target.read_bytes().decode()) == expected
    answer = destgraph.load().query(query)
    assert isinstance(answer, Solutions)
    assert read(answer.to_csv(excel_safe=True)) == expected
    assert read(answer.to_csv())[1] == ["=1+1", "-1"]
    assert read(Solutions(("=x",), ((NamedNode("a:a"),),)).to_csv(excel_safe=True)) == [["'=x"], ["a:a"]]


def test_cells_of_a_question(tmp_path: Path) -> None:
    """`ask` writes the same labels."""
    own = tmp_path / "own.ttl"
    own.write_text(OWN.replace(r"Evil \u001B[2J", "＝cmd"))  # noqa: RUF001
    result = raw("ask", "delivered-by", "delivery=customer-stream", "--format", "csv", "--excel-safe", "--data", own)
    assert "'＝cmd" in result.stdout.decode()  # noqa: RUF001
    for command in (["ask", "types"], ["sparql", "ASK {}"], ["export"]):
        result = raw(*command, "--excel-safe")
        assert (result.returncode, result.stdout, result.stderr.count(b"\n")) == (2, b"", 1)
        assert b"--excel-safe is for csv" in result.stderr


def test_a_closed_terminal_ends_the_command(own: Path) -> None:
    """Writing to it fails, or the hang-up comes first; either way the command is gone."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [DESTGRAPH, "ask", "types", "--data", own],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    os.close(ours)
    assert process.wait(timeout=120) in (2, -1, -15, 0)
