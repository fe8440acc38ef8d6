"""`destgraph export`: the graph for other tools."""

from collections.abc import Sequence
from pathlib import Path

import click

import destgraph
from destgraph.cli.common import own_data, writing


@click.command()
@click.option(
    "--part", type=click.Choice(["inferred"]), required=True, expose_value=False, help="Write the inferred triples."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write instead of standard output.")
@own_data
def export(output: Path | None, data: Sequence[Path]) -> None:
    """Write a part of the graph as Turtle."""
    from destgraph import export as exporting

    text = exporting.inferred(destgraph.load(data))
    if output is None:
        click.echo(text, nl=False)
        return
    with writing(output):
        exporting.write(text, output)
