"""Exporting 10,000 destinations: times beside Oxigraph's own serialiser, and the memory of line formats."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, parse, serialize

import destgraph
from benchmarks import synthetic
from benchmarks.common import table
from benchmarks.conftest import Compare
from benchmarks.peak import STATUS
from destgraph import files
from destgraph.export.selection import GRAPHS
from destgraph.vocabulary import PREFIXES

SIZE = 10_000
OXIGRAPH = {
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "nquads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
WRITE = """
import sys

import destgraph
from benchmarks import peak

destgraph.write_export(sys.argv[3], format=sys.argv[2], parts="catalog", data=[sys.argv[1]], force=True)
print(peak.memory("VmHWM"))
"""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SIZE synthetic destinations, exported with the real ones."""
    return synthetic_file(tmp_path_factory.mktemp("catalog") / "synthetic.ttl", SIZE)


def synthetic_file(path: Path, size: int) -> Path:
    """Write so many destinations to a file."""
    with path.open("wb") as file:
        synthetic.write(size, file)
    return path


@pytest.mark.parametrize("name", OXIGRAPH)
def test_times(compare: Compare, catalog: Path, tmp_path: Path, name: str) -> None:
    """From the files to a file: destgraph sorts, groups and nests; Oxigraph writes what it reads, as it comes."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    compare(
        f"export {SIZE:,} destinations as {name}",
        partial(by_destgraph, catalog, name, ours),
        {"pyoxigraph parse, serialize": partial(by_oxigraph, catalog, name, theirs)},
        1,
    )
    triples = [{quad.triple for quad in parse(path=path, format=OXIGRAPH[name])} for path in (ours, theirs)]
    assert triples[0] == triples[1]
    assert len(triples[0]) > 40 * SIZE


def by_destgraph(catalog: Path, name: str, target: Path) -> None:
    """Export the catalog."""
    destgraph.write_export(target, format=name, parts="catalog", data=[catalog])


def by_oxigraph(catalog: Path, name: str, target: Path) -> None:
    """Write the same triples without more ado."""
    graph = GRAPHS["catalog"]

    def quads() -> Iterator[Quad]:
        for path in (*files.turtle("catalog"), catalog):
            yield from parse(path=path, format=RdfFormat.TURTLE)

    if name in ("nquads", "trig"):
        named = (Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads())
        serialize(named, target, format=OXIGRAPH[name], prefixes=PREFIXES if name == "trig" else None)
    else:
        prefixes = PREFIXES if name in ("turtle", "rdfxml") else None
        serialize((quad.triple for quad in quads()), target, format=OXIGRAPH[name], prefixes=prefixes)


@pytest.mark.skipif(not STATUS.exists(), reason="memory is read from Linux's /proc")
def test_memory_of_line_formats(catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sorted lines need no more memory for 10,000 destinations than for 4,000."""
    smaller = synthetic_file(tmp_path / "smaller.ttl", 4_000)
    rows = []
    for name in ("ntriples", "nquads"):
        peaks = [peak(path, name, tmp_path / "out") for path in (smaller, catalog)]
        rows.append((name, *(size / 2**20 for size in peaks)))
        assert peaks[1] < 1.2 * peaks[0]
    with capsys.disabled():
        print(table("peak memory of the process in MiB", ("format", "4,000", f"{SIZE:,}"), rows))


def peak(catalog: Path, name: str, target: Path) -> int:
    """Export in a process of its own, and return the most memory it had, in bytes."""
    command: list[str | Path] = [sys.executable, "-c", WRITE, catalog, name, target]
    return int(subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True).stdout)
