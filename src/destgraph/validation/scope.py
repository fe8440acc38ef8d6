"""What is validated: which files are read, and which of them are reported on."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from os import PathLike
from pathlib import Path

from destgraph import files, inputs
from destgraph.errors import InputError
from destgraph.validation import folders
from destgraph.validation.arguments import Paths, Profile
from destgraph.validation.findings import Place
from destgraph.validation.folders import Refusals, Refused
from destgraph.wording import count

_RDF = (".ttl", ".nt", ".nq", ".trig", ".n3", ".rdf", ".owl", ".xml", ".jsonld")


@dataclass(frozen=True)
class Scope:
    """The files to read, in a fixed order, and what to make of them.

    `data` holds ontology, schemes and catalog, or the files that were given. `reported` has the names of the files
    that are reported on, None for all. `rules`, `questions` and `examples`, those of shapes, are the folders that hold
    those. `own` tells whether the model, prefixes and rules of destgraph apply, to a whole graph; then a shape or rule
    that looks at nothing is a mistake. `foreign` has the names of the files that lie outside of that graph, to which
    rules about how its files are written do not apply. `refused` are the paths that are not to be opened, those that
    are listed here too. `profile` tells whether the files weigh as own data or as a catalog; without one, those of the
    graph weigh as a catalog.
    """

    description: str
    base: Path
    data: Sequence[Path]
    shapes: Sequence[Path]
    queries: Sequence[Path]
    rules: Path | None
    questions: Path | None
    reported: frozenset[str] | None
    own: bool
    foreign: frozenset[str] = frozenset()
    examples: Path | None = None
    profile: Profile | None = None
    refused: Mapping[Path, Refused] = field(default_factory=dict)

    def name(self, path: Path) -> str:
        """Return a file as a reader would type it."""
        return _name(path, self.base)

    @property
    def files(self) -> Iterator[Path]:
        """All files, in the order in which they are read."""
        return chain(self.data, self.shapes, self.queries)

    def is_own_data(self, place: Place) -> bool:
        """Tell whether what stands at a place need not say all that a catalog says."""
        return self.own and (self.profile == "own" or (self.profile is None and place.file in self.foreign))

    def reports(self, place: Place) -> bool:
        """Tell whether what stands at a place is reported on."""
        return self.reported is None or place.file in self.reported


def scope(
    paths: Paths = (),
    folder: str | PathLike[str] = ".",
    shapes: Paths = (),
    ontology: Paths = (),
    root: str | PathLike[str] | None = None,
    profile: Profile | None = None,
    whole: bool = False,
) -> Scope:
    """Return what a validation with these arguments looks at; they are those of `destgraph.validate`.

    Raises InputError for a path that does not exist or holds nothing to validate.
    """
    base = Path(folder).resolve()
    paths, shapes, ontology = [*paths], [*shapes], [*ontology]
    refused: Refusals = {}
    given = _files_of(paths, base, refused)
    left_out = _left_out([*paths, *shapes, *ontology], base)
    shape_files, ontology_files = _files_of(shapes, base, refused), _files_of(ontology, base, refused)
    if shape_files or ontology_files:
        if not shape_files:
            raise InputError("an ontology without shapes checks nothing; name the shapes as well")
        if not given:
            raise InputError("no data to validate; name the files")
        if profile:
            raise InputError("a profile is for the rules of destgraph, not for own shapes; leave out one of the two")
        return Scope(
            description=f"{count(len(given), 'file')} with shapes from {count(len(shape_files), 'file')}{left_out}",
            base=base,
            data=[*ontology_files, *(path for path in given if path.suffix != ".rq")],
            shapes=shape_files,
            queries=[path for path in given if path.suffix == ".rq"],
            rules=None,
            questions=None,
            reported=None,
            own=False,
            refused=refused,
        )

    named = root or os.environ.get(files.ROOT) or None
    trees = {files.chosen_root(named)} if root else {tree for path in (given or [base]) if (tree := files.tree(path))}
    if len(trees) > 1:
        shown = " and ".join(sorted(map(str, trees)))
        raise InputError(f"the paths belong to different graphs, {shown}; validate one graph at a time")
    tree = next(iter(trees), None)
    if tree is None and named:
        tree = files.chosen_root(named)
    if whole and not (tree or given):
        raise InputError(f"no graph of destgraph in {_name(base, base)} or above it; name the files to validate")
    in_graph = {path for path in given if whole and tree and path.is_relative_to(tree)}
    given = [path for path in given if path not in in_graph]
    graph = tree or files.root().resolve()
    if tree:
        turtle, shape_files, queries = folders.tree(graph, refused)
    else:
        turtle, shape_files, queries = (
            files.turtle(folder=graph),
            files.turtle("shapes", folder=graph),
            files.queries(graph),
        )
    added = [path for path in given if path not in {*turtle, *shape_files, *queries}]
    context = f"the graph in {_name(graph, base)}" if tree else f"the installed graph, {graph.as_posix()}"
    foreign = frozenset(_name(path, base) for path in added if not tree or not _is_part(path, tree))
    as_own = ", as own data" if profile == "own" or (profile is None and foreign) else ""
    return Scope(
        description=f"{count(len(given), 'file')}{as_own}, together with {context}{left_out}" if given else context,
        base=base,
        data=[
            *(turtle if tree else _without_copies(turtle, added)),
            *(path for path in added if path.suffix != ".rq"),
        ],
        shapes=shape_files,
        queries=[*queries, *(path for path in added if path.suffix == ".rq")],
        rules=graph / "queries" / "rules",
        questions=graph / "queries",
        reported=frozenset(_name(path, base) for path in given) if given and not in_graph else None,
        own=True,
        foreign=foreign,
        profile=profile,
        examples=files.examples(graph),
        refused=refused,
    )


def _is_part(path: Path, tree: Path) -> bool:
    """Tell whether a file belongs to the graph in a folder."""
    return any(path.is_relative_to(tree / part) for part in ("ontology", "data", "queries"))


def _files_of(paths: Paths, base: Path, refused: Refusals) -> list[Path]:
    """Return the files that the paths name, those of a folder at any depth, and add what of them is not to be opened.

    A path may be a link to anywhere, but not in a graph, where it may be that of a stranger.
    """
    read: list[Path] = []
    for given in paths:
        named = Path(os.path.normpath(base / given))
        graph = files.tree(named.parent)
        path = named.resolve()
        if not path.exists():
            raise InputError(f"{given}: there is no such file or folder; correct the path")
        if graph and not path.is_relative_to(graph.resolve()):
            read += folders.noted([named], graph.resolve(), refused)
        elif files.is_tree(path):
            read += [file for kind in folders.tree(path, refused) for file in kind]
        elif path.is_dir():
            inside = folders.walked(path, is_read, refused)
            if not inside:
                raise InputError(f"{given}: holds no RDF or query file ({' '.join(_RDF)} .rq); name another folder")
            read += inside
        else:
            read += folders.noted([path], path.parent, refused)
    return _unique(read)


def _left_out(paths: Paths, base: Path) -> str:
    """Tell the files in the folders that the paths name that are not read, for their suffix is of no RDF or query."""
    folders = [folder for path in paths if (folder := (base / path).resolve()).is_dir() and not files.is_tree(folder)]
    inside = (file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file())
    names = [
        _name(file, base)
        for file in _unique(inside)
        if file.suffix.lower() not in (*_RDF, ".rq") and not any(part.startswith(".") for part in file.parts)
    ]
    shown = ", ".join([*names[:3], *(["..."] if len(names) > 3 else [])])
    return (
        f"; left out {count(len(names), 'file')} that {'is' if len(names) == 1 else 'are'} no RDF: {shown}"
        if names
        else ""
    )


def is_read(file: Path) -> bool:
    """Tell whether a file in a folder is meant; the examples beside a rule are wrong on purpose."""
    if file.name in ("bad.ttl", "good.ttl") and file.with_name("rule.rq").exists():
        return False
    return file.suffix.lower() in (*_RDF, ".rq")


def _name(path: Path, base: Path) -> str:
    """Return a path with forward slashes, relative to `base` unless it lies far away; what is no UTF-8 is escaped."""
    relative = os.path.relpath(path, base)
    name = path.as_posix() if relative.count("..") > 2 else Path(relative).as_posix()
    return name.encode("utf-8", "backslashreplace").decode()


def _without_copies(shipped: Sequence[Path], added: Sequence[Path]) -> list[Path]:
    """Leave out the shipped files of which a file that was given is a copy, edited or not: it replaces them.

    A copy has the name of the shipped file, and describes something that it describes.
    """
    by_name = {path.name: path for path in added}
    return [path for path in shipped if path.name not in by_name or not _subjects(path) & _subjects(by_name[path.name])]


def _subjects(path: Path) -> set[str]:
    """Return the subjects of a file, up to the first syntax error."""
    subjects: set[str] = set()
    with suppress(SyntaxError, InputError):
        text = inputs.read_text(path)
        for quad in inputs.parse(text, inputs.rdf_format(path, text), path.as_uri()):
            subjects.add(str(quad.subject))
    return subjects


def _unique(paths: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(paths))
