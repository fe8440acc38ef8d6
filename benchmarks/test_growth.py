"""How loading and asking grow with the catalog: the real one, and the real one among synthetic destinations.

100,000 destinations are left out unless the environment variable DESTGRAPH_LARGE is set: they take about ten minutes.
"""

import json
import os
import subprocess
import sys
from itertools import pairwise
from math import log
from pathlib import Path
from statistics import geometric_mean, linear_regression
from typing import Any

import pytest

import destgraph
from benchmarks import synthetic
from benchmarks.common import table
from benchmarks.peak import STATUS

SIZES = (10_000, 100_000) if os.environ.get("DESTGRAPH_LARGE") else (10_000,)

pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="memory is read from Linux's /proc")


def test_growth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With more destinations no question has fewer rows; how time and memory grow is shown."""
    real = destgraph.load().info.destinations
    sizes = [measured()]
    for size in SIZES:
        path = tmp_path / f"{size}.ttl"
        with path.open("wb") as file:
            synthetic.write(size - real, file)
        sizes.append(measured(path))
        path.unlink()

    assert [size["destinations"] for size in sizes] == [real, *SIZES]
    for smaller, larger in pairwise(sizes):
        assert smaller["triples"] < larger["triples"]
        for name, question in smaller["questions"].items():
            assert 0 < question["rows"] <= larger["questions"][name]["rows"], name
    with capsys.disabled():
        print(loading(sizes), asking(sizes))


def measured(*files: Path) -> dict[str, Any]:
    """Measure the real catalog with these files added, in a fresh process."""
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.measure", *files]
    output = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, Any] = json.loads(output)
    return found


def loading(sizes: list[dict[str, Any]]) -> str:
    """Return the table of load times and memory."""
    mebibyte = 2**20
    rows = [
        (
            size["destinations"],
            size["triples"],
            size["load"],
            size["resident"] / mebibyte,
            size["peak"] / mebibyte,
            size["resident"] / size["triples"],
        )
        for size in sizes
    ]
    fit, last = exponents(sizes, [size["load"] for size in sizes])
    title = f"destgraph.load: exponent {fit:.2f}, in the last step {last:.2f}"
    return table(title, ("destinations", "triples", "seconds", "MiB", "MiB at peak", "bytes a triple"), rows)


def asking(sizes: list[dict[str, Any]]) -> str:
    """Return the table of questions, and say which grow fast; "engine" is the time without `kg.ask`, at the end."""
    times = {
        name: [[size["questions"][name][way] * 1000 for size in sizes] for way in ("ask", "store")]
        for name in sizes[0]["questions"]
    }
    means = [[geometric_mean(step) for step in zip(*way, strict=True)] for way in zip(*times.values(), strict=True)]
    rows: list[tuple[object, ...]] = []
    fast = []
    for name, (ask, store) in [*times.items(), ("geometric mean", means)]:
        count = sizes[-1]["questions"][name]["rows"] if name in times else ""
        rows.append((name, count, *ask, *exponents(sizes, ask), store[-1], *exponents(sizes, store)))
        if name in times and max(exponents(sizes, ask)) > 1.3:
            fast.append(name)
    columns = [
        "question",
        "rows",
        *(f"{size['destinations']:,}" for size in sizes),
        "fit",
        "last",
        "engine",
        "fit",
        "last",
    ]
    title = "warm kg.ask by number of destinations (milliseconds), exponents of all sizes and of the last step"
    return table(title, columns, rows) + f"above 1.3: {', '.join(fast) or 'none'}\n"


def exponents(sizes: list[dict[str, Any]], times: list[float]) -> tuple[float, float]:
    """Return how times grow with triples, 1 meaning in proportion: fitted to all sizes, and from the last but one."""
    points = [(log(size["triples"]), log(time)) for size, time in zip(sizes, times, strict=True)]
    fit, last = (linear_regression(*zip(*part, strict=True)).slope for part in (points, points[-2:]))
    return fit, last
