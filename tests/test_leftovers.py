"""What is left when a command is ended from outside: no temporary folder, no half file, no child."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers import Connection, Request, Scripted, scripted

import destgraph
from destgraph import files

pytestmark = pytest.mark.posix("signals and locks")

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
ENDING = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


@pytest.fixture(autouse=True)
def nothing_is_ignored() -> Iterator[None]:
    """A program that is begun here ends by a signal, also where `nohup` or a shell had it ignored."""
    before = {number: signal.getsignal(number) for number in ENDING}
    for number in ENDING:
        signal.signal(number, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


CODE = """if True:
    import sys, threading
    from pathlib import Path
    from destgraph import files
    from destgraph.cli import signals
    signals.take()
    try:
        with {writing} as made:
            {fill}
            print("ready", flush=True)
            threading.Event().wait()
    except signals.Ended as ended:
        signals.end(ended.number)"""
FILE = CODE.format(writing="files.replacing(Path(sys.argv[1]))", fill="made.write(b'half')")
FOLDER = CODE.format(
    writing="files.replacing_folder(Path(sys.argv[1]), kind='release', marker='mark', force=True)",
    fill="(made / 'mark').touch()",
)


@pytest.fixture
def stuck() -> Iterator[tuple[str, threading.Event]]:
    """A store that begins an answer and says no more; gives its URL, and tells when it has begun."""
    begun = threading.Event()

    def answer(server: Scripted, request: Request, connection: Connection) -> None:
        if b"versionInfo" in request.body:
            connection.reply(b'{"head": {"vars": ["version"]}, "results": {"bindings": []}}')
            return
        connection.send_response(200)
        connection.send_header("Content-Length", "100000")
        connection.end_headers()
        connection.wfile.write(b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"v"}},')
        begun.set()
        server.closed.wait(300)

    with scripted(answer) as server:
        yield server.url, begun


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_file_that_is_being_written(tmp_path: Path, stuck: tuple[str, threading.Event], number: int) -> None:
    """The old one stays, and nothing beside it."""
    url, begun = stuck
    target = tmp_path / "rows.csv"
    target.write_text("old")
    command: list[str | Path] = [
        DESTGRAPH,
        "sparql",
        "SELECT ?x {}",
        "--endpoint",
        url,
        "--format",
        "csv",
        "--force",
        "-o",
        target,
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert begun.wait(120)
        process.send_signal(number)
        _, said = process.communicate(timeout=120)
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert said.strip() == b""  # an interrupt ends the line that the terminal shows it in
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"rows.csv": "old"}


@pytest.mark.slow
@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
@pytest.mark.parametrize("command", [["release"], ["export", "--format", "csv", "-o"]], ids=" ".join)
def test_a_folder_that_is_being_written(tmp_path: Path, number: int, command: list[str]) -> None:
    """Of a release, or of tables, nothing is there when it is ended as soon as it has begun."""
    with subprocess.Popen([DESTGRAPH, *command, tmp_path / "made"], stderr=subprocess.PIPE) as process:
        while not any(tmp_path.iterdir()) and process.poll() is None:
            pass
        process.send_signal(number)
        process.communicate(timeout=120)
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"made"}
    if process.returncode != 0:
        assert left == set() or command[0] == "export"
        assert not [*tmp_path.rglob(".*")]


def test_a_query_that_runs_on() -> None:
    """Its process is gone with the command."""
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    for number in ENDING:
        with subprocess.Popen(
            [DESTGRAPH, "sparql", query], stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        ) as process:
            assert process.stderr is not None
            while process.poll() is None and not children(process.pid):
                pass
            process.send_signal(number)
            # The pipes end when no process holds them any more.
            out, said = process.communicate(timeout=120)
            assert (out, said.strip()) == (b"", b"")


def children(pid: int) -> list[str]:
    """Return the processes that a process has started."""
    listed = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=False)  # noqa: S607
    return listed.stdout.split()


def test_a_hang_up_that_is_ignored_stays_so() -> None:
    """As `nohup` has it."""
    code = """if True:
        import signal
        from destgraph.cli import signals
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signals.take()
        signal.raise_signal(signal.SIGHUP)
        print("alive")"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"alive\n"


def killed(code: str, target: Path) -> None:
    """Begin to write, and be killed."""
    with subprocess.Popen([sys.executable, "-c", code, target], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.kill()


@pytest.mark.parametrize("code", [FILE, FOLDER], ids=["file", "folder"])
def test_what_a_killed_run_left_is_cleared_by_the_next(tmp_path: Path, code: str) -> None:
    """If it is its own: what is named otherwise, or is of a run that is alive, stays."""
    target = tmp_path / "made[1]"
    others = {".made[1].destgraph", ".made1.destgraph-00000000", ".other.destgraph-00000000", "made[1].destgraph-x"}
    for name in others:
        (tmp_path / name).touch()
    killed(code, target)
    assert len({path.name for path in tmp_path.iterdir()} - others) == 1
    with subprocess.Popen([sys.executable, "-c", code, target], stdout=subprocess.PIPE) as alive:
        assert alive.stdout is not None
        assert alive.stdout.readline() == b"ready\n"
        (running,) = {path.name for path in tmp_path.iterdir()} - others
        write: Callable[[], object] = lambda: destgraph.load().save("SELECT ?x { VALUES ?x { 1 } }", target, "csv")  # noqa: E731
        write()
        assert {path.name for path in tmp_path.iterdir()} == {*others, running, target.name}
        alive.terminate()
    assert {path.name for path in tmp_path.iterdir()} == {*others, target.name}


def test_an_old_release_that_was_moved_away_is_put_back(tmp_path: Path) -> None:
    """When the run was killed before the new one stood in its place."""
    target = tmp_path / "made"
    away = tmp_path / ".made.destgraph-0123abcd"
    (away / "old").mkdir(parents=True)
    (away / "old" / "mark").write_text("old")
    with pytest.raises(destgraph.InputError, match="the release exists"):  # noqa: SIM117
        with files.replacing_folder(target, kind="release", marker="mark"):
            pass
    assert (target / "mark").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


@pytest.mark.parametrize("exists", [False, True])
def test_two_at_once(tmp_path: Path, exists: bool) -> None:
    """The first to end is whole, the other one says so."""
    target = tmp_path / "made"
    if exists:
        target.mkdir()
        (target / "mark").touch()

    def write(text: str, meanwhile: Callable[[], None]) -> None:
        with files.replacing_folder(target, kind="release", marker="mark", force=exists) as folder:
            (folder / "mark").write_text(text)
            meanwhile()

    def other() -> None:
        if exists:
            shutil.rmtree(target)
        else:
            write("first", lambda: None)

    with pytest.raises(destgraph.InputError, match="another run has written it meanwhile"):
        write("second", other)
    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ([] if exists else ["first"])
    assert not [*tmp_path.glob(".*")]


def test_a_zipped_wheel_says_what_is_missing(tmp_path: Path) -> None:
    """Its files cannot be read as files."""
    wheel = tmp_path / "destgraph-0-py3-none-any.whl"
    package = Path(destgraph.__file__).parent
    with zipfile.ZipFile(wheel, "w") as packed:
        for path in package.rglob("*.py"):
            packed.write(path, Path("destgraph", path.relative_to(package)))
    for code in ("import destgraph; destgraph.load()", "from destgraph.cli import main; main()"):
        result = subprocess.run(
            [sys.executable, "-c", code, "ask", "types"],
            capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(wheel)}, cwd=tmp_path,
        )  # fmt: skip
        assert "the files of the graph were not found" in result.stderr.splitlines()[-1]
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
