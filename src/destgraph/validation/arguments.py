"""What a validation is asked for, as it goes to another process."""

import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Literal

from destgraph.errors import InputError
from destgraph.wording import suggestion

Paths = Iterable[str | PathLike[str]]
Profile = Literal["own", "catalog"]

STORE, REFERENCE = ENGINES = ("pyoxigraph", "pyshacl")
"""What applies shapes: pySHACL with the store for queries, and without nodes that conform; pySHACL alone."""


@dataclass(frozen=True)
class Arguments:
    """The arguments of `destgraph.validate` of these names."""

    folder: Path
    paths: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    ontology: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    root: str | None = None
    profile: Profile | None = None
    whole: bool = False
    engine: str = STORE

    @classmethod
    def of(
        cls,
        folder: str | PathLike[str],
        paths: Paths,
        shapes: Paths = (),
        ontology: Paths = (),
        rules: Collection[str] = (),
        root: str | PathLike[str] | None = None,
        profile: Profile | None = None,
        whole: bool = False,
        engine: str = STORE,
    ) -> "Arguments":
        """Take the arguments as they are given."""
        named = None if root is None else os.fspath(root)
        if engine not in ENGINES:
            raise InputError(f"no engine {engine!r}; {suggestion(engine, ENGINES)}")
        texts = (_texts(paths), _texts(shapes), _texts(ontology), tuple(rules))
        return cls(Path(folder).resolve(), *texts, named, profile, whole, engine)

    def with_paths(self, change: Callable[[str], list[str]]) -> "Arguments":
        """Return arguments with each path changed into other paths."""
        paths, shapes, ontology = (
            tuple(new for path in given for new in change(path)) for given in (self.paths, self.shapes, self.ontology)
        )
        return replace(self, paths=paths, shapes=shapes, ontology=ontology)

    def lacks_a_kind_of(self, other: "Arguments") -> bool:
        """Tell whether there are no paths of a kind of which the other arguments have some."""
        return any(
            theirs and not ours
            for theirs, ours in zip(
                (other.paths, other.shapes, other.ontology), (self.paths, self.shapes, self.ontology), strict=True
            )
        )


def _texts(paths: Paths) -> tuple[str, ...]:
    return tuple(os.fspath(path) for path in paths)
