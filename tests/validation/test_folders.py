"""What of a folder is read: regular files in it; whatever else is there is told, and never opened."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from small import FILES, HEAD, ONE, written

import destgraph
from destgraph.validation.findings import Report

pytestmark = pytest.mark.posix("links, named pipes and sockets")

SHAPES = "<urn:s> a <http://www.w3.org/ns/shacl#NodeShape> ; <http://www.w3.org/ns/shacl#targetNode> <urn:a> ."
DATA = HEAD + "<urn:a> a <urn:c> ."
TEXT = "root:hunter2:x y"

Make = Callable[[Path], None]


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(path.parent)  # the whole path may be too long for one
        listening.bind(path.name)


def _outside(path: Path) -> None:
    secret = next(folder for folder in path.parents if folder.name == "folder").with_name("away.ttl")
    secret.write_text(TEXT)
    path.symlink_to(secret)


ODD: dict[str, tuple[Make, str]] = {
    "pipe": (os.mkfifo, "a named pipe is not read; put a regular file in its place"),
    "socket": (_socket, "a socket is not read; put a regular file in its place"),
    "device": (
        lambda path: path.symlink_to("/dev/zero"),
        "a link that leads out of the folder is not followed; put what it leads to in its place",
    ),
    "outside": (_outside, "a link that leads out of the folder is not followed; put what it leads to in its place"),
    "nowhere": (
        lambda path: path.symlink_to("none"),
        "a link that leads nowhere is not followed; put a file in its place",
    ),
    "itself": (
        lambda path: path.symlink_to(path.name),
        "a link that leads to itself is not followed; put a file in its place",
    ),
}
PLACES = ["data/odd.ttl", "ontology/odd.ttl", "ontology/shapes/odd.ttl", "queries/odd.rq", "queries/rules/profile.toml",
          "queries/rules/no_label/rule.rq", "queries/rules/no_label/bad.ttl"]  # fmt: skip


def refused(report: Report) -> list[tuple[str, str, str]]:
    """Return the findings of the rule, each as severity, file and message."""
    return [(f.severity, f.place.file, f.message) for f in report.findings if f.rule == "file_refused"]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The working folder is as before after a test."""
    monkeypatch.chdir(Path.cwd())


@pytest.mark.parametrize(
    ("kind", "place"), [*((kind, PLACES[0]) for kind in ODD), *(("outside", place) for place in PLACES[1:])]
)
def test_a_graph_is_read_from_its_regular_files(tmp_path: Path, kind: str, place: str) -> None:
    """Wherever a file is read; nothing of what a link leads to is told, and the findings in the others are."""
    make, message = ODD[kind]
    root = written(tmp_path / "folder", FILES | {"data/one.ttl": ONE.replace('"ga"', '"gone"')})
    (root / place).unlink(missing_ok=True)
    make(root / place)
    report = destgraph.validate(folder=root)
    assert refused(report) == [("error", place, message)]
    assert report.unreadable
    assert [f.place.file for f in report.findings if f.rule == "StatusShape"] == ["data/one.ttl"]
    assert "hunter2" not in str(report)


@pytest.mark.parametrize("kind", ODD)
def test_a_folder_of_anything_is_read_from_its_regular_files(tmp_path: Path, kind: str) -> None:
    """At any depth."""
    make, message = ODD[kind]
    root = written(tmp_path / "folder", {"data/in/d.ttl": DATA, "s.ttl": SHAPES})
    make(root / "data" / "in" / "odd.nt")
    report = destgraph.validate(["data"], shapes=["s.ttl"], folder=root)
    assert refused(report) == [("error", "data/in/odd.nt", message)]
    assert len(report.findings) == 1


def test_links_to_folders(tmp_path: Path) -> None:
    """They are not followed: one that leads out is an error, one that leads to what is read anyway is a note."""
    root = written(tmp_path / "folder", FILES)
    away = written(tmp_path / "away", {"rule.rq": "SELECT", "x.ttl": "no Turtle"})
    (root / "queries" / "rules" / "away").symlink_to(away)
    (root / "queries" / "rules" / "again").symlink_to("no_label")
    (root / "data" / "circle").symlink_to("..")
    out = "a link that leads out of the folder is not followed; put a folder in its place"
    inside = "a link to a folder is not followed; what is there is read where it is"
    report = destgraph.validate(folder=root)
    assert refused(report) == [
        ("note", "data/circle", inside),
        ("note", "queries/rules/again", inside),
        ("error", "queries/rules/away", out),
    ]
    assert len(report.findings) == 3
    plain = written(tmp_path / "plain", {"data/d.ttl": DATA, "s.ttl": SHAPES})
    (plain / "data" / "circle").symlink_to(".")
    (plain / "data" / "away").symlink_to(away)
    report = destgraph.validate(["data"], shapes=["s.ttl"], folder=plain)
    assert refused(report) == [("error", "data/away", out), ("note", "data/circle", inside)]


def test_a_part_of_a_graph_that_lies_elsewhere(tmp_path: Path) -> None:
    """One finding, for the folder."""
    root = written(tmp_path / "folder", FILES)
    (root / "data").rename(tmp_path / "elsewhere")
    (root / "data").symlink_to(tmp_path / "elsewhere")
    report = destgraph.validate(folder=root)
    assert refused(report) == [
        ("error", "data", "a link that leads out of the folder is not followed; put a folder in its place")
    ]


def test_a_path_may_be_a_link_but_not_out_of_a_graph(tmp_path: Path) -> None:
    """Whoever types it means what it leads to; in a graph it may be the work of a stranger."""
    root = written(tmp_path / "folder", FILES)
    written(tmp_path, {"away.ttl": DATA, "s.ttl": SHAPES})
    (tmp_path / "link.ttl").symlink_to("away.ttl")
    assert refused(destgraph.validate(["link.ttl"], shapes=["s.ttl"], folder=tmp_path)) == []
    (root / "data" / "link.ttl").symlink_to("../../away.ttl")
    out = ("error", "data/link.ttl", "a link that leads out of the folder is not followed; put what it leads to in its"
           " place")  # fmt: skip
    assert refused(destgraph.validate(["data/link.ttl"], folder=root)) == [out]
    assert refused(destgraph.validate(["data/link.ttl"], shapes=["../s.ttl"], folder=root)) == [out]
    os.mkfifo(tmp_path / "pipe.ttl")
    pipe = ("error", "pipe.ttl", "a named pipe is not read; put a regular file in its place")
    assert refused(destgraph.validate(["pipe.ttl"], shapes=["s.ttl"], folder=tmp_path)) == [pipe]
    assert refused(destgraph.validate(["away.ttl"], shapes=["pipe.ttl"], folder=tmp_path)) == [pipe]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Where a graph is loaded, too: in it, beside it, and as a query."""
    os.mkfifo(tmp_path / "pipe.ttl")
    with pytest.raises(destgraph.InputError, match=r"pipe.ttl: this is a named pipe, not a regular file; name a "):
        destgraph.load([tmp_path / "pipe.ttl"])
    root = written(tmp_path / "folder", FILES)
    os.mkfifo(root / "ontology" / "a.ttl")
    with pytest.raises(destgraph.InputError, match="this is a named pipe"):
        destgraph.load(root=root)
