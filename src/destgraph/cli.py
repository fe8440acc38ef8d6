"""The command line: dresses the operations of the package, and turns errors into one line and an exit code.

0 fine, 2 wrong usage or unreadable input, 3 a bug of destgraph, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from pyoxigraph import NamedNode

import destgraph
from destgraph import export as exporting
from destgraph import names
from destgraph.results import Solutions

_own_data = click.option(
    "--data", multiple=True, type=click.Path(path_type=Path), metavar="PATH", help="Own Turtle file to add."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="destgraph", message="%(prog)s %(version)s")
def cli() -> None:
    """Ask the knowledge graph of Adobe Experience Platform destinations."""


@cli.command()
@click.argument("question")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--format", "format_", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True,
              help="json is W3C SPARQL results JSON.")  # fmt: skip
@_own_data
def ask(question: str, parameters: Sequence[str], format_: str, data: Sequence[Path]) -> None:
    """Answer QUESTION, for example: destgraph ask destinations-of-type type=edge-personalization."""
    values: dict[str, list[str]] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals:
            raise destgraph.InputError(f"{parameter!r} is not NAME=VALUE; write for example type=connection")
        values.setdefault(name, []).append(value)
    graph = destgraph.load(data)
    answer = graph.ask(question, **values)
    match format_:
        case "csv":
            click.echo(answer.to_csv(), nl=False)
        case "json":
            click.echo(answer.to_json())
        case _:
            click.echo(table(answer))
            click.echo(f"{len(answer)} rows, catalog as read {graph.as_read[:7]}")
    if not answer:
        click.echo("no rows: nothing in the graph matches", err=True)


@cli.command()
@click.option(
    "--part", type=click.Choice(["inferred"]), required=True, expose_value=False, help="Write the inferred triples."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write instead of standard output.")
@_own_data
def export(output: Path | None, data: Sequence[Path]) -> None:
    """Write a part of the graph as Turtle."""
    text = exporting.inferred(destgraph.load(data))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        exporting.write(text, output)
    except OSError as error:
        raise destgraph.InputError(f"{output}: {error.strerror}; name a file in a folder that can be written") from None


def table(answer: Solutions) -> str:
    """Return the rows as aligned text columns, IRIs as prefixed names."""
    rows = [[_cell(term) for term in terms] for terms in answer.terms]
    widths = [max(map(len, column)) for column in zip(answer.columns, *rows, strict=True)]
    lines = [answer.columns, ["-" * width for width in widths], *rows]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _cell(term: object) -> str:
    if term is None:
        return ""
    text = names.shorten(term) if isinstance(term, NamedNode) else str(getattr(term, "value", term))
    return " ".join(text.split())


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
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # a bug: say so in one line, where a traceback would hide it
        click.echo(f"destgraph: internal error, please report it: {type(error).__name__}: {error}", err=True)
        sys.exit(3)
