"""A million rows from an Oxigraph server into a CSV file: rows per second and peak memory, each way a process."""

import csv
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from urllib.request import Request, urlopen

import pytest
import servers

from benchmarks.common import table
from benchmarks.peak import STATUS

ROWS = 1_000_000
PEERS = Path(__file__).parent / "peers"
WAYS = {
    "destgraph": "stream_destgraph.py",
    "SPARQLWrapper and pandas": "stream_sparqlwrapper.py",
    "pandas alone": "stream_pandas.py",
}
QUERY = "SELECT ?thing ?property ?name { ?thing ?property ?name }"

pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="memory is read from Linux's /proc")


def test_a_million_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All ways give the same number of rows; the table shows what each takes, and how many times ours that is."""
    with servers.oxigraph() as url:
        body = "".join(
            f'<https://example.org/thing/{number}> <https://schema.org/name> "Thing number {number}"@en .\n'
            for number in range(ROWS)
        )
        fill = Request(f"{url}/store?default", body.encode(), {"Content-Type": "application/n-triples"}, method="POST")  # noqa: S310
        urlopen(fill).close()  # noqa: S310 - on loopback
        del body, fill
        taken = {way: measured(PEERS / script, f"{url}/query", tmp_path) for way, script in WAYS.items()}
    ours = taken["destgraph"]
    rows = [
        (way, ROWS / seconds, seconds / ours[0], peak / 2**20, peak / ours[1]) for way, (seconds, peak) in taken.items()
    ]
    with capsys.disabled():
        columns = ("way", "rows a second", "times as long", "MiB at peak", "times as much")
        print(table(f"{ROWS:,} rows of three columns from an Oxigraph server to CSV", columns, rows))


def measured(script: Path, endpoint: str, folder: Path) -> tuple[float, int]:
    """Run a script and return its seconds and the most memory that it held, in bytes."""
    target = folder / f"{script.stem}.csv"
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.peak", script, endpoint, QUERY, target]
    start = perf_counter()
    told = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True).stdout
    seconds = perf_counter() - start
    with target.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        assert next(reader) == ["thing", "property", "name"]
        assert sum(1 for _ in reader) == ROWS
    return seconds, int(told)
