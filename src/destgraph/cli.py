"""The command line: dresses the operations of the package, and turns errors into one line and an exit code.

0 fine, 2 wrong usage or unreadable input, 3 a bug of destgraph, 4 time limit, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

import destgraph
from destgraph import names, questions
from destgraph.results import Solutions, Triples, count

_TABLES = ["table", "csv", "tsv", "json", "records", "markdown"]
_FORMAT_HELP = "How to print the answer; json is W3C SPARQL results with types and languages, records plain rows."

_own_data = click.option(
    "--data", multiple=True, type=click.Path(path_type=Path), metavar="PATH", help="Own Turtle file to add."
)


def _complete_question(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    return [CompletionItem(q.name, help=q.summary) for q in questions.every() if q.name.startswith(typed)]


def _complete_value(context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    question = questions.question(context.params["question"])
    name, equals, value = typed.partition("=")
    if not equals:
        return [f"{p.name}=" for p in question.parameters if p.name.startswith(name)]
    kind = question.parameter(name).kind
    return [f"{name}={id_}" for id_ in _ids([kind] if kind in names.KINDS else []) if id_.startswith(value)]


def _complete_name(_context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    kinds = {"destination": ["destination"], "wanted": ["type"]}.get(parameter.name or "", names.KINDS)
    return [id_ for id_ in _ids(kinds) if id_.startswith(typed)]


def _ids(kinds: Sequence[str]) -> list[str]:
    select = destgraph.load().select
    return sorted({thing.id for kind in kinds for thing in names.named(select, kind)})


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="destgraph", message="%(prog)s %(version)s")
def cli() -> None:
    """Ask the knowledge graph of Adobe Experience Platform destinations."""


@cli.command(add_help_option=False)
@click.argument("question", required=False, shell_complete=_complete_question)
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=_complete_value)
@click.option("--format", "format_", type=click.Choice(_TABLES), default="table", help=_FORMAT_HELP)
@_own_data
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
    values: dict[str, list[str]] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals:
            raise destgraph.InputError(f"{parameter!r} is not NAME=VALUE; write for example type=connection")
        values.setdefault(name, []).append(value)
    graph = destgraph.load(data)
    _print(graph.ask(question, **values), format_, graph)


@cli.command()
@click.argument("query", required=False)
@click.option("-f", "--file", "path", type=click.Path(path_type=Path), help="File with the query.")
@click.option("--format", "format_", type=click.Choice([*_TABLES, "turtle"]), help=_FORMAT_HELP)
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60, show_default=True, help="Seconds.")
@click.option("--federate", is_flag=True, help="Allow SERVICE and FROM, which reach the network.")
@_own_data
def sparql(
    query: str | None, path: Path | None, format_: str | None, timeout: float, federate: bool, data: Sequence[Path]
) -> None:
    """Answer a SPARQL QUERY given as text, in a file or on standard input.

    The prefixes of the graph need no declaration. SELECT prints a table, CONSTRUCT and DESCRIBE print Turtle, ASK
    prints true or false.
    """
    if path is not None:
        try:
            query = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise destgraph.InputError(f"{path}: {error}; name a file with a query") from None
    graph = destgraph.load(data)
    text = query if query is not None else sys.stdin.read()
    _print(graph.query(text, timeout, federate), format_, graph)


@cli.command()
@click.argument("name", shell_complete=_complete_name)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_own_data
def show(name: str, format_: str, data: Sequence[Path]) -> None:
    """Show what the graph says about NAME: a destination, platform, vendor or concept (type, category, identity)."""
    from destgraph import text
    from destgraph.describe import describe

    graph = destgraph.load(data)
    described = describe(graph.select, names.resolve(graph.select, names.KINDS, name))
    click.echo(_json(described) if format_ == "json" else text.description(described))


@cli.command()
@click.argument("destination", shell_complete=_complete_name)
@click.option("--not", "wanted", metavar="TYPE", shell_complete=_complete_name, help="Explain why not this type.")
@click.option("--format", "format_", type=click.Choice(["text", "json", "mermaid", "svg"]), default="text",
              show_default=True)  # fmt: skip
@_own_data
def explain(destination: str, wanted: str | None, format_: str, data: Sequence[Path]) -> None:
    """Explain the types of DESTINATION, fact by fact."""
    from destgraph import text

    told = destgraph.load(data).explain(destination, wanted)
    match format_:
        case "json":
            click.echo(_json(told))
        case "mermaid":
            click.echo(told.picture().mermaid(), nl=False)
        case "svg":
            click.echo(told.picture().svg(), nl=False)
        case _:
            click.echo(text.explanation(told))


@cli.command()
@click.option(
    "--part", type=click.Choice(["inferred"]), required=True, expose_value=False, help="Write the inferred triples."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write instead of standard output.")
@_own_data
def export(output: Path | None, data: Sequence[Path]) -> None:
    """Write a part of the graph as Turtle."""
    from destgraph import export as exporting

    text = exporting.inferred(destgraph.load(data))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        exporting.write(text, output)
    except OSError as error:
        raise destgraph.InputError(f"{output}: {error.strerror}; name a file in a folder that can be written") from None


def _print(answer: bool | Solutions | Triples, format_: str | None, graph: destgraph.KnowledgeGraph) -> None:
    if isinstance(answer, bool):
        _only(format_, "table", "json")
        yes = "true" if answer else "false"
        click.echo(f'{{"head": {{}}, "boolean": {yes}}}' if format_ == "json" else yes)
        return
    if isinstance(answer, Triples):
        _only(format_, "turtle")
        click.echo(answer.to_turtle(), nl=False)
    else:
        _only(format_, *_TABLES)
        click.echo(_text(answer, format_, graph), nl=False)
    if not answer:
        click.echo("no rows: nothing in the graph matches", err=True)


def _only(format_: str | None, *possible: str) -> None:
    if format_ not in (None, *possible):
        raise destgraph.InputError(f"this form of query cannot be printed as {format_}; use {' or '.join(possible)}")


def _text(answer: Solutions, format_: str | None, graph: destgraph.KnowledgeGraph) -> str:
    match format_:
        case "csv":
            return answer.to_csv()
        case "tsv":
            return answer.to_tsv()
        case "json":
            return answer.to_json() + "\n"
        case "records":
            import json

            return json.dumps(answer.to_records(), ensure_ascii=False, indent=1, default=str) + "\n"
    from destgraph import tables

    if format_ == "markdown":
        return tables.markdown(answer) + "\n"
    width = os.get_terminal_size().columns if sys.stdout.isatty() else None
    footer = f"{count(len(answer), 'row')}, catalog as read {graph.as_read[:7]}"
    return f"{tables.table(answer, width)}\n{footer}\n"


def _json(thing: object) -> str:
    import json
    from dataclasses import asdict

    return json.dumps(asdict(thing), ensure_ascii=False, indent=1, default=lambda term: term.value)  # type: ignore[call-overload]


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


def main() -> None:
    """Run the command line."""
    try:
        cli(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except destgraph.InputError as error:
        click.echo(f"destgraph: {error}", err=True)
        sys.exit(2)
    except destgraph.TimeLimitError as error:
        click.echo(f"destgraph: {error}", err=True)
        sys.exit(4)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # a bug: say so in one line, where a traceback would hide it
        click.echo(f"destgraph: internal error, please report it: {type(error).__name__}: {error}", err=True)
        sys.exit(3)
