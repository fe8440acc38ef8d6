"""`destgraph export`: the graph for other tools."""

from collections.abc import Sequence
from pathlib import Path

import click

import destgraph
from destgraph.catalog import questions
from destgraph.catalog.questions import named_values
from destgraph.cli import output as printing
from destgraph.cli.common import Choice, excel_safe, force, graph_root, load, own_data, own_root
from destgraph.export.formats import FORMATS
from destgraph.export.selection import PARTS, SKOS


@click.command(short_help="Write the graph for other tools.")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "--format",
    "format_",
    type=Choice([*FORMATS]),
    help="Without it the suffix of the file's name says which; turtle where there is none.",
)
@click.option(
    "--part",
    "parts",
    type=Choice([*PARTS, SKOS, "all"]),
    multiple=True,
    default=["all"],
    show_default=True,
    help="Part of the graph to write; may be repeated. skos is the schemes in the terms of SKOS and DCTERMS alone.",
)
@click.option("--scheme", "schemes", multiple=True, metavar="SCHEME", help="Only this concept scheme of --part skos.")
@click.option("--question", help="Only destinations in the answer to this question, with its NAME=VALUE parameters.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only destinations of this type.")
@click.option("--category", "categories", multiple=True, metavar="CATEGORY", help="Only destinations in this category.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File or folder instead of standard output.")
@click.option("--gzip", is_flag=True, help="Compress; a name that ends in .gz does so too.")
@force
@excel_safe
@own_data
@own_root
def export(
    parameters: Sequence[str],
    format_: str | None,
    parts: Sequence[str],
    schemes: Sequence[str],
    question: str | None,
    types: Sequence[str],
    categories: Sequence[str],
    output: Path | None,
    gzip: bool,
    force: bool,
    excel_safe: bool,
    data: Sequence[Path],
    only_adds: bool,
    root: Path | None,
) -> None:
    """Write the graph, parts of it, or some destinations with all that belongs to them.

    For example: destgraph export --type edge-personalization -o edge.jsonld
    """
    if parameters and not question:
        raise destgraph.InputError(f"{parameters[0]!r} belongs to no question; name one with --question")
    folder = graph_root(root, "is written")
    if data:
        load(data, only_adds, folder)
    with printing.data_output() as file:
        destgraph.write_export(
            output or file,
            format=format_,
            parts=PARTS if "all" in parts else parts,
            schemes=schemes,
            types=types,
            categories=categories,
            question=question,
            parameters=named_values(parameters, questions.question(question, folder) if question else None),
            data=data,
            root=folder,
            gzip=gzip,
            excel_safe=excel_safe,
            force=force,
        )
