"""Mechanical corrections: put into files, and nothing else of these changes."""

import os
import shutil
import subprocess
import sysconfig
from codecs import BOM_UTF8
from pathlib import Path

import pytest
from small import FILES, HEAD, ONE, written

import destgraph
from destgraph.errors import InputError
from destgraph.validation import fixing

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
# A misspelt property and a misspelt value of it, on one line with a text that no one corrects.
WRONG = HEAD + (
    "# keep  this: ü\n"
    'destination:two a dg:Connection ; dg:statuss "ga" ; rdfs:seeAlso dg:Destinaton ;\n'
    '    rdfs:label "two  é"@en .   # and this'
)
RIGHT = WRONG.replace("dg:statuss", "dg:status").replace("dg:Destinaton", "dg:Destination")
RULE = """#+ summary: Not declared
#+ problem: It is misspelt.
#+ solution: Correct it.
#+ source: a test
#+ looks-at: "?entity ?property ?value"
PREFIX dg: <https://w3id.org/destgraph/ontology#>
SELECT ?entity ?property ?value WHERE {
  ?entity ?property ?value .
  FILTER (CONTAINS(STR(?PART), "ontology#"))
  FILTER NOT EXISTS { ?PART a ?kind }
}
"""
TREE = FILES | {
    "queries/rules/undeclared_property/rule.rq": RULE.replace("?PART", "?property"),
    "queries/rules/undescribed_reference/rule.rq": RULE.replace("?PART", "?value"),
}


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command in the working folder."""
    return subprocess.run([DESTGRAPH, "validate", *arguments], capture_output=True, check=False)


def encoded(text: str, form: str) -> bytes:
    """Return a text as bytes: with line feeds, carriage returns, a byte order mark, or an end of the last line."""
    return {
        "plain": text.encode(),
        "crlf": text.replace("\n", "\r\n").encode(),
        "mark": BOM_UTF8 + text.encode(),
        "end": f"{text}\n\n".encode(),
        "mixed": text.replace("\n", "\r\n", 3).encode(),
    }[form]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small graph with a file that has two things to correct, of which the working folder is set."""
    folder = written(tmp_path / "graph", TREE)
    (folder / "data" / "two.ttl").write_bytes(WRONG.encode())
    return folder


@pytest.mark.parametrize("form", ["plain", "crlf", "mark", "end", "mixed"])
def test_all_else_stays_byte_for_byte(tree: Path, form: str) -> None:
    """Line ends, byte order mark, blanks, comments and the end of the file; and a second time nothing is left to do."""
    path = tree / "data" / "two.ttl"
    path.write_bytes(encoded(WRONG, form))
    path.chmod(0o640)
    changed = fixing.changes(destgraph.validate(folder=tree), tree)
    assert [(change.file, len(change.fixes)) for change in changed] == [("data/two.ttl", 2)]
    assert path.read_bytes() == encoded(WRONG, form)
    fixing.write(changed)
    assert path.read_bytes() == encoded(RIGHT, form)
    assert path.stat().st_mode & 0o777 == 0o640
    assert fixing.changes(destgraph.validate(folder=tree), tree) == ()
    assert [path.name for path in (tree / "data").iterdir() if path.name.startswith(".")] == []


def test_the_diff_is_what_is_written(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--fix --diff` writes nothing, and a program that applies it to a copy makes of that what `--fix` makes."""
    monkeypatch.chdir(tree)
    before = (tree / "data" / "two.ttl").read_bytes()
    shown = run("--fix", "--diff")
    assert (shown.returncode, shown.stderr) == (1, b"")
    assert (tree / "data" / "two.ttl").read_bytes() == before
    copy = written(tmp_path / "copy", {"data/two.ttl": WRONG})
    git = shutil.which("git") or ""
    applied = subprocess.run([git, "apply", "-"], cwd=copy, input=shown.stdout, capture_output=True, check=False)
    assert applied.returncode == 0, applied.stderr
    result = run("--fix")
    assert result.stderr == b"corrected 2 places in 1 file: data/two.ttl\n"
    assert b"data/two.ttl" not in result.stdout
    assert (tree / "data" / "two.ttl").read_bytes() == (copy / "data" / "two.ttl").read_bytes() == RIGHT.encode()


def test_a_file_that_has_changed_is_left_alone(tree: Path) -> None:
    """Before it is corrected, and while it is."""
    path = tree / "data" / "two.ttl"
    report = destgraph.validate(folder=tree)
    changed = fixing.changes(report, tree)
    path.write_bytes(WRONG.encode() + b"\n")
    for attempt in (lambda: fixing.changes(report, tree), lambda: fixing.write(changed)):
        with pytest.raises(InputError, match=r"^data/two\.ttl: has changed since it was validated; validate it again$"):
            attempt()
    assert path.read_bytes() == WRONG.encode() + b"\n"


def test_a_link_stays_one(tree: Path) -> None:
    """What it leads to is corrected."""
    path = tree / "data" / "two.ttl"
    path.rename(tree / "data" / "real.txt")
    path.symlink_to("real.txt")
    fixing.write(fixing.changes(destgraph.validate(folder=tree), tree))
    assert path.readlink() == Path("real.txt")
    assert path.read_bytes() == RIGHT.encode()


def test_what_would_change_meaning_is_not_done(tree: Path) -> None:
    """A prefix with another namespace than everywhere else has a correction that is shown, not applied."""
    text = ONE.replace("https://w3id.org/destgraph/destination/", "https://w3id.org/destgraph/other/")
    (tree / "data" / "two.ttl").write_text(text)
    report = destgraph.validate(folder=tree)
    assert [finding.rule for finding in report.findings if finding.fix] == ["prefix_differs"]
    assert fixing.changes(report, tree) == ()


def test_the_installed_graph_is_not_corrected(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asked for that where the working folder has no graph."""
    report = destgraph.validate(folder=tree)
    monkeypatch.setattr("destgraph.validation.fixing.files.__file__", os.fspath(tree / "files.py"))
    with pytest.raises(InputError, match=r"^data/two\.ttl: belongs to the installed graph, which is not corrected"):
        fixing.changes(report, tree)


def test_a_diff_of_nothing(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--diff` alone is wrong usage."""
    monkeypatch.chdir(tree)
    result = run("--diff")
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"--diff shows what --fix would do; add --fix" in result.stderr
