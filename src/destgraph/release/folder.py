"""Folders that are replaced as a whole."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from destgraph.errors import InputError


def replace(target: Path, mark: str, build: Callable[[Path], None], force: bool = False) -> None:
    """Make a folder at `target`, filled by `build`, which gets an empty folder beside it and is done before it moves.

    A folder that is there already, and not empty, is replaced if `force`; the file `mark` in it tells that it was
    made here. Raises InputError when there is one and `force` is false, when it has no such file, and when something
    cannot be written; what was there is then as it was.
    """
    target = target.resolve()
    exists = target.exists() and not (target.is_dir() and not any(target.iterdir()))
    if exists and not (target / mark).is_file():
        raise InputError(f"{target}: exists and is no release folder; name another one")
    if exists and not force:
        raise InputError(f"{target}: the release exists; add --force to replace it")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as beside:
            new, old = Path(beside, "new"), Path(beside, "old")
            new.mkdir()
            build(new)
            try:
                if exists:
                    target.rename(old)
                new.rename(target)
            except BaseException:
                if old.exists():
                    old.rename(target)
                raise
    except OSError as error:
        raise InputError(f"{target}: {error.strerror}; name a folder that can be written to") from None
