"""Questions in people's words, the command that answers each, and what it tells: docs/questions.md."""

import csv
import io
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from expected import ADVICE, Expected

import destgraph
from destgraph.catalog import search
from destgraph.cli import cli

DOCS = Path(__file__).parents[1] / "docs"
HEAD = """\
# Questions and commands

What a reader of Adobe's pages on destinations asks, the command that answers it, and the beginning of the answer.
`pytest tests/test_asked.py --update` writes this table anew from `tests/asked.csv`.

| Question | Command | It tells |
| --- | --- | --- |
"""
SHOWN = 3

with (Path(__file__).parent / "asked.csv").open(encoding="utf-8", newline="") as file:
    ASKED = [tuple(row.values()) for row in csv.DictReader(file)]


def told(command: str, column: str) -> str:
    """Return the beginning of what a command tells in a column."""
    program, *arguments = shlex.split(command)
    assert program == "destgraph"
    result = CliRunner().invoke(cli, [*arguments, "--columns", column, "--format", "csv"])
    assert (result.exit_code, result.stderr) == (0, ""), command
    _, *rows = csv.reader(io.StringIO(result.stdout))
    values = list(dict.fromkeys(value for (value,) in rows))
    assert values
    rest = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(values[:SHOWN]) + rest


def test_each_question_is_answered_by_one_command(
    expected_files: Expected, monkeypatch: pytest.MonkeyPatch, kg: destgraph.KnowledgeGraph
) -> None:
    """The whole table is that of the documentation."""
    monkeypatch.setattr(destgraph, "load", lambda *_, **__: kg)
    lines = [f"| {question} | `{command}` | {told(command, column)} |\n" for question, command, column in ASKED]
    assert len(lines) == 25
    text = HEAD + "".join(lines)
    assert text == expected_files.text(DOCS / "questions.md", text), ADVICE


def test_find_leads_to_the_questions(kg: destgraph.KnowledgeGraph) -> None:
    """Its words, typed after `destgraph find`, show among the first ten what to ask, but for three of them."""
    documents = search.documents(kg.select, [*kg.questions.values()])
    missed = []
    for question, command, _ in ASKED:
        name = shlex.split(command)[2]
        shown = [row.command for row in search.find(documents, question, 10)]
        if not any(command.split(" ")[:3] == ["destgraph", "ask", name] for command in shown):
            missed.append(question)
    assert missed == [
        "What type is Amazon S3?",
        "Which destinations export profiles?",
        "Where can I send CSV files to storage of my own?",
    ]
