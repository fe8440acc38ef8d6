"""What several commands share: options, completion of names, and how an answer is printed."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

import destgraph
from destgraph import names
from destgraph.results import Solutions, Triples, count

TABLES = ["table", "csv", "tsv", "json", "records", "markdown"]
FORMAT_HELP = "How to print the answer; json is W3C SPARQL results with types and languages, records plain rows."

own_data = click.option(
    "--data", multiple=True, type=click.Path(path_type=Path), metavar="PATH", help="Own Turtle file to add."
)


def complete_name(_context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """Return the ids that begin with what was typed, of the things that the parameter names."""
    kinds = {"destination": ["destination"], "wanted": ["type"]}.get(parameter.name or "", names.KINDS)
    return [id_ for id_ in ids(kinds) if id_.startswith(typed)]


def ids(kinds: Sequence[str]) -> list[str]:
    """Return the ids of all things of these kinds, sorted."""
    select = destgraph.load().select
    return sorted({thing.id for kind in kinds for thing in names.named(select, kind)})


def named_values(parameters: Sequence[str]) -> dict[str, list[str]]:
    """Return the values of each name in NAME=VALUE arguments; raises InputError for one that is not so."""
    values: dict[str, list[str]] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals:
            raise destgraph.InputError(f"{parameter!r} is not NAME=VALUE; write for example type=connection")
        values.setdefault(name, []).append(value)
    return values


def print_answer(answer: bool | Solutions | Triples, format_: str | None, graph: destgraph.KnowledgeGraph) -> None:
    """Print an answer of any query form; raises InputError for a format that the form does not have."""
    if isinstance(answer, bool):
        _only(format_, "table", "json")
        yes = "true" if answer else "false"
        click.echo(f'{{"head": {{}}, "boolean": {yes}}}' if format_ == "json" else yes)
        return
    if isinstance(answer, Triples):
        _only(format_, "turtle")
        click.echo(answer.to_turtle(), nl=False)
    else:
        _only(format_, *TABLES)
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


def as_json(thing: object) -> str:
    """Return a result of an operation as JSON, its terms as IRIs or texts."""
    import json
    from dataclasses import asdict

    return json.dumps(asdict(thing), ensure_ascii=False, indent=1, default=lambda term: term.value)  # type: ignore[call-overload]
