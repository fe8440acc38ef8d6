"""Which graph answers: the one around the current folder, the one named, else the installed one; and that is told."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import destgraph
from destgraph import files

COMMAND = Path(sys.executable).with_name("destgraph")
TYPES = ("ask", "destinations-of-type", "type=edge-personalization", "--format", "csv")


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """A copy of the graph in which a label and a question differ."""
    for part in ("ontology", "data", "queries"):
        shutil.copytree(files.root() / part, tmp_path / "fork" / part)
    folder = tmp_path / "fork"
    card = folder / "data" / "personalization.ttl"
    card.write_text(card.read_text(encoding="utf-8").replace('"Adobe Commerce connection"', '"Edited name"'), "utf-8")
    question = (folder / "queries" / "categories.rq").read_text(encoding="utf-8")
    (folder / "queries" / "mine.rq").write_text(question, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Return exit code, output and errors of a command in a folder."""
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (TYPES, "Edited name"),
        (("show", "destination:adobe-commerce"), "Edited name"),
        (("explain", "adobe-commerce"), "Edited name"),
        (("sparql", "SELECT ?n { destination:adobe-commerce rdfs:label ?n }", "--format", "csv"), "Edited name"),
        (("ask", "mine", "--format", "csv"), "E-commerce"),
        (("ask",), "  mine "),
        (("ask", "mine", "--help"), "mine: "),
    ],
)
def test_every_command_reads_the_graph_around(edited: Path, arguments: tuple[str, ...], expected: str) -> None:
    """And one line says so."""
    code, output, errors = run(edited, *arguments)
    assert (code, errors) == (0, f"destgraph: the graph in {edited} answers, not the installed one\n")
    assert expected in output


@pytest.mark.slow
def test_what_is_written_is_of_the_graph_around(edited: Path) -> None:
    """Data, names, questions and context of an export; `destgraph release` and Python take a root too."""
    code, output, errors = run(edited, "export", "--format", "jsonld", "--type", "edge-personalization")
    assert (code, errors) == (0, f"destgraph: the graph in {edited} is written, not the installed one\n")
    assert "Edited name" in output
    shutil.copy(edited / "queries" / "destinations-of-type.rq", edited / "queries" / "mine-of-type.rq")
    target = edited.parent / "mine.nt"
    type_ = {"type": "edge-personalization"}
    destgraph.write_export(target, question="mine-of-type", parameters=type_, root=edited)
    assert "Edited name" in target.read_text(encoding="utf-8")
    with pytest.raises(destgraph.InputError, match="no question 'mine-of-type'"):
        destgraph.write_export(target, question="mine-of-type", parameters=type_, force=True)


@pytest.mark.slow
def test_the_ways_to_choose(edited: Path) -> None:
    """From any folder inside the graph; with --root or the variable from anywhere, the option first."""
    elsewhere = edited.parent
    ways: list[tuple[Path, tuple[str | Path, ...], dict[str, str]]] = [
        (edited / "data", (), {}),
        (elsewhere, ("--root", edited), {}),
        (elsewhere, (), {files.ROOT: str(edited)}),
        (elsewhere, ("--root", edited), {files.ROOT: str(elsewhere)}),
    ]
    for folder, more, environment in ways:
        code, output, errors = run(folder, *TYPES, *more, environment=environment)
        assert (code, errors) == (0, f"destgraph: the graph in {edited} answers, not the installed one\n")
        assert "Edited name" in output
    assert run(edited, *TYPES, "--root", files.root())[1:] == run(elsewhere, *TYPES)[1:]


def test_the_same_files_elsewhere_are_no_news(tmp_path: Path) -> None:
    """A fresh clone answers like the installed graph, so nothing is said."""
    for part in ("ontology", "data", "queries"):
        shutil.copytree(files.root() / part, tmp_path / part)
    assert run(tmp_path, *TYPES)[2] == ""


def test_a_folder_without_the_header_is_no_graph(tmp_path: Path) -> None:
    """Folders of these names may hold anything."""
    for part in ("ontology", "data", "queries"):
        (tmp_path / part).mkdir()
    (tmp_path / "ontology" / "own.ttl").write_text(
        "<https://example.org/o> a <http://www.w3.org/2002/07/owl#Ontology> ."
    )
    assert run(tmp_path, *TYPES)[2] == ""
    code, output, errors = run(tmp_path, *TYPES, "--root", ".")
    assert (code, output) == (2, "")
    assert errors == "destgraph: .: holds no graph of destgraph (ontology, data and queries); name its folder\n"


def test_a_graph_keeps_its_root(edited: Path) -> None:
    """Its questions come from there too."""
    kg = destgraph.load(root=edited)
    assert kg.root == edited
    assert "mine" in kg.questions
    assert kg.describe("adobe-commerce").name == "Edited name"
    assert len(kg.ask("mine")) == len(destgraph.load().ask("categories"))
    with pytest.raises(destgraph.InputError, match="no question 'mine'"):
        destgraph.load().ask("mine")


@pytest.mark.slow
def test_validate_reads_the_graph_that_is_named(edited: Path) -> None:
    """By the option or the variable; a name that the graph does not know is found in it, from anywhere."""
    (edited / "queries" / "mine.rq").write_text("SELECT ?s { ?s ?p ?o }", encoding="utf-8")
    elsewhere = edited.parent
    ways: list[tuple[tuple[str | Path, ...], dict[str, str]]] = [
        (("--root", edited), {}),
        ((), {files.ROOT: str(edited)}),
    ]
    for more, environment in ways:
        command = ("validate", "--rule", "question_not_usable", *more)
        code, output, _ = run(elsewhere, *command, environment=environment)
        assert code == 1
        assert output.startswith("Validated the graph in fork\n\nfork/queries/mine.rq:1:1: error: ")
    code, _, errors = run(elsewhere, "validate", "--root", elsewhere)
    assert (code, "holds no graph of destgraph" in errors) == (2, True)
