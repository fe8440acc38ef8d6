"""`destgraph export`: the graph for other tools."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

import destgraph
from destgraph import export as exporting
from destgraph.cli.common import named_values, own_data


@click.command()
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--format", "format_", type=click.Choice([*exporting.FORMATS]), default="turtle", show_default=True)
@click.option(
    "--part",
    "parts",
    type=click.Choice([*exporting.PARTS, "all"]),
    multiple=True,
    default=["all"],
    show_default=True,
    help="Part of the graph to write; may be repeated.",
)
@click.option("--question", help="Only destinations in the answer to this question, with its NAME=VALUE parameters.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only destinations of this type.")
@click.option("--category", "categories", multiple=True, metavar="CATEGORY", help="Only destinations in this category.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File or folder instead of standard output.")
@click.option("--gzip", is_flag=True, help="Compress; a name that ends in .gz does so too.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
@click.option("--excel-safe", is_flag=True, help="In CSV, neutralise cells that begin like a formula.")
@own_data
def export(
    parameters: Sequence[str],
    format_: str,
    parts: Sequence[str],
    question: str | None,
    types: Sequence[str],
    categories: Sequence[str],
    output: Path | None,
    gzip: bool,
    force: bool,
    excel_safe: bool,
    data: Sequence[Path],
) -> None:
    """Write the graph, parts of it, or some destinations with all that belongs to them.

    For example: destgraph export --format jsonld --type edge-personalization -o edge.jsonld
    """
    questions: list[tuple[str, dict[str, list[str]]]] = []
    if types:
        questions.append(("destinations-of-type", {"type": [*types]}))
    if categories:
        questions.append(("destinations-in-category", {"category": [*categories]}))
    if question:
        questions.append((question, named_values(parameters)))
    elif parameters:
        raise destgraph.InputError(f"{parameters[0]!r} belongs to no question; name one with --question")
    selection = exporting.select(exporting.PARTS if "all" in parts else parts, data, questions)
    if excel_safe and format_ != "csv":
        raise destgraph.InputError(f"--excel-safe is for csv, not for {format_}")
    chosen = exporting.EXCEL_CSV if excel_safe else exporting.FORMATS[format_]
    if output is not None:
        exporting.export(selection, chosen, output, gzip or output.suffix == ".gz", force)
        return
    if len(chosen.writers) > 1:
        raise destgraph.InputError(f"{format_} is several files; name a folder with -o")
    (writer,) = chosen.writers.values()
    if gzip:
        exporting.compressed(selection, writer, sys.stdout.buffer)
    else:
        writer(selection, sys.stdout.buffer)
