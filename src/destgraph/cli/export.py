"""`destgraph export`: the graph for other tools."""

import os
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from click.core import ParameterSource

import destgraph
from destgraph.catalog.questions import named_values
from destgraph.cli import output as printing
from destgraph.cli.common import Choice, excel_safe, only_csv, own_data
from destgraph.export import formats as exporting


@click.command(short_help="Write the graph for other tools.")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "--format",
    "format_",
    type=Choice([*exporting.FORMATS]),
    help="Without it the suffix of the file's name says which; turtle where there is none.",
)
@click.option(
    "--part",
    "parts",
    type=Choice([*exporting.PARTS, exporting.SKOS, "all"]),
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
@click.option("--force", is_flag=True, help="Replace files that exist.")
@excel_safe
@own_data
@click.option(
    "--release", type=click.Path(path_type=Path), metavar="DIR", help="Write a release: a folder with all of it."
)
@click.option(
    "--previous", type=click.Path(path_type=Path), metavar="PATH", help="Earlier release, to tell what changed."
)
@click.option("--base-iri", metavar="IRI", help="Where the release will be published.")
@click.pass_context
def export(
    context: click.Context,
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
    release: Path | None,
    previous: Path | None,
    base_iri: str | None,
) -> None:
    """Write the graph, parts of it, or some destinations with all that belongs to them.

    For example: destgraph export --type edge-personalization -o edge.jsonld
    """
    given = {name for name in context.params if context.get_parameter_source(name) == ParameterSource.COMMANDLINE}
    if release is not None:
        if other := given - {"release", "previous", "base_iri", "force"}:
            raise destgraph.InputError(
                f"--release writes all of the graph in all formats; leave out {_options(context, other)}"
            )
        from destgraph.release import build

        build.write(release, previous, base_iri, _source_date(), force)
        return
    if alone := given & {"previous", "base_iri"}:
        raise destgraph.InputError(f"{_options(context, alone)} belongs to a release; add --release DIR")
    if schemes and exporting.SKOS not in parts:
        raise destgraph.InputError("--scheme chooses from the SKOS view; add --part skos")
    questions: list[tuple[str, dict[str, list[str]]]] = []
    if types:
        questions.append(("destinations-of-type", {"type": [*types]}))
    if categories:
        questions.append(("destinations-in-category", {"category": [*categories]}))
    if question:
        questions.append((question, named_values(parameters)))
    elif parameters:
        raise destgraph.InputError(f"{parameters[0]!r} belongs to no question; name one with --question")
    chosen = exporting.FORMATS[format_] if format_ else exporting.format_of(output or Path())
    only_csv(excel_safe, chosen.name)
    chosen = exporting.EXCEL_CSV if excel_safe else chosen
    selection = exporting.select(exporting.PARTS if "all" in parts else parts, data, questions, schemes)
    if output is not None:
        exporting.export(selection, chosen, output, gzip or output.suffix == ".gz", force)
        return
    if len(chosen.writers) > 1:
        raise destgraph.InputError(f"{chosen.name} is several files; name a folder with -o")
    (writer,) = chosen.writers.values()
    with printing.data_output() as file:
        if gzip:
            exporting.compressed(selection, writer, file)
        else:
            writer(selection, file)


def _options(context: click.Context, given: Collection[str]) -> str:
    """Return parameters as they are written on the command line."""
    return " and ".join(p.get_error_hint(context).replace("'", "") for p in context.command.params if p.name in given)


def _source_date() -> str | None:
    """Return the day that SOURCE_DATE_EPOCH stands for (https://reproducible-builds.org/specs/source-date-epoch/)."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        raise destgraph.InputError(f"SOURCE_DATE_EPOCH={seconds}: no number of seconds since 1970") from None
