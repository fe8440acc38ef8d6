"""The questions of the graph as pages: a form made of the header, the answer, the SPARQL; and the editor."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode

from destgraph.catalog import names
from destgraph.catalog.questions import Parameter, Question
from destgraph.errors import InputError
from destgraph.results import Solutions
from destgraph.site.frame import View

_NONE: Mapping[str, Sequence[str]] = MappingProxyType({})


_ROWS = 50
_MOST = 1000
_SHOWN = 2


@dataclass(frozen=True)
class Option:
    """A value that a field offers: what is sent, the IRI that it stands for if it does, and its name."""

    value: str
    iri: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class Input:
    """A field of a form: with `options` one chooses, else one writes; `shown` is what is chosen, for people."""

    parameter: Parameter
    options: tuple[Option, ...]
    shown: str


def question(
    view: View, asked: Question, values: Mapping[str, Sequence[str]] = _NONE, outcome: Solutions | str | None = None
) -> bytes:
    """Return the page of a question with an outcome; without one with some of the answer to its example."""
    example = outcome is None
    given = values
    if outcome is None:
        given = _example(asked)
        values = {p.name: [p.example] for p in asked.parameters if p.required}
        outcome = view.model.select(asked.bind(_terms(view, asked, given)))
    answer = outcome if isinstance(outcome, Solutions) else None
    inputs = [_input(view, p, values.get(p.name, ())) for p in asked.parameters]
    return view.render(
        "question.html",
        asked.summary,
        question=asked,
        asked=not example,
        given={p.name: _input(view, p, given[p.name]).shown for p in asked.parameters if given.get(p.name)},
        inputs=inputs,
        address=urlencode(values, doseq=True),
        example=urlencode(given, doseq=True),
        titles={i.parameter.name: i.shown for i in inputs if i.parameter.name in asked.titled},
        answer=answer,
        rows=answer.terms[: _ROWS if example else None] if answer else (),
        problem=outcome if isinstance(outcome, str) else "",
        query=asked.query,
        script=_for_script(asked),
    )


def _example(asked: Question) -> dict[str, list[str]]:
    """Return the values of the example; of many that are all optional, a few are enough to show what they do."""
    shown = asked.parameters[:_SHOWN] if asked.needs_parameter else asked.parameters
    return {p.name: [p.example] for p in shown}


def _terms(view: View, asked: Question, given: Mapping[str, Sequence[str]]) -> dict[str, list[NamedNode | Literal]]:
    """Return the terms that values stand for."""
    select = view.model.select
    return {
        p.name: [names.term(select, p.kind, text, p.choices) for text in given[p.name]]
        for p in asked.parameters
        if p.name in given
    }


def _input(view: View, parameter: Parameter, given: Sequence[str]) -> Input:
    """Return the field of a parameter; what is not among its options stays as it was written."""
    offered = [(choice, "", choice) for choice in parameter.choices]
    if parameter.kind in names.KINDS:
        found = _named(view, parameter.kind)
        ids = Counter(thing.id for thing in found)
        offered = [
            (thing.id if ids[thing.id] == 1 else thing.iri.value, thing.query_term.value, view.model.name(thing.iri))
            for thing in found
        ]
        given = [_bound(view, parameter, text) for text in given]
    options = tuple(Option(value, iri, name, bool({value, iri} & {*given})) for value, iri, name in offered)
    return Input(parameter, options, ", ".join([o.name for o in options if o.chosen] or given))


def _named(view: View, kind: str) -> list[names.Named]:
    """Return the things of a kind by name."""
    return sorted(names.named(view.model.select, kind), key=lambda thing: view.model.order(thing.iri))


def _bound(view: View, parameter: Parameter, text: str) -> str:
    """Return the IRI that a text stands for, or the text when it stands for none."""
    try:
        return names.term(view.model.select, parameter.kind, text).value
    except InputError:
        return text


def _for_script(asked: Question) -> dict[str, Any]:
    """Return what the script has to know of a question to ask it."""
    return {
        "name": asked.name,
        "query": asked.query,
        "needsParameter": asked.needs_parameter,
        "parameters": [
            {"name": p.name, "variable": p.variable, "kind": p.kind, "required": p.required, "example": p.example}
            for p in asked.parameters
        ],
        "columns": dict(asked.columns),
        "titled": asked.titled,
    }


def editor(view: View, query: str = "", outcome: Solutions | str | None = None, problem: str = "") -> bytes:
    """Return the page for free SPARQL, with the questions as examples, and the outcome of a query if there is one."""
    examples = [{"name": q.summary, "query": q.query} for q in view.model.graph.questions.values()]
    table = outcome if isinstance(outcome, Solutions) else None
    return view.render(
        "sparql.html",
        "SPARQL",
        examples=examples,
        query=query,
        table=table,
        rows=table.terms[:_MOST] if table else (),
        text=outcome if isinstance(outcome, str) else "",
        problem=problem,
    )
