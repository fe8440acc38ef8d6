"""What several commands share: options, which graph is asked, and completion of names."""

import os
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

import destgraph
from destgraph import files
from destgraph.catalog import names
from destgraph.cli import output
from destgraph.wording import suggestion


class Choice(click.Choice[str]):
    """One of several words; what is none of them is told the nearest."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the word; raises InputError with similar ones when it is none."""
        if value not in self.choices:
            name = param.opts[0].lstrip("-") if param else "choice"
            raise destgraph.InputError(f"no {name} {value!r}; {suggestion(value, self.choices)}")
        return super().convert(value, param, ctx)


_data = click.option(
    "--data", multiple=True, type=click.Path(path_type=Path), metavar="PATH", help="Own Turtle file to add."
)
_only_adds = click.option(
    "--data-only-adds", "only_adds", is_flag=True, help="Refuse own data that change what the graph says."
)


def own_data(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for own files."""
    return _data(_only_adds(command))


excel_safe = click.option("--excel-safe", is_flag=True, help="In CSV, neutralise cells that begin like a formula.")
force = click.option("--force", is_flag=True, help="Replace files that exist.")
own_root = click.option(
    "--root",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder of the graph; by default the one around the current folder, else the installed graph.",
)
_endpoint = click.option(
    "--endpoint", metavar="URL", help="Ask a SPARQL store instead, at its URL for queries; see docs/stores.md."
)
_graph = click.option("--graph", "graph_name", metavar="IRI", help="Graph in the store; without it its default graph.")
_lenient = click.option("--lenient", is_flag=True, help="Keep terms of a store that RDF has not, as text.")
_timeout = click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60, show_default=True,
                        help="Seconds that the store, or a query of sparql, may take.")  # fmt: skip


class Source(NamedTuple):
    """Which graph is asked: the one in the folder `root` with own files, or one in a store."""

    data: Sequence[Path]
    only_adds: bool
    endpoint: str | None
    graph_name: str | None
    timeout: float
    root: Path | None
    lenient: bool

    def open(self) -> destgraph.Queryable:
        """Return the graph; raises InputError when the options do not go together."""
        if self.endpoint is None:
            if self.graph_name is not None:
                raise destgraph.InputError("--graph names a graph in a store; name the store with --endpoint")
            if self.lenient:
                raise destgraph.InputError("--lenient is for answers of a store; name the store with --endpoint")
            return load(self.data, self.only_adds, self.root)
        if self.data or self.only_adds:
            raise destgraph.InputError(
                "--data adds files to the graph in memory, not in a store; leave out one of the two"
            )
        root = graph_root(self.root, "gives the questions")
        return destgraph.connect(self.endpoint, self.graph_name, timeout=self.timeout, root=root, lenient=self.lenient)


def load(data: Sequence[Path], only_adds: bool, root: Path | None) -> destgraph.KnowledgeGraph:
    """Load a graph with own files, and tell on standard error what should not go unseen about them."""
    graph = destgraph.load(data, root=graph_root(root), only_adds=only_adds)
    for line in graph.told:
        output.tell(f"destgraph: {line}")
    return graph


def asked_graph(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which graph is asked, which the command takes as one `source`."""

    @wraps(command)
    def asking(**given: Any) -> None:
        source = Source(*map(given.pop, Source._fields))
        command(source=source, **given)

    return own_data(own_root(_endpoint(_graph(_timeout(_lenient(asking))))))


def graph_root(given: Path | None, does: str = "answers") -> Path:
    """Return the folder of the graph to read: the one given, else the one around the current folder, else as `load`.

    Where it is not the installed graph, one line on standard error says so.
    """
    root = working_root(given)
    if not files.same_graph(root, files.root()):
        output.tell(f"destgraph: the graph in {root} {does}, not the installed one")
    return root


def working_root(given: Path | None = None) -> Path:
    """Return the folder of the graph to read, and tell nothing; see `graph_root`."""
    around = None if given or os.environ.get(files.ROOT) else files.tree(Path.cwd())
    return files.chosen_root(given or around)


def complete_name(_context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    """Return the ids that begin with what was typed, of the things that the parameter names."""
    kinds = {"destination": ["destination"], "wanted": ["type"]}.get(parameter.name or "", names.KINDS)
    return [id_ for id_ in ids(kinds) if id_.startswith(typed)]


def ids(kinds: Sequence[str]) -> list[str]:
    """Return the ids of all things of these kinds, sorted."""
    select = destgraph.load(root=working_root()).select
    return sorted({thing.id for kind in kinds for thing in names.named(select, kind)})


def as_json(thing: object) -> str:
    """Return a result of an operation as lines of JSON, its terms as IRIs or texts."""
    import json
    from dataclasses import asdict

    text = json.dumps(asdict(thing), ensure_ascii=False, indent=1, default=lambda term: term.value)  # type: ignore[call-overload]
    return f"{text}\n"
