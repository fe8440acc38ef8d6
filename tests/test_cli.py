"""The command line, run as a program: output, exit codes, bad input."""

import csv
import io
import json
import subprocess
import sysconfig
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, Store

import destgraph
from destgraph import cli, files

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"

TABLE = """\
destination                          name                               type                              basis
-----------------------------------  ---------------------------------  --------------------------------  ----------
destination:adobe-commerce           Adobe Commerce connection          Edge personalization destination  documented
destination:adobe-target-connection  Adobe Target connection            Edge personalization destination  documented
destination:custom-personalization   Custom Personalization connection  Edge personalization destination  documented
3 rows, catalog as read 2026-11
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


def test_csv_and_json_hold_the_same_rows() -> None:
    """Machine formats carry full IRIs and nothing but the rows."""
    rows = list(
        csv.reader(io.StringIO(run("ask", "destinations-of-type", "type=connection", "--format", "csv").stdout))
    )
    document = json.loads(run("ask", "destinations-of-type", "type=connection", "--format", "json").stdout)
    assert rows[0] == ["destination", "name", "type", "basis"] == document["head"]["vars"]
    assert rows[1:] == [[b[name]["value"] for name in rows[0]] for b in document["results"]["bindings"]]
    assert len(rows) == 1 + 99
    assert rows[1][0].startswith("https://w3id.org/destgraph/destination/")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["ask", "categoris"], "destgraph: no question 'categoris'; did you mean categories?"),
        (
            ["ask", "destinations-of-type", "edge"],
            "destgraph: 'edge' is not NAME=VALUE; write for example type=connection",
        ),
        (
            ["ask", "destinations-of-type"],
            "destgraph: question destinations-of-type needs type=..., for example type=edge-personalization",
        ),
        (
            ["ask", "destinations-of-type", "type=edgy"],
            "destgraph: no type 'edgy'; did you mean edge-personalization?",
        ),
        (
            ["ask", "destinations-of-type", "type=connection", "--data", "no/such.ttl"],
            "destgraph: no/such.ttl: No such file or directory; name a Turtle file that can be read",
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
    ontology.load(path=files.root() / "ontology" / "destinations.ttl", format=RdfFormat.TURTLE)
    ontology.load(path=files.root() / "ontology" / "schemes" / "type.ttl", format=RdfFormat.TURTLE)
    monkeypatch.setattr(destgraph, "load", lambda _data: destgraph.KnowledgeGraph(ontology, ()))
    result = CliRunner().invoke(cli.cli, ["ask", "destinations-of-type", "type=connection", "--format", "csv"])
    assert (result.exit_code, result.stdout) == (0, "destination,name,type,basis\r\n".replace("\r", ""))
    assert result.stderr == "no rows: nothing in the graph matches\n"


def test_export_writes_what_was_inferred(tmp_path: Path) -> None:
    """The file and standard output hold the same triples; an old file is replaced as a whole."""
    target = tmp_path / "inferred.ttl"
    target.write_text("old")
    assert run("export", "--part", "inferred", "-o", target).returncode == 0
    assert target.read_text(encoding="utf-8") == run("export", "--part", "inferred").stdout
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_text(encoding="utf-8").count("dg:typeAgreement") == 153


def test_a_closed_pipe_ends_quietly() -> None:
    """`destgraph ... | head -1` prints one line and no complaint."""
    command = f"'{DESTGRAPH}' ask destinations-of-type type=destination | head -1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)  # noqa: S607
    assert (result.stdout.count("\n"), result.stderr) == (1, "")
