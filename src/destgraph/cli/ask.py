"""`destgraph ask`: the canned questions."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

import destgraph
from destgraph.catalog import names, questions
from destgraph.cli import output
from destgraph.cli.answers import Form, answer_options, print_answer, tell_no_rows
from destgraph.cli.common import Source, asked_graph, graph_root, ids, working_root

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _complete_question(_context: click.Context, _parameter: click.Parameter, typed: str) -> list["CompletionItem"]:
    from click.shell_completion import CompletionItem

    usable, _ = questions.usable(working_root())
    return [CompletionItem(q.name, help=q.summary) for q in usable if q.name.startswith(typed)]


def _complete_value(context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    try:
        question = questions.question(context.params["question"], working_root())
    except destgraph.InputError:  # no place to tell it: the command tells it when it runs
        return []
    given = context.params["parameters"] or ()
    for parameter in question.parameters:
        if given[-1:] == (parameter.name,) or given[-2:] == (parameter.name, "="):  # bash takes NAME=VALUE apart
            return [value for value in _values(parameter) if value.startswith(typed)]
    name, equals, value = typed.partition("=")
    if equals:
        return [f"{name}={known}" for known in _values(question.parameter(name)) if known.startswith(value)]
    fitting = [parameter for parameter in question.parameters if parameter.name.startswith(name)]
    if len(fitting) > 1:
        return [f"{parameter.name}=" for parameter in fitting]
    # With the values at once no shell puts a space after the sign.
    return [f"{parameter.name}={value}" for parameter in fitting for value in _values(parameter)]


def _values(parameter: questions.Parameter) -> list[str]:
    if parameter.kind in names.KINDS:
        return ids([parameter.kind])
    return [*parameter.choices] or ["", parameter.example]


@click.command(add_help_option=False)
@click.argument("question", required=False, shell_complete=_complete_question)
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=_complete_value)
@answer_options()
@asked_graph
@click.option("--values", "wanted", metavar="NAME", help="List the values that this parameter of QUESTION may have.")
@click.option("-h", "--help", "helping", is_flag=True, help="Show this, or what QUESTION takes and gives.")
@click.pass_context
def ask(
    context: click.Context,
    question: str | None,
    parameters: Sequence[str],
    form: Form,
    source: Source,
    wanted: str | None,
    helping: bool,
) -> None:
    """Answer QUESTION, or list the questions. Of a parameter that is the only one, or required, NAME= may be left out.

    For example: destgraph ask destinations-of-type type=edge-personalization
    """
    if question is None:
        output.write((context.get_help() if helping else _list_of_questions(graph_root(source.root))) + "\n")
        return
    graph = source.open()
    if helping:
        output.write(_help(graph, question) + "\n")
    elif wanted is not None:
        print_answer(graph.values(question, wanted), form)
    else:
        unnamed = any("=" not in parameter for parameter in parameters)
        values = questions.named_values(parameters, questions.question(question, graph.root) if unnamed else None)
        answer = graph.ask(question, **values)
        print_answer(answer, form)
        if not answer:
            tell_no_rows([graph.why_no_rows(question, **values)])


def _help(graph: destgraph.Queryable, question: str) -> str:
    """Return what a question takes and gives, with the values of its parameters."""
    from destgraph.rendering import text

    asked = questions.question(question, graph.root)
    values = {
        parameter.name: sorted(thing.id for thing in names.named(graph.select, parameter.kind))
        for parameter in asked.parameters
        if parameter.kind in names.KINDS
    }
    return text.question(asked, values)


def _list_of_questions(root: Path) -> str:
    """Return the list; what is wrong with a question that cannot be used is told on standard error."""
    usable, errors = questions.usable(root)
    topics: dict[str, list[tuple[str, str]]] = {topic: [] for topic in questions.TOPICS}
    for question in usable:
        takes = [f"{p.name}=" if p.required else f"[{p.name}=]" for p in question.parameters]
        topics[question.topic].append((" ".join([question.name, *takes]), question.summary))
    for error in errors:
        output.tell(f"destgraph: {error}")
    width = max((len(asked) for lines in topics.values() for asked, _ in lines), default=0)
    lines = []
    for topic, asked_there in topics.items():
        lines += [topic, *(f"  {asked:<{width}}  {summary}" for asked, summary in asked_there)]
    return "\n".join([*lines, "", "destgraph ask QUESTION --help tells what a question takes and gives."])
