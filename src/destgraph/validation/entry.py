"""What is called from outside: validate files, or list the rules."""

from collections.abc import Callable, Collection
from os import PathLike

from destgraph.validation import bounded
from destgraph.validation.arguments import STORE, Arguments, Paths, Profile
from destgraph.validation.bounded import MEMORY, TIMEOUT, Course, Limits
from destgraph.validation.findings import Report, Rule
from destgraph.validation.precedence import settled


def validate(
    paths: Paths = (),
    *,
    folder: str | PathLike[str] = ".",
    root: str | PathLike[str] | None = None,
    shapes: Paths = (),
    ontology: Paths = (),
    rules: Collection[str] = (),
    profile: Profile | None = None,
    whole: bool = False,
    new_since: str | None = None,
    timeout: float = TIMEOUT,
    memory: int = MEMORY,
    engine: str = STORE,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Validate files and return the findings, each with file, line and column.

    Without arguments this is the graph around the working folder, else the one that DESTGRAPH_ROOT names, else the
    installed graph; `root` names the folder of another. `paths` names files and folders: these are reported on, the
    rest of their graph, or of the one just told, is read with them. With `shapes`, and perhaps an `ontology`, the
    files in `paths` are validated with nothing of destgraph. `rules` keeps the findings of these rule ids; syntax is
    always checked. In the profile "own", which is that of files outside of the graph, what is not stated is a note; in
    "catalog", that of the graph, it is what the rules say. With `whole` the paths in a graph stand for all of it, and
    without a graph the installed one is not validated: then `new_since` gives the paths, which are the files that
    differ from it. Relative paths, and the names of files in findings, start from `folder`. `new_since` is a revision
    of the git repository there: what it has found too is left out. `progress` is told, in a word or two, what is being
    done. `engine` applies the shapes: "pyoxigraph" is pySHACL with what has the same results in less time:
    the embedded store answers queries, and nodes that are known to conform are left out. "pyshacl" is pySHACL alone.

    Nothing is fetched: not owl:imports, nor what FROM or SERVICE in a shape or a rule names. It runs in a process of
    its own, for `timeout` seconds (math.inf is no limit) and in `memory` megabytes at most: what does not end in them,
    such as a shape, is a finding, and `unfinished` in the report. Raises InputError for a path that does not exist,
    arguments that do not fit together, an unknown rule or engine, and a revision that cannot be compared with; a file
    that cannot be read or parsed is a finding.
    """
    arguments = Arguments.of(folder, paths, shapes, ontology, rules, root, profile, whole, engine)
    limits = Limits(timeout, memory)
    if new_since is not None:
        from destgraph.validation.since import validate_since

        return settled(validate_since(new_since, arguments, limits, progress))
    return settled(Course(arguments, limits, progress).report())


def rules(
    *, folder: str | PathLike[str] = ".", root: str | PathLike[str] | None = None, shapes: Paths = ()
) -> tuple[Rule, ...]:
    """Return the rules of the graph that `validate` would look at, or of `shapes`, by id."""
    return bounded.rules(Arguments.of(folder, shapes, shapes, root=root))
