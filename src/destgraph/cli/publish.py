"""`destgraph publish`: the graph put into a store."""

from collections.abc import Sequence
from pathlib import Path

import click

import destgraph
from destgraph.cli import output
from destgraph.cli.common import load, own_data, own_root
from destgraph.wording import count


@click.command(short_help="Put the graph into a SPARQL store.")
@click.option("--endpoint", metavar="URL", required=True, help="The store's URL for queries.")
@click.option("--graph", "graph_name", metavar="IRI", help="Graph to replace; without it the default graph.")
@click.option("--store", metavar="URL", help="The store's URL for graphs; known for Oxigraph and Virtuoso.")
@click.option("--dry-run", is_flag=True, help="Say what would be replaced, and write nothing.")
@click.option("--force", is_flag=True, help="Replace a graph that holds other data.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60, show_default=True, help="Seconds.")
@own_data
@own_root
def publish(
    endpoint: str,
    graph_name: str | None,
    store: str | None,
    dry_run: bool,
    force: bool,
    timeout: float,
    data: Sequence[Path],
    only_adds: bool,
    root: Path | None,
) -> None:
    """Put ontology, catalog and inferred types into a graph of a store, and read them back.

    The graph is replaced in one request. docs/stores.md tells what to set for which store.
    """
    done = destgraph.publish(
        load(data, only_adds, root),
        endpoint,
        graph_name,
        store=store,
        force=force,
        dry_run=dry_run,
        timeout=timeout,
    )
    where = f"graph <{done.graph_name}>" if done.graph_name else "the default graph"
    would = "would go" if dry_run else "are"
    output.write(f"{count(done.triples, 'triple')} {would} in {where} of {done.store}, which held {done.replaces}\n")
    if not dry_run:
        output.write(f"read back and equal; {done.readers}\n")
