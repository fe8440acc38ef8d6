"""`destgraph site`: a folder with a page for everything."""

from collections.abc import Sequence
from pathlib import Path

import click

import destgraph
from destgraph.cli import output
from destgraph.cli.common import load, own_data, own_root


@click.command(short_help="Write a folder with a page for everything.")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--force", is_flag=True, help="Replace a site that exists.")
@own_data
@own_root
def site(folder: Path, data: Sequence[Path], only_adds: bool, force: bool, root: Path | None) -> None:
    """Write a page for each destination, type, question and all else to the folder DIR, and print the first one.

    The pages need no server and no network: any web server takes the folder as it is, and so does a double click.
    For example: destgraph site pages --data own.ttl
    """
    destgraph.write_site(load(data, only_adds, root), folder, force=force)
    output.write(f"{folder / 'index.html'}\n")
