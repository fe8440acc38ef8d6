"""Ours beside its peers, in turns, and the table of how much longer each peer takes."""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

Compare = Callable[[str, Callable[[], object], Mapping[str, Callable[[], object]], int], None]

_LINES = pytest.StashKey[list[str]]()


@pytest.fixture
def compare(benchmark: BenchmarkFixture, pytestconfig: pytest.Config) -> Compare:
    """Give a function that times a task done by us and by each peer, so many rounds, for the table at the end.

    Each round runs every peer and then ours, so that a busy moment of the machine meets all of them.
    """

    def run(task: str, ours: Callable[[], object], peers: Mapping[str, Callable[[], object]], rounds: int) -> None:
        seconds: dict[str, list[float]] = {name: [] for name in ("destgraph", *peers)}

        def timed(name: str, work: Callable[[], object]) -> None:
            start = perf_counter()
            work()
            seconds[name].append(perf_counter() - start)

        def others() -> None:
            for name, work in peers.items():
                timed(name, work)

        benchmark.pedantic(lambda: timed("destgraph", ours), setup=others, rounds=rounds)  # type: ignore[no-untyped-call]

        unit = median(seconds["destgraph"])
        for name, values in seconds.items():
            ratio = median(values) / unit
            benchmark.extra_info[name] = ratio
            line = f"{task:38}  {name:24}  {median(values) * 1000:9.1f} ms  {ratio:7.2f}  {len(values):6}"
            pytestconfig.stash.setdefault(_LINES, []).append(line)

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    terminalreporter.section("times as long as destgraph (medians)")
    terminalreporter.line(f"{'task':38}  {'way':24}  {'median':>12}  {'times':>7}  {'rounds':>6}")
    for line in config.stash.get(_LINES, []):
        terminalreporter.line(line)
