"""`destgraph release`: a folder with the graph in all formats."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

import destgraph
from destgraph.cli.common import graph_root, own_root


@click.command(short_help="Write a folder with the graph in all formats.")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--previous", type=click.Path(path_type=Path), metavar="PATH", help="Earlier release, to tell what changed."
)
@click.option("--base-iri", metavar="IRI", help="Where the release will be published.")
@click.option("--force", is_flag=True, help="Replace a release that exists.")
@own_root
def release(folder: Path, previous: Path | None, base_iri: str | None, force: bool, root: Path | None) -> None:
    """Write the graph to the folder DIR in all formats, described, checksummed, with a page to read.

    For example: destgraph release 0.2.0 --previous 0.1.0
    """
    destgraph.write_release(
        folder,
        previous=previous,
        base_iri=base_iri,
        issued=_source_date(),
        root=graph_root(root, "is written"),
        force=force,
    )


def _source_date() -> str | None:
    """Return the day that SOURCE_DATE_EPOCH stands for (https://reproducible-builds.org/specs/source-date-epoch/)."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        raise destgraph.InputError(f"SOURCE_DATE_EPOCH={seconds}: no number of seconds since 1970") from None
