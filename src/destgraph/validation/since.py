"""What a change brings: the findings that another revision of the same git repository does not have."""

import os
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from os import PathLike
from pathlib import Path

from destgraph import files
from destgraph.errors import InputError
from destgraph.validation.findings import Report
from destgraph.validation.scope import Profile, is_read, scope

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Arguments:
    """What is validated: the arguments of `destgraph.validate` of these names."""

    paths: tuple[str, ...]
    shapes: tuple[str, ...]
    ontology: tuple[str, ...]
    rules: tuple[str, ...]
    root: str | None
    profile: Profile | None
    whole: bool

    @classmethod
    def of(
        cls,
        paths: Iterable[str | PathLike[str]],
        shapes: Iterable[str | PathLike[str]],
        ontology: Iterable[str | PathLike[str]],
        rules: Collection[str],
        root: str | PathLike[str] | None,
        profile: Profile | None,
        whole: bool,
    ) -> "Arguments":
        """Take the arguments of `destgraph.validate`."""
        return cls(
            _texts(paths),
            _texts(shapes),
            _texts(ontology),
            tuple(rules),
            None if root is None else os.fspath(Path(root).resolve()),
            profile,
            whole,
        )

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

    def validate(self, folder: Path, progress: Progress = lambda _: None) -> Report:
        """Validate once, from a folder."""
        from destgraph.validation import engine  # takes long to import, so the other process starts first

        looked_at = scope(self.paths, folder, self.shapes, self.ontology, self.root, self.profile, self.whole)
        return engine.run(looked_at, self.rules, progress)


def validate_since(
    revision: str, arguments: Arguments, folder: str | PathLike[str] = ".", progress: Progress = lambda _: None
) -> Report:
    """Validate a folder and `revision`, each with its own files, and return what is only in the former.

    `folder` is where relative paths start; `revision` is anything that git takes for a commit. Raises
    InputError when git is missing, when the folder is in no repository, and for a revision that the repository does
    not have. `progress` is told what is being done.
    """
    here = Path(folder).resolve()
    try:
        top = Path(_git(here, "rev-parse", "--show-toplevel").strip()).resolve()
    except InputError as error:
        raise InputError(f"no revision to compare with here; run it inside a git repository ({error})") from None
    commit = _commit(here, revision)
    since = f"only what is new since {revision} ({commit[:10]})"
    if arguments.whole and not (arguments.paths or arguments.shapes or arguments.root or files.tree(here)):
        changed = _changed(here, commit)
        if not changed:
            return Report(f"no file, as none of RDF or queries has changed; {since}", (), ())
        arguments = replace(arguments, paths=changed)
    with tempfile.TemporaryDirectory(prefix="destgraph-") as temporary:
        # An index of its own: neither the repository's nor its list of work trees is touched.
        index = {"GIT_INDEX_FILE": os.fspath(Path(temporary, "index"))}
        old_top = Path(temporary, "files").resolve()
        _git(top, "read-tree", commit, environment=index)
        _git(top, "checkout-index", "--all", f"--prefix={old_top.as_posix()}/", environment=index)
        old_folder = old_top / here.relative_to(top)
        old_folder.mkdir(parents=True, exist_ok=True)
        now = arguments.with_paths(lambda path: [_inside(path, here, top)])
        old = replace(now, root=_moved(now.root, top, old_top))
        report, old_report = _both(now, old, here, old_folder, progress)
    scope = f"{report.scope}; {since}"
    if old_report.unreadable:
        scope += ", which cannot be read in full, so that old findings may be among them"
    return replace(new(report, old_report), scope=scope)


def new(report: Report, old: Report) -> Report:
    """Return `report` with the findings that `old` lacks; of several alike, as many as there are more of now."""
    left = Counter(finding.fingerprint for finding in old.findings)
    kept = []
    for finding in report.findings:
        left[finding.fingerprint] -= 1
        if left[finding.fingerprint] < 0:
            kept.append(finding)
    return replace(report, findings=tuple(kept))


def _both(
    arguments: Arguments, old: Arguments, folder: Path, old_folder: Path, progress: Progress
) -> tuple[Report, Report]:
    """Validate the folder and, in a process of its own at the same time, the one with the revision."""
    old = old.with_paths(lambda path: [path] if (old_folder / path).exists() else [])
    if old.lacks_a_kind_of(arguments):  # what is asked for is new as a whole
        return arguments.validate(folder, progress), Report("", (), ())
    context = get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(send, old_folder, old), daemon=True)
    process.start()
    send.close()
    try:
        report = arguments.validate(folder, progress)
        old_report = receive.recv()
    finally:
        process.kill()
        process.join()
    if isinstance(old_report, InputError):
        raise old_report
    return report, old_report


def _answer(pipe: Connection, folder: Path, arguments: Arguments) -> None:
    """Validate in the child process; an interrupt is left to the parent, which then ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        pipe.send(arguments.validate(folder))
    except InputError as error:
        pipe.send(InputError(f"in the revision to compare with: {error}"))


def _moved(root: str | None, top: Path, old_top: Path) -> str | None:
    """Return the folder of the graph in the revision: another one where it stands in the repository."""
    if root is None or not Path(root).is_relative_to(top):
        return root
    return os.fspath(old_top / Path(root).relative_to(top))


def _changed(folder: Path, commit: str) -> tuple[str, ...]:
    """Return the files in a folder that differ from a commit, or are new, of the kinds that are read."""
    listed = _git(folder, "diff", "--name-only", "--diff-filter=d", "--relative", "-z", commit)
    listed += _git(folder, "ls-files", "--others", "--exclude-standard", "-z")
    return tuple(name for name in sorted({*listed.split("\0")}) if is_read(Path(folder, name)))


def _texts(paths: Iterable[str | PathLike[str]]) -> tuple[str, ...]:
    return tuple(os.fspath(path) for path in paths)


def _inside(path: str, folder: Path, top: Path) -> str:
    """Return a path inside the repository as one relative to the folder, and any other as absolute path."""
    absolute = (folder / path).resolve()
    return os.path.relpath(absolute, folder) if absolute.is_relative_to(top) else os.fspath(absolute)


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
