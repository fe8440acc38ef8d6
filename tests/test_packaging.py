"""What is built and installed: the wheel's contents, its version, what an import costs, and that it runs anywhere."""

import configparser
import csv
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

import destgraph
from destgraph.vocabulary import PREFIXES

ROOT = Path(__file__).parents[1]
GRAPH_FOLDERS = {"data": "data", "ontology": "ontology", "queries": "queries", "tests/shapes": "examples"}
"""The folders of the checkout that are in the wheel, each with its name there."""
MAIN_COMMAND = ("ask", "destinations-of-type", "type=edge-personalization", "--format", "csv")
RUN = "from destgraph.cli import main; main()"
HEAVY = {"IPython", "SPARQLWrapper", "owlrl", "pandas", "pyarrow", "pyld", "pyshacl", "rdflib"}
OFFLINE = """
import sys

def refuse(event, arguments):
    if event.startswith("socket."):
        raise RuntimeError(f"network used: {event} {arguments}")

sys.addaudithook(refuse)
"""

PAGES = """
import destgraph
from destgraph import site

kg = destgraph.load()
paths = ("index.html", "assets/style.css", "assets/bundle.js", "query/none.html")
made = [path for path in paths if site.page(kg, path)]
shape = site.page(kg, "shape/ClosedCardShape.html").body.decode()
print(made == [*paths[:3]] and "For example right" in shape and "For example wrong" in shape)
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Give a function that runs a program in an empty folder, with a folder to import from first."""

    def in_empty_folder(*command: str | Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment | ({"PYTHONPATH": str(path)} if path else {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
        )

    return in_empty_folder


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of the tree."""
    return build(ROOT, tmp_path_factory.mktemp("built"), "wheel", "sdist")


@pytest.fixture(scope="session")
def wheel(built: Path) -> dict[str, bytes]:
    """The files in the wheel of the tree."""
    return contents(built)


@pytest.fixture(scope="session")
def unpacked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the tree as an installer lays it out, away from the tree."""
    folder = tmp_path_factory.mktemp("site-packages")
    shutil.unpack_archive(only(built, "*.whl"), folder, "zip")
    return folder


def build(source: Path, target: Path, *kinds: str) -> Path:
    """Build with the build backend itself, which needs no network."""
    targets = [argument for kind in kinds for argument in ("--target", kind)]
    command: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "--directory", target, *targets]
    result = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return target


def only(folder: Path, pattern: str) -> Path:
    """Return the one file in a folder that fits a pattern."""
    (found,) = folder.glob(pattern)
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """Return name and bytes of each file in the wheel that lies in a folder."""
    with zipfile.ZipFile(only(folder, "*.whl")) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tree(folder: str) -> dict[str, bytes]:
    """Return name and bytes of each file below a folder of the checkout, named as in the wheel."""
    return {
        f"destgraph/_graph/{GRAPH_FOLDERS[folder]}/{path.relative_to(ROOT / folder).as_posix()}": path.read_bytes()
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }


def imported(trace: str) -> set[str]:
    """Return the top-level packages named in what `python -X importtime` writes."""
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in trace.splitlines() if "|" in line}


def metadata_version(wheel: dict[str, bytes]) -> str:
    """Return the version that the wheel states."""
    (name,) = (name for name in wheel if name.endswith(".dist-info/METADATA"))
    return str(message_from_bytes(wheel[name])["Version"])


@pytest.mark.slow
def test_wheel_of_the_sdist_is_the_wheel_of_the_tree(
    built: Path, wheel: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing that the wheel needs is left out of the sdist."""
    source = tmp_path_factory.mktemp("sdist")
    with tarfile.open(only(built, "*.tar.gz")) as archive:
        archive.extractall(source, filter="data")
    rebuilt = contents(build(only(source, "destgraph-*"), tmp_path_factory.mktemp("rebuilt"), "wheel"))
    assert sorted(rebuilt) == sorted(wheel)
    assert [name for name in wheel if rebuilt[name] != wheel[name]] == []


def test_sdist_holds_what_git_tracks(built: Path) -> None:
    """So its tests and checks run."""
    git = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("this folder is no checkout of git: git clone it, and apt-get install git")
    listed = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    with tarfile.open(only(built, "*.tar.gz")) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert packed == {*listed.splitlines(), "PKG-INFO"}


@pytest.mark.parametrize("folder", GRAPH_FOLDERS)
def test_wheel_carries_the_graph(wheel: dict[str, bytes], folder: str) -> None:
    """Each file of the graph is in the package, byte for byte, and no other file is beside them."""
    expected = tree(folder)
    found = {
        name: data for name, data in wheel.items() if name.startswith(f"destgraph/_graph/{GRAPH_FOLDERS[folder]}/")
    }
    assert expected
    assert sorted(found) == sorted(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


def test_wheel_puts_nothing_else_into_site_packages(wheel: dict[str, bytes]) -> None:
    """The package and its metadata only; inside the package its modules, the typing marker and the graph."""
    metadata = f"destgraph-{metadata_version(wheel)}.dist-info"
    assert {name.partition("/")[0] for name in wheel} == {"destgraph", metadata}
    graph = {name for name in wheel if name.startswith("destgraph/_graph/")}
    assert {name.split("/")[2] for name in graph} == {*GRAPH_FOLDERS.values()}
    package = {name for name in wheel if name.startswith("destgraph/")} - graph
    sources = (path for path in (ROOT / "src").rglob("*") if path.is_file() and path.suffix != ".pyc")
    assert package == {path.relative_to(ROOT / "src").as_posix() for path in sources}
    assert "destgraph/py.typed" in package
    assert f"{metadata}/licenses/LICENSE" in wheel


def test_version_is_that_of_the_ontology(wheel: dict[str, bytes]) -> None:
    """One version for the package, owl:versionInfo and owl:versionIRI."""
    quads = list(parse(path=ROOT / "ontology" / "destgraph.ttl", format=RdfFormat.TURTLE))
    info, iri = (
        [quad.object for quad in quads if quad.predicate == NamedNode(PREFIXES["owl"] + name)]
        for name in ("versionInfo", "versionIRI")
    )
    version = metadata_version(wheel)
    assert info == [Literal(version)]
    assert iri == [NamedNode(f"https://w3id.org/destgraph/ontology/{version}")]


def test_import_is_silent_and_light(run: Run) -> None:
    """`import destgraph` prints nothing, and loads neither the command line's nor another graph library."""
    result = run(sys.executable, "-X", "importtime", "-c", "import destgraph")
    assert (result.returncode, result.stdout) == (0, "")
    assert all(line.startswith("import time:") for line in result.stderr.splitlines()), result.stderr
    packages = imported(result.stderr)
    assert "pyoxigraph" in packages
    assert packages & (HEAVY | {"click"}) == set()
    assert [name for name in ("remote", "validation", "export") if f"destgraph.{name}" in result.stderr] == []


def test_public_names_are_there_without_further_imports() -> None:
    """`import destgraph` gives all of them, some at first use; a name that does not exist is no import."""
    assert [name for name in destgraph.__all__ if not getattr(destgraph, name).__doc__] == []
    assert set(destgraph.__all__) <= set(dir(destgraph))
    assert not hasattr(destgraph, "nothing")


@pytest.mark.parametrize("command", [MAIN_COMMAND, ("export", "--part", "inferred", "--format", "jsonld")])
def test_commands_are_light(run: Run, command: tuple[str, ...]) -> None:
    """Asking, and exporting without tables, need the embedded store only."""
    result = run(sys.executable, "-X", "importtime", "-c", RUN, *command)
    assert result.returncode == 0, result.stderr
    packages = imported(result.stderr)
    assert {"click", "destgraph", "pyoxigraph"} <= packages
    assert packages & HEAVY == set()


def test_wheel_answers_anywhere_without_network(run: Run, unpacked: Path) -> None:
    """The main command runs from an empty folder, far from the tree, and opens no socket."""
    where = run(sys.executable, "-c", "import destgraph.files; print(destgraph.files.root())", path=unpacked)
    assert Path(where.stdout.strip()) == unpacked / "destgraph" / "_graph", where.stderr
    result = run(sys.executable, "-c", OFFLINE + RUN, *MAIN_COMMAND, path=unpacked)
    assert (result.returncode, result.stderr) == (0, "")
    with (ROOT / "tests" / "queries" / "destinations-of-type" / "catalog.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        assert list(csv.reader(result.stdout.splitlines())) == list(csv.reader(file))


@pytest.mark.slow
def test_wheel_makes_the_pages_without_extras(run: Run, unpacked: Path) -> None:
    """With what it carries for them: templates, assets, and the examples of shapes."""
    result = run(sys.executable, "-X", "importtime", "-c", PAGES, path=unpacked)
    assert (result.returncode, result.stdout) == (0, "True\n"), result.stderr
    extras = {"IPython", "pandas", "pyarrow", "starlette", "uvicorn"}
    assert imported(result.stderr) & extras == set()


def test_offline_guard_would_notice(run: Run) -> None:
    """The guard of the test above does refuse the network."""
    result = run(sys.executable, "-c", OFFLINE + "import socket; socket.create_connection(('localhost', 9))")
    assert result.returncode == 1
    assert "network used: socket." in result.stderr


def test_editable_install_uses_the_checkout(run: Run) -> None:
    """Without files inside the package, the folder that holds `src` is the graph: an edited file is seen."""
    result = run(sys.executable, "-c", "import destgraph.files; print(destgraph.files.root())", path=ROOT / "src")
    assert Path(result.stdout.strip()) == ROOT, result.stderr


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_console_scripts_start(run: Run, wheel: dict[str, bytes], option: str) -> None:
    """Each script that the wheel names is installed and tells its use and its version."""
    (name,) = (name for name in wheel if name.endswith(".dist-info/entry_points.txt"))
    entries = configparser.ConfigParser()
    entries.read_string(wheel[name].decode())
    scripts = list(entries["console_scripts"])
    assert "destgraph" in scripts
    for script in scripts:
        result = run(Path(sysconfig.get_path("scripts")) / script, option)
        assert (result.returncode, result.stderr) == (0, "")
        expected = f"Usage: {script} " if option == "--help" else f"{script} {metadata_version(wheel)}\n"
        assert result.stdout.startswith(expected)
