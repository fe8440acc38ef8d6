"""Validation of Turtle, shapes and queries: findings that point at file, line and column."""

from collections.abc import Callable, Collection
from os import PathLike

from destgraph.validation.findings import Report, Rule
from destgraph.validation.scope import Paths, scope

__all__ = ["rules", "validate"]


def validate(
    paths: Paths = (),
    *,
    root: str | PathLike[str] | None = None,
    shapes: Paths = (),
    ontology: Paths = (),
    rules: Collection[str] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Validate files and return the findings, each with file, line and column.

    Without arguments this is the graph in `ontology`, `data` and `queries` of the nearest parent folder that has
    them, else the installed graph. `paths` names files and folders: these are reported on, the rest of their graph,
    or the installed graph, is read with them. With `shapes`, and perhaps an `ontology`, the files in `paths` are
    validated with nothing of destgraph. `rules` keeps the findings of these rule ids; syntax is always checked.
    Relative paths, and the names of files in findings, start from `root`, by default the current folder. `progress`
    is told, in a word or two, what is being done.

    Nothing is fetched: not owl:imports, nor what FROM or SERVICE in a shape or a rule names. Raises InputError for
    a path that does not exist, arguments that do not fit together, and an unknown rule; a file that cannot be read
    or parsed is a finding.
    """
    from destgraph.validation import engine  # rdflib and pySHACL take long to import

    return engine.run(scope(paths, root, shapes, ontology), rules, progress)


def rules(root: str | PathLike[str] | None = None, shapes: Paths = ()) -> tuple[Rule, ...]:
    """Return the rules of the graph that `validate` would look at, or of `shapes`, by id."""
    from destgraph.validation import engine

    return engine.rules(scope(shapes, root, shapes))
