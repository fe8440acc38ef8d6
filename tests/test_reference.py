"""docs/commands.md and docs/python.md hold every command and public name, as `--help` and the docstrings tell now."""

import re
from pathlib import Path

import click
import pytest
import reference
from expected import ADVICE, Expected

import destgraph
from destgraph.cli import cli

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", ["commands", "python"])
def test_reference_is_as_made(name: str, expected_files: Expected) -> None:
    """`pytest tests/test_reference.py --update` writes it anew."""
    made = {"commands": reference.commands, "python": reference.python}[name]()
    assert made == expected_files.text(DOCS / f"{name}.md", made), ADVICE


def test_nothing_is_missing() -> None:
    """Each command has a section in the one, each public name in the other, and each operation is in both."""
    sections = {name: re.findall(r"^## (.*)$", (DOCS / f"{name}.md").read_text(encoding="utf-8"), re.MULTILINE)
                for name in ("commands", "python")}  # fmt: skip
    assert sections["commands"] == [f"destgraph {name}" for name in cli.list_commands(click.Context(cli))]
    assert set(destgraph.__all__) <= set(sections["python"])
