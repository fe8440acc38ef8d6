"""Asking every question of a warm graph, against the engines alone on the same query texts."""

from collections.abc import Callable
from functools import partial
from statistics import geometric_mean, median
from typing import cast

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from rdflib import Graph
from rdflib.query import ResultRow
from rdflib.term import Node

import destgraph
from benchmarks.common import ask, bound, seconds, store_rows, table
from destgraph.catalog.questions import Question
from destgraph.results import plain

ROUNDS, RDFLIB_ROUNDS = 20, 3


def test_ask(benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """Times of each question and the geometric means of their ratios; the rows are the same in every way."""
    kg = destgraph.load()
    questions = kg.questions.values()
    lines: list[tuple[object, ...]] = []
    longer, faster = [], []
    for question in questions:
        rows = same_rows(kg, question)
        ours, pyoxigraph, rdflib = times(kg, question)
        longer.append(ours / pyoxigraph)
        faster.append(rdflib / ours)
        lines.append((question.name, rows, ours * 1000, pyoxigraph * 1000, rdflib * 1000, longer[-1], faster[-1]))
    means = geometric_mean(longer), geometric_mean(faster)

    benchmark.pedantic(lambda: [ask(kg, question) for question in questions], rounds=5)  # type: ignore[no-untyped-call]
    benchmark.extra_info.update(zip(("times pyoxigraph's", "faster than rdflib"), means, strict=True))
    title = f"warm kg.ask, all {len(lines)} questions (medians in milliseconds)"
    columns = ("question", "rows", "destgraph", "pyoxigraph", "rdflib", "times pyoxigraph's", "faster than rdflib")
    with capsys.disabled():
        print(table(title, columns, [*lines, ("geometric mean", "", "", "", "", *means)]))


def same_rows(kg: destgraph.KnowledgeGraph, question: Question) -> int:
    """Return how many rows the question has, which both engines give for the same query text."""
    query = bound(kg, question)
    rows = [tuple(map(plain, terms)) for terms in ask(kg, question).terms]
    assert rows, question.name
    assert [tuple(map(plain, terms)) for terms in store_rows(kg.store, query)] == rows, question.name
    peer = [tuple("" if term is None else str(term) for term in terms) for terms in rdflib_rows(kg.graph, query)]
    assert peer == rows, question.name
    return len(rows)


def times(kg: destgraph.KnowledgeGraph, question: Question) -> tuple[float, float, float]:
    """Return the median seconds of `kg.ask` with names, and of pyoxigraph and rdflib with the bound text.

    `kg.ask` and pyoxigraph take turns, and turns in being first, as the processor's caches favour who comes second;
    rdflib, which would empty them, comes last. All give tuples of terms.
    """
    query = bound(kg, question)
    ways: list[Callable[[], object]] = [partial(ask, kg, question), partial(store_rows, kg.store, query)]
    taken: list[list[float]] = [[], []]
    for turn in range(ROUNDS):
        for way in (0, 1) if turn % 2 else (1, 0):
            taken[way].append(seconds(ways[way]))
    ours, pyoxigraph = map(median, taken)
    return ours, pyoxigraph, median(seconds(partial(rdflib_rows, kg.graph, query)) for _ in range(RDFLIB_ROUNDS))


def rdflib_rows(graph: Graph, query: str) -> tuple[tuple[Node | None, ...], ...]:
    """Answer a SELECT query with rdflib, each row a tuple of terms."""
    return tuple(tuple(cast("ResultRow", row)) for row in graph.query(query))
