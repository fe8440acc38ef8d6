"""The recipes of CONTRIBUTING.md, followed in a copy of this repository, give something new that passes its tests."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import new
import pytest
from click.testing import CliRunner

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = {
    title: [line.partition("  # ")[0] for line in block.splitlines()]
    for title, block in re.findall(r"^### (.*?)\n.*?^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
}
LONG = re.findall(r"^(.*)  # a minute$", TEXT, re.MULTILINE)
COPIED = ("data", "docs", "ontology", "queries", "src", "tests", "pyproject.toml", "README.md")
SOURCES = ("data", "docs", "ontology", "queries", "src", "tests/queries", "tests/rules", "tests/validation")


def left_to_do(root: Path) -> set[str]:
    """Return the own files of the graph, of its tests and of the package that hold a text to replace."""
    every = (path for folder in SOURCES for path in (root / folder).rglob("*.*"))
    paths = (path for path in every if path.suffix != ".pyc" and "vendor" not in path.parts)
    return {path.relative_to(root).as_posix() for path in paths if path.is_file() and b"TODO" in path.read_bytes()}


def contents(root: Path) -> dict[str, bytes]:
    """Return all files of a copy, what Python keeps for itself aside."""
    paths = (path for path in root.rglob("*") if path.is_file() and not {"__pycache__", ".hypothesis"} & {*path.parts})
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def run(command: str, root: Path) -> str:
    """Run a line of a recipe in a copy, on the package and the graph there; return what it printed."""
    program, *arguments = shlex.split(command)
    path = {"python": sys.executable}.get(program) or Path(sysconfig.get_path("scripts")) / program
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
    environment = inherited | {"PYTHONPATH": str(root / "src"), "PYTEST_ADDOPTS": "-n 0 -p no:cacheprovider"}
    result = subprocess.run(
        [path, *arguments], cwd=root, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the recipes change and need."""
    root = tmp_path / "copy"
    root.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)
    return root


def test_nothing_is_left_to_do() -> None:
    """What a skeleton asks for was written."""
    assert left_to_do(ROOT) == set()


def test_recipes_are_those_of_the_script() -> None:
    """Each kind has one recipe, which begins with its skeleton."""
    assert [commands[0].split()[:3] for commands in RECIPES.values()] == [
        ["python", "tests/new.py", kind] for kind in ("destination", "concept", "question", "rule", "format")
    ]
    assert {commands[0].split()[2] for commands in RECIPES.values()} == new.new.commands.keys()


def started(root: Path) -> tuple[dict[str, bytes], set[str]]:
    """Write all skeletons and replace their texts; return what was there before, and the files that were written."""
    before = contents(root)
    skeletons = {file for commands in RECIPES.values() for file in run(commands[0], root).split()}
    marked = left_to_do(root)
    assert {file for file, data in contents(root).items() if data != before.get(file)} == skeletons
    assert marked < skeletons
    for file in marked:
        path = root / file
        path.write_text(path.read_text(encoding="utf-8").replace("TODO ", ""), encoding="utf-8", newline="")
    assert left_to_do(root) == set()
    return before, skeletons


def changed(root: Path, before: dict[str, bytes], skeletons: set[str]) -> dict[str, str]:
    """Return the files that changed since, skeletons aside."""
    after = contents(root)
    return {file: data.decode() for file, data in after.items() if data != before.get(file) and file not in skeletons}


@pytest.mark.slow
def test_recipes_work(copy: Path) -> None:
    """Skeletons are written, their texts replaced, and every further command of a recipe ends well.

    Commands of several recipes are run once. What is new answers, is found or is written, and stands in the tables.
    """
    before, skeletons = started(copy)
    further = dict.fromkeys(command for commands in RECIPES.values() for command in commands[1:] if command not in LONG)
    printed = {command: run(command, copy) for command in further}
    assert "title of the page  destination:acme-stream" in printed["destgraph explain acme-stream"]
    assert "  acme-stream" in printed["destgraph ask by-stage status=ga"]
    assert printed["destgraph validate --describe shouting_label"].startswith("shouting_label (warning)\n")
    assert "<https://w3id.org/destgraph/destination/adobe-commerce>" in printed[RECIPES["An export format"][1]]
    files = changed(copy, before, skeletons)
    tables = {*(f"tests/queries/by-stage/{name}.csv" for name in ("catalog", "changed", "tiny"))}
    assert files.keys() == tables | {"tests/rules/shouting_label.csv", "tests/exports/destgraph.spo", "docs/rules.md"}
    assert "| `shouting_label` |" in files["docs/rules.md"]
    assert files["tests/rules/shouting_label.csv"].endswith(",One!\n")


@pytest.mark.nightly
def test_recipes_change_the_tables_of_all(copy: Path) -> None:
    """Commands that take long write the answers and figures that the new things change; then all the tests pass."""
    before, skeletons = started(copy)
    for command in dict.fromkeys([*LONG, *(command.replace(" --update", "") for command in LONG)]):
        run(command, copy)
    files = changed(copy, before, skeletons)
    assert "| all | 154 |" in files["docs/catalog.md"]
    assert "| `shouting_label` | warning | data/vendors.ttl:" in files["docs/defects.md"]
    answers = {file for file in files if file.startswith("tests/queries/")}
    assert "tests/queries/types/catalog.csv" in answers
    assert files.keys() - answers == {"docs/catalog.md", "docs/defects.md"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["question", "By_Stage"], "'By_Stage' is no name; write lower-case words joined by hyphens"),
        (["rule", "a-rule"], "'a-rule' is no name; write lower-case words joined by underscores"),
        (["question", "categories"], "queries/categories.rq is there already"),
        (["concept", "formats", "avro"], "there is no ontology/schemes/formats.ttl; known are activation-workflow,"),
        (["concept", "file-format", "csv"], "ontology/schemes/file-format.ttl describes file-format:csv already"),
        (["destination", "bing", "advertising", "bing", "microsoft"], "describes destination:bing already"),
    ],
)
def test_what_cannot_be_new_is_refused(arguments: list[str], message: str) -> None:
    """With a line that says why; nothing is written."""
    result = CliRunner().invoke(new.new, arguments)
    assert result.exit_code == 2
    assert message in result.stderr
