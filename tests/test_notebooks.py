"""The notebooks as they are kept: without outputs, and run by nbmake beside the tests."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def read(path: Path) -> Any:
    """Return a notebook as JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def test_there_are_three_and_pytest_runs_them(pytestconfig: pytest.Config) -> None:
    """The tests below look at something, and so does nbmake."""
    assert len(NOTEBOOKS) == 3
    assert "notebooks" in pytestconfig.getini("testpaths")
    assert pytestconfig.getoption("nbmake")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_kept_without_outputs(path: Path) -> None:
    """No output, no number of a run, nothing of the machine it ran on; a title, and text before most code."""
    notebook = read(path)
    nbformat.validate(notebook)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []
    assert set(notebook["metadata"]) == {"kernelspec", "language_info", "title"}
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    first = notebook["cells"][0]
    assert first["cell_type"] == "markdown"
    assert "".join(first["source"]).startswith(f"# {notebook['metadata']['title']}\n")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_told_in_the_docs(path: Path) -> None:
    """The page on notebooks has a link to each."""
    assert f"](../notebooks/{path.name})" in (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
