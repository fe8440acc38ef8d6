"""`destgraph validate` as a whole process against the `pyshacl` command on the same files; growth."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from functools import partial
from io import BytesIO
from math import log
from pathlib import Path
from statistics import linear_regression

import pytest

import destgraph
from benchmarks import synthetic
from benchmarks.common import seconds, table
from benchmarks.conftest import Compare
from destgraph import files
from destgraph.export.rdf import turtle_text

SCRIPTS = Path(sysconfig.get_path("scripts"))
SIZES = (400, 1_000, *([10_000] if os.environ.get("DESTGRAPH_LARGE") else []))
"""With DESTGRAPH_LARGE=1 a large one too, which takes some minutes."""
BEFORE = os.environ.get("DESTGRAPH_BEFORE")
"""A revision of the git repository that is timed too."""


def test_command(compare: Compare, tmp_path: Path) -> None:
    """The peer gets one file of shapes, and one of everything else with the inferred types. Then other ways of ours."""
    shapes, data = tmp_path / "shapes.ttl", tmp_path / "data.ttl"
    shapes.write_text("\n".join(path.read_text(encoding="utf-8") for path in files.turtle("shapes")), encoding="utf-8")
    texts = [path.read_text(encoding="utf-8") for path in files.turtle()]
    data.write_text("\n".join([*texts, turtle_text(destgraph.load().inferred)]), encoding="utf-8")
    validate = partial(run, SCRIPTS / "destgraph", "validate")
    ways = {
        "pyshacl command": partial(run, SCRIPTS / "pyshacl", "--allow-warning", "-s", shapes, data),
        "without the store": partial(validate, "--engine", "pyshacl"),
        "one file": partial(validate, "data/email-marketing.ttl"),
        "one rule": partial(validate, "--rule", "FileFormatShape"),
    }
    if BEFORE:
        ways[BEFORE] = earlier(BEFORE, tmp_path / "before")
    compare("validate the graph, whole process", validate, ways, 3)


def test_growth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With more destinations more is looked at; how the time grows is shown."""
    for part in ("ontology", "data", "queries"):
        shutil.copytree(files.root() / part, tmp_path / part)
    real = destgraph.load().info.destinations
    rows = []
    for size in (real, *SIZES):
        with (tmp_path / "data" / "synthetic.ttl").open("wb") as file:
            synthetic.write(size - real, file)
        report = destgraph.validate(folder=tmp_path)
        (looked_at,) = (rule.looked_at for rule in report.rules if rule.id == "OneCategoryShape")
        assert looked_at == size
        assert report.count("error") == 0, report.findings
        triples = len(destgraph.load([tmp_path / "data" / "synthetic.ttl"]).store)
        program = "import sys, destgraph; destgraph.validate(folder=sys.argv[1])"
        rows.append((size, triples, seconds(partial(run, sys.executable, "-c", program, tmp_path))))
    exponent = linear_regression([log(row[1]) for row in rows], [log(row[2]) for row in rows]).slope
    with capsys.disabled():
        print(table(f"validate: exponent {exponent:.2f}", ("destinations", "triples", "seconds"), rows))


def earlier(revision: str, folder: Path) -> "partial[None]":
    """Return what validates the graph of an earlier revision with the program of that time."""
    git, repository = shutil.which("git") or "", Path(__file__).parents[1]
    archive = subprocess.run([git, "archive", revision], stdout=subprocess.PIPE, cwd=repository, check=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files_then:
        files_then.extractall(folder, filter="data")
    program = f"import sys; sys.path.insert(0, {str(folder / 'src')!r}); import destgraph.cli; destgraph.cli.main()"
    return partial(run, sys.executable, "-c", program, "validate", folder=folder)


def run(*command: str | Path, folder: Path | None = None) -> None:
    """Run a program, in the folder of the graph if nothing is said, that must succeed."""
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, cwd=folder or files.root(), check=True)
