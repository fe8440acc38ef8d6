"""The questions of the graph as pages: a form made of the header, the answer, the SPARQL; and the editor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from destgraph.catalog import names
from destgraph.catalog.questions import Parameter, Question
from destgraph.errors import InputError
from destgraph.results import Solutions
from destgraph.site.frame import View

_NONE: Mapping[str, Sequence[str]] = MappingProxyType({})


@dataclass(frozen=True)
class Option:
    """A value that a field offers: what is sent, and its name."""

    value: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class Input:
    """A field of a form: with `options` one chooses, else one writes."""

    parameter: Parameter
    options: tuple[Option, ...]
    text: str


def question(
    view: View, asked: Question, values: Mapping[str, Sequence[str]] = _NONE, outcome: Solutions | str | None = None
) -> bytes:
    """Return the page of a question; without an outcome with the answer to its example."""
    given = values
    if outcome is None:
        given = {p.name: [p.example] for p in asked.parameters}
        outcome = view.model.graph.select(asked.query)
    return view.render(
        "question.html",
        asked.summary,
        question=asked,
        inputs=[_input(view, p, given.get(p.name, ())) for p in asked.parameters],
        answer=outcome if isinstance(outcome, Solutions) else None,
        problem=outcome if isinstance(outcome, str) else "",
        script=_for_script(asked),
    )


def _input(view: View, parameter: Parameter, given: Sequence[str]) -> Input:
    offered: Sequence[tuple[str, str]] = ()
    if parameter.choices:
        offered = [(choice, choice) for choice in parameter.choices]
    elif parameter.kind in names.KINDS:
        found = names.named(view.model.graph.select, parameter.kind)
        offered = sorted(
            ((thing.query_term.value, view.model.name(thing.iri)) for thing in found),
            key=lambda option: (option[1].casefold(), option[0]),
        )
        given = [_bound(view, parameter, text) for text in given]
    options = tuple(Option(value, name, value in given) for value, name in offered)
    return Input(parameter, options, ", ".join(given))


def _bound(view: View, parameter: Parameter, text: str) -> str:
    try:
        return names.term(view.model.graph.select, parameter.kind, text).value
    except InputError:
        return text


def _for_script(asked: Question) -> dict[str, Any]:
    return {
        "name": asked.name,
        "query": asked.query,
        "needsParameter": asked.needs_parameter,
        "parameters": [
            {"name": p.name, "variable": p.variable, "kind": p.kind, "required": p.required, "example": p.example}
            for p in asked.parameters
        ],
        "columns": dict(asked.columns),
    }


def editor(view: View) -> bytes:
    """Return the page for free SPARQL."""
    return view.render("sparql.html", "SPARQL")
