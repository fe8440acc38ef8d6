"""The recipes of CONTRIBUTING.md, followed in a copy of this repository, give something new that passes its tests."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import new
import pytest
from click.testing import CliRunner

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = {
    title: [line.partition("  #")[0] for line in block.splitlines()]
    for title, block in re.findall(r"^### (.*?)\n.*?^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
}
COPIED = ("data", "docs", "ontology", "queries", "src", "tests", "pyproject.toml", "README.md")
SOURCES = ("data", "docs", "ontology", "queries", "src", "tests/queries", "tests/rules", "tests/validation")


def left_to_do(root: Path) -> set[str]:
    """Return the files of the graph, of its tests and of the package that hold a text to replace."""
    paths = (path for folder in SOURCES for path in (root / folder).rglob("*.*") if path.suffix != ".pyc")
    return {path.relative_to(root).as_posix() for path in paths if path.is_file() and b"TODO" in path.read_bytes()}


def contents(root: Path) -> dict[str, bytes]:
    """Return all files of a copy."""
    paths = (path for path in root.rglob("*") if path.is_file() and not {"__pycache__", ".hypothesis"} & {*path.parts})
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def run(command: str, root: Path) -> str:
    """Run a line of a recipe in a copy, on the package and the graph there; return what it printed."""
    program, *arguments = command.split()
    path = {"python": sys.executable}.get(program) or Path(sysconfig.get_path("scripts")) / program
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
    environment = inherited | {"PYTHONPATH": str(root / "src"), "PYTEST_ADDOPTS": "-n 0 -p no:cacheprovider"}
    result = subprocess.run(
        [path, *arguments], cwd=root, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of what the recipes change and need."""
    root = tmp_path_factory.mktemp("contributing")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, root / name)
    yield root
    shutil.rmtree(root)


def test_nothing_is_left_to_do() -> None:
    """What a skeleton asks for was written."""
    assert left_to_do(ROOT) == set()


def test_recipes_are_those_of_the_script() -> None:
    """Each kind has one recipe, which begins with its skeleton."""
    assert [commands[0].split()[:3] for commands in RECIPES.values()] == [
        ["python", "tests/new.py", kind] for kind in ("destination", "concept", "question", "rule", "format")
    ]
    assert {commands[0].split()[2] for commands in RECIPES.values()} == new.new.commands.keys()


def test_recipes_work(copy: Path) -> None:
    """Skeletons are written, their texts replaced, and every further command of a recipe ends well.

    Commands of several recipes are run once. What is new answers, is found or is written, and stands in the tables.
    """
    before = contents(copy)
    skeletons = {file for commands in RECIPES.values() for file in run(commands[0], copy).split()}
    marked = left_to_do(copy)
    assert {file for file, data in contents(copy).items() if data != before.get(file)} == skeletons
    assert marked < skeletons
    for file in marked:
        path = copy / file
        path.write_text(path.read_text(encoding="utf-8").replace("TODO ", ""), encoding="utf-8", newline="")
    assert left_to_do(copy) == set()
    further = [command for commands in RECIPES.values() for command in commands[1:]]
    printed = {command: run(command, copy) for command in further if not command.startswith("pytest ")}
    arguments = [argument for command in further if command not in printed for argument in command.split()[1:]]
    run(f"pytest {' '.join(dict.fromkeys(arguments))}", copy)
    assert "title of the page  destination:acme-stream" in printed["destgraph explain acme-stream"]
    assert "154 rows" not in printed["destgraph ask by-stage status=ga"]
    assert "destination:acme-stream" in printed["destgraph ask by-stage status=ga"]
    assert printed["destgraph validate --describe shouting_label"].startswith("shouting_label (warning)\n")
    assert "<https://w3id.org/destgraph/destination/adobe-commerce>" in printed[RECIPES["An export format"][1]]
    after = {file: data.decode() for file, data in contents(copy).items() if data != before.get(file)}
    written = {file for file in after.keys() - skeletons if file not in before}
    assert written == {
        *(f"tests/queries/by-stage/{name}.csv" for name in ("catalog", "changed", "tiny")),
        "tests/rules/shouting_label.csv",
        "tests/exports/destgraph.spo",
    }
    assert "| all | 154 |" in after["docs/catalog.md"]
    assert "| `shouting_label` |" in after["docs/rules.md"]
    assert "| `shouting_label` | warning | data/vendors.ttl:" in after["docs/defects.md"]
    assert "acme-stream" in after["tests/queries/destinations-in-category/catalog.csv"]


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
