"""What a change brings: the findings that another revision of the same git repository does not have."""

import os
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal, TypedDict

from destgraph.errors import InputError
from destgraph.validation import validate
from destgraph.validation.findings import Report


class Arguments(TypedDict):
    """What is validated: the arguments of `destgraph.validate` of these names."""

    paths: Sequence[str]
    shapes: Sequence[str]
    ontology: Sequence[str]
    rules: Sequence[str]


Progress = Callable[[str], None]
_PATHS: Sequence[Literal["paths", "shapes", "ontology"]] = ("paths", "shapes", "ontology")


def validate_since(revision: str, arguments: Arguments, progress: Progress = lambda _: None) -> Report:
    """Validate the working folder and `revision`, each with its own files, and return what is only in the former.

    `revision` is anything that git takes for a commit. Raises InputError when git is missing, when the working folder
    is in no repository, and for a revision that the repository does not have. `progress` is told what is being done.
    """
    here = Path.cwd()
    try:
        top = Path(_git(here, "rev-parse", "--show-toplevel").strip()).resolve()
    except InputError as error:
        raise InputError(f"no revision to compare with here; run it inside a git repository ({error})") from None
    commit = _commit(here, revision)
    now = _with_paths(arguments, lambda path: [_inside(path, top)])
    with tempfile.TemporaryDirectory(prefix="destgraph-") as folder:
        # An index of its own: neither the repository's nor its list of work trees is touched.
        index = {"GIT_INDEX_FILE": os.fspath(Path(folder, "index"))}
        old = Path(folder, "files").resolve()
        _git(top, "read-tree", commit, environment=index)
        _git(top, "checkout-index", "--all", f"--prefix={old.as_posix()}/", environment=index)
        there = old / here.resolve().relative_to(top)
        there.mkdir(parents=True, exist_ok=True)
        report, before = _both(now, there, progress)
    scope = f"{report.scope}; only what is new since {revision} ({commit[:10]})"
    if before.unreadable:
        scope += ", which cannot be read in full, so that old findings may be among them"
    return replace(new(report, before), scope=scope)


def new(report: Report, before: Report) -> Report:
    """Return `report` with the findings that `before` lacks; of several alike, as many as there are more of now."""
    known = Counter(finding.fingerprint for finding in before.findings)
    kept = []
    for finding in report.findings:
        known[finding.fingerprint] -= 1
        if known[finding.fingerprint] < 0:
            kept.append(finding)
    return replace(report, findings=tuple(kept))


def _both(arguments: Arguments, there: Path, progress: Progress) -> tuple[Report, Report]:
    """Validate the working folder and, in a process of its own at the same time, the folder `there`."""
    old = _with_paths(arguments, lambda path: [path] if (there / path).exists() else [])
    if any(arguments[name] and not old[name] for name in _PATHS):  # what is asked for is new as a whole
        return validate(**arguments, progress=progress), Report("", (), ())
    context = get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(send, there, old), daemon=True)
    process.start()
    send.close()
    try:
        report = validate(**arguments, progress=progress)
        before = receive.recv()
    finally:
        process.kill()
        process.join()
    if isinstance(before, InputError):
        raise before
    return report, before


def _answer(pipe: Connection, folder: Path, arguments: Arguments) -> None:
    """Validate in the child process; an interrupt is left to the parent, which then ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pipe.send(validate(**arguments, root=folder))
    except InputError as error:
        pipe.send(InputError(f"in the revision to compare with: {error}"))


def _with_paths(arguments: Arguments, change: Callable[[str], list[str]]) -> Arguments:
    """Return arguments with each path changed into other paths."""
    paths, shapes, ontology = ([new for path in arguments[name] for new in change(path)] for name in _PATHS)
    return Arguments(paths=paths, shapes=shapes, ontology=ontology, rules=arguments["rules"])


def _inside(path: str, top: Path) -> str:
    """Return a path inside the repository as one relative to the working folder, and any other as absolute path."""
    absolute = Path(path).resolve()
    return os.path.relpath(absolute) if absolute.is_relative_to(top) else os.fspath(absolute)


def _commit(folder: Path, revision: str) -> str:
    with suppress(InputError):
        return _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").strip()
    raise InputError(
        f"no revision {revision!r} in this repository; name a commit, branch or tag, and in CI fetch it first"
    )


def _git(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> str:
    """Run git, without leave to fetch what a partial clone or a large file store lacks."""
    given = {"GIT_NO_LAZY_FETCH": "1", "GIT_LFS_SKIP_SMUDGE": "1", **(environment or {})}
    try:
        result = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=folder,
            env=os.environ | given,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise InputError("git is not installed") from None
    if result.returncode:
        raise InputError(f"git {arguments[0]}: {result.stderr.strip() or 'failed'}")
    return result.stdout
