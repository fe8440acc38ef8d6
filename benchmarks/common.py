"""What the measurements of questions share."""

from collections.abc import Callable, Iterable, Sequence
from resource import RUSAGE_CHILDREN, getrusage
from time import process_time
from typing import cast

from pyoxigraph import QuerySolutions, Store

from destgraph import KnowledgeGraph
from destgraph.catalog import names
from destgraph.catalog.questions import Question
from destgraph.results import Solutions, Term


def ask(kg: KnowledgeGraph, question: Question) -> Solutions:
    """Ask a question for the examples of its parameters."""
    return kg.ask(question.name, **{p.name.replace("-", "_"): p.example for p in question.parameters})


def bound(kg: KnowledgeGraph, question: Question) -> str:
    """Return the query text that `ask` sends to the store."""
    return question.bind({p.name: [names.term(kg.select, p.kind, p.example)] for p in question.parameters})


def store_rows(store: Store, query: str) -> tuple[tuple[Term, ...], ...]:
    """Answer a SELECT query with nothing but the engine, each row a tuple of terms."""
    return tuple(tuple(solution) for solution in cast("QuerySolutions", store.query(query)))


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of one call and of the programs that it ran to their end, in seconds.

    Other programs on the machine hardly change it.
    """
    start = _processor()
    work()
    return _processor() - start


def _processor() -> float:
    children = getrusage(RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a text table, the first column aligned to the left; floats get three digits or more."""
    cells = [[_cell(value) for value in row] for row in (columns, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()  # the others to the right
        for row in cells
    ]
    return "\n".join(["", "", title, *lines, ""])


def _cell(value: object) -> str:
    match value:
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}"
    return str(value)
