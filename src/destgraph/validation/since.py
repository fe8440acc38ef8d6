"""What a change brings: the findings that another revision of the same git repository does not have."""

import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from destgraph import files
from destgraph.errors import InputError
from destgraph.validation import bounded
from destgraph.validation.arguments import Arguments
from destgraph.validation.bounded import Course, Limits
from destgraph.validation.findings import Report
from destgraph.validation.scope import is_read
from destgraph.validation.steps import NOT_FINISHED


def validate_since(
    revision: str, arguments: Arguments, limits: Limits, progress: Callable[[str], None] = lambda _: None
) -> Report:
    """Validate a folder and `revision`, each with its own files, and return what is only in the former.

    `revision` is anything that git takes for a commit; the limits are on each of the two. Raises InputError when git is
    missing, when the folder is in no repository, and for a revision that the repository does not have. `progress` is
    told what is being done.
    """
    here = arguments.folder
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
        old = replace(now, folder=old_folder, root=_moved(now.root, top, old_top))
        report, old_report = _both(now, old, limits, progress)
    scope = f"{report.scope}; {since}"
    if old_report.unreadable or old_report.unfinished:
        scope += ", which cannot be read in full, so that old findings may be among them"
    return replace(new(report, old_report), scope=scope)


def new(report: Report, old: Report) -> Report:
    """Return `report` with the findings that `old` lacks; of several alike, as many as there are more of now.

    What was not finished is never old: nobody knows what else would have been found.
    """
    left = Counter(finding.fingerprint for finding in old.findings)
    kept = []
    for finding in report.findings:
        left[finding.fingerprint] -= 1
        if left[finding.fingerprint] < 0 or finding.rule == NOT_FINISHED.id:
            kept.append(finding)
    return replace(report, findings=tuple(kept))


def _both(
    arguments: Arguments, old: Arguments, limits: Limits, progress: Callable[[str], None]
) -> tuple[Report, Report]:
    """Validate the folder and, at the same time, the one with the revision."""
    old = old.with_paths(lambda path: [path] if (old.folder / path).exists() else [])
    if old.lacks_a_kind_of(arguments):  # what is asked for is new as a whole
        return Course(arguments, limits, progress).report(), Report("", (), ())
    bounded.start()  # before there is a thread
    other = Course(old, limits)
    with ThreadPoolExecutor(1) as thread:
        old_report = thread.submit(other.report)
        try:
            report = Course(arguments, limits, progress).report()
            return report, _of_revision(old_report)
        finally:
            other.stop()


def _of_revision(report: Future[Report]) -> Report:
    try:
        return report.result()
    except InputError as error:
        raise InputError(f"in the revision to compare with: {error}") from None


def _moved(root: str | None, top: Path, old_top: Path) -> str | None:
    """Return the folder of the graph in the revision: another one where it stands in the repository."""
    if root is None or not Path(root).resolve().is_relative_to(top):
        return root
    return os.fspath(old_top / Path(root).resolve().relative_to(top))


def _changed(folder: Path, commit: str) -> tuple[str, ...]:
    """Return the files in a folder that differ from a commit, or are new, of the kinds that are read."""
    listed = _git(folder, "diff", "--name-only", "--diff-filter=d", "--relative", "-z", commit)
    listed += _git(folder, "ls-files", "--others", "--exclude-standard", "-z")
    return tuple(name for name in sorted({*listed.split("\0")}) if is_read(Path(folder, name)))


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
