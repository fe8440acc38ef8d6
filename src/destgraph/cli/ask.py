"""`destgraph ask`: the canned questions."""

from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

import destgraph
from destgraph import names, questions
from destgraph.cli.common import FORMAT_HELP, TABLES, ids, named_values, own_data, print_answer


def _complete_question(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    return [CompletionItem(q.name, help=q.summary) for q in questions.every() if q.name.startswith(typed)]


def _complete_value(context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    question = questions.question(context.params["question"])
    name, equals, value = typed.partition("=")
    if not equals:
        return [f"{p.name}=" for p in question.parameters if p.name.startswith(name)]
    kind = question.parameter(name).kind
    return [f"{name}={id_}" for id_ in ids([kind] if kind in names.KINDS else []) if id_.startswith(value)]


@click.command(add_help_option=False)
@click.argument("question", required=False, shell_complete=_complete_question)
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=_complete_value)
@click.option("--format", "format_", type=click.Choice(TABLES), default="table", help=FORMAT_HELP)
@own_data
@click.option("-h", "--help", "helping", is_flag=True, help="Show this, or what QUESTION takes and gives.")
@click.pass_context
def ask(
    context: click.Context,
    question: str | None,
    parameters: Sequence[str],
    format_: str,
    data: Sequence[Path],
    helping: bool,
) -> None:
    """Answer QUESTION, or list the questions.

    For example: destgraph ask destinations-of-type type=edge-personalization
    """
    if question is None:
        click.echo(context.get_help() if helping else _list_of_questions())
        return
    if helping:
        click.echo(_help(questions.question(question)))
        return
    values = named_values(parameters)
    graph = destgraph.load(data)
    print_answer(graph.ask(question, **values), format_, graph)


def _list_of_questions() -> str:
    topics: dict[str, list[questions.Question]] = {}
    for question in questions.every():
        topics.setdefault(question.topic, []).append(question)
    lines = []
    for topic, asked in topics.items():
        lines.append(f"{topic}")
        for question in asked:
            takes = " ".join(f"{p.name}=" if p.required else f"[{p.name}=]" for p in question.parameters)
            lines.append(f"  {f'{question.name} {takes}':<42}{question.summary}")
    return "\n".join([*lines, "", "destgraph ask QUESTION --help tells what a question takes and gives."])


def _help(question: questions.Question) -> str:
    lines = [f"{question.name}: {question.summary}", "", question.description]
    if question.parameters:
        lines += ["", "Parameters"]
        for p in question.parameters:
            need = "" if p.required else ", optional"
            lines.append(f"  {p.name} ({p.kind}{need}): {p.description}")
    lines += ["", "Columns", *(f"  {name}: {text}" for name, text in question.columns.items()), "", "Example"]
    given = [f"{p.name}={p.example}" for p in question.parameters]
    quoted = " ".join(f"'{text}'" if " " in text else text for text in given)
    return "\n".join([*lines, f"  destgraph ask {question.name} {quoted}".rstrip()])
