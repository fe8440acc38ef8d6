"""`destgraph serve`: pages, SPARQL and data of the graph on a port of this machine."""

from collections.abc import Sequence
from pathlib import Path

import click

import destgraph
from destgraph.cli import output
from destgraph.cli.common import load, own_data, own_root
from destgraph.stores.queryable import MEMORY

_PUBLIC = (
    "destgraph: {host} can be reached from other machines: whoever reaches it can read this graph{own} and ask queries"
    " within the limits. There is no encryption and no login; put a web server in front that has"
)


@click.command(short_help="Serve pages, SPARQL and data.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 is any free one.")
@click.option("--workers", type=click.IntRange(min=0), default=0, show_default=True,
              help="Queries that run at once; 0 is one for each processor, at least two.")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=10, show_default=True,
              help="Seconds that a query may take.")  # fmt: skip
@click.option("--memory", type=click.IntRange(min=1), default=MEMORY, show_default=True,
              help="Megabytes that a query may take, and its answer.")  # fmt: skip
@click.option("--allow-host", "names", multiple=True, metavar="NAME", help="Another name that this server goes by.")
@click.option("--cors", is_flag=True, help="With --data too, let pages of other sites read the graph in a browser.")
@own_data
@own_root
def serve(
    host: str,
    port: int,
    workers: int,
    timeout: float,
    memory: int,
    names: Sequence[str],
    cors: bool,
    data: Sequence[Path],
    only_adds: bool,
    root: Path | None,
) -> None:
    """Serve the graph until Ctrl-C: pages for people, /sparql and /data for programs, and what each IRI leads to.

    Only this machine can reach it, unless --host says otherwise. docs/serve.md tells what answers where.
    """
    try:
        from destgraph.serve.server import Settings, run
    except ModuleNotFoundError as error:
        if error.name not in ("httptools", "starlette", "uvicorn"):
            raise
        raise destgraph.InputError(
            "serve needs starlette and uvicorn; install them with: pip install '.[serve]'"
        ) from None
    settings = Settings(host, port, workers, timeout, memory, names, shared=cors or not data)
    graph = load(data, only_adds, root)

    def started(url: str) -> None:
        if settings.is_public:
            output.tell(_PUBLIC.format(host=host, own=", your own data included," if data else ""))
        output.write(f"{url}\n")

    run(graph, settings, started)
