"""Answers and explanations as HTML for notebooks: one piece each, without script or address to fetch.

Every text is escaped and only http and https addresses become links. Colours are those of the page around, so that a
dark theme stays dark; what has a colour of its own says the same in words.
"""

import re
from collections.abc import Iterable
from functools import singledispatch
from html import escape

from pyoxigraph import Literal, NamedNode

from destgraph.catalog.description import Description
from destgraph.catalog.explanation import ConditionReading, Evidence, Explanation, TypeReading
from destgraph.catalog.questions import Question, Questions
from destgraph.rendering.tables import COPIED, are_numbers, in_order, shown
from destgraph.results import Solutions, Term, Triples
from destgraph.wording import address_names, age, count, readable

SHOWN = 100
"""How many rows are shown."""

# The class stands twice so that the style of the page around, which is about tables in general, does not win.
_STYLE = """<style>
.destgraph.destgraph {overflow-x: auto; line-height: 1.4}
.destgraph.destgraph table {border-collapse: collapse; table-layout: auto; margin: 0; width: auto;
  font-size: max(12px, 0.92em)}
.destgraph.destgraph tr > * {text-align: left; vertical-align: top; padding: 0.25em 0.8em; max-width: 32em;
  overflow-wrap: break-word; white-space: normal; border: 0; border-bottom: 1px solid rgba(128, 128, 128, 0.35)}
.destgraph.destgraph thead th {border-bottom: 2px solid rgba(128, 128, 128, 0.6)}
.destgraph.destgraph .long {display: inline-block; min-width: 14em; overflow-wrap: anywhere}
.destgraph.destgraph tr > .number {text-align: right; font-variant-numeric: tabular-nums}
.destgraph.destgraph a {color: var(--jp-content-link-color, var(--vscode-textLink-foreground, inherit))}
.destgraph.destgraph p {margin: 0.3em 0}
.destgraph.destgraph ul:not(.none) {margin: 0.3em 0; padding-left: 1.2em; list-style: none}
.destgraph.destgraph .aside {opacity: 0.75; font-size: max(12px, 0.88em)}
.destgraph.destgraph .state {color: #fff; border-radius: 0.8em; padding: 0.05em 0.6em; font-size: max(12px, 0.85em);
  white-space: nowrap}
.destgraph.destgraph .holds {background: #15803d}
.destgraph.destgraph .contradicted {background: #b91c1c}
.destgraph.destgraph .not-documented {background: #b45309}
</style>"""
_WORD = 34
_MARKS = {"holds": "✓", "contradicted": "✗", "not documented": "?"}
_ADDRESSES = re.compile(r"https?://[^\s;]+(; https?://[^\s;]+)*")


@singledispatch
def html(result: object) -> str:
    """Return a result as a piece of HTML; raises TypeError for what is no result of this package."""
    raise TypeError(f"{type(result).__name__} is no result that can be shown")


@html.register
def _solutions(answer: Solutions) -> str:
    """Return the first rows of an answer as a table, and how many there are."""
    rows = answer.terms[:SHOWN]
    places = in_order(answer.columns)
    titles = [answer.titles.get(answer.columns[place], answer.columns[place]) for place in places]
    looks = [' class="number"' if are_numbers([terms[place] for terms in rows]) else "" for place in places]
    cells = [[_cell(terms[place], answer.columns[place]) for place in places] for terms in rows]
    known = ", ".join(filter(None, (age(answer.texts, answer.as_read), answer.own)))
    return _page(
        _table(titles, cells, looks),
        _counted(len(answer), "row", ".to_dataframe() or .to_csv()", known and f", {known}"),
        *(f'<p class="aside">{escape(note)}</p>' for note in answer.notes),
    )


@html.register
def _triples(answer: Triples) -> str:
    """Return the first triples, by subject, as a table, and how many there are."""
    rows: list[list[str]] = []
    last: Term = None
    for subject, predicate, object_ in sorted(answer, key=lambda triple: tuple(map(str, triple)))[:SHOWN]:
        rows.append(["" if subject == last else _term(subject), _term(predicate), _term(object_, language=True)])
        last = subject
    return _page(_table(("subject", "predicate", "object"), rows), _counted(len(answer), "triple", ".to_turtle()", ""))


@html.register
def _explanation(told: Explanation) -> str:
    """Return an explanation: type by type, pattern by pattern, fact by fact, each with its page."""
    parts = [f"<p><b>{escape(told.name)}</b> {_term(told.destination)}</p>", *map(_type, told.types)]
    if told.note:
        parts.append(f"<p>note: {escape(told.note)}</p>")
    return _page(*parts)


@html.register
def _description(thing: Description) -> str:
    """Return a description, one property a row."""
    facts = [[escape(name), "<br>".join(map(_text, values))] for name, values in thing.facts]
    mentions = [
        [f"{escape(name)} of {len(values)}", _text("; ".join(values[:SHOWN]))] for name, values in thing.mentions
    ]
    return _page(
        f"<p><b>{escape(thing.name)}</b> {_term(thing.iri)}</p>", _table(("property", "value"), facts + mentions)
    )


@html.register
def _questions(asked: Questions) -> str:
    """Return the questions by topic, with what each takes."""
    rows = [
        [escape(question.topic), f"<code>{escape(question.name)}</code>", _takes(question), escape(question.summary)]
        for question in sorted(asked.values(), key=lambda question: (question.topic, question.name))
    ]
    return _page(_table(("topic", "question", "takes", "answers"), rows), _counted(len(asked), "question", "", ""))


@html.register
def _question(asked: Question) -> str:
    """Return what one question takes and gives."""
    takes = [
        [f"<code>{escape(p.name)}</code>", escape(p.takes), "yes" if p.required else "no", escape(p.description),
         f"<code>{escape(p.example)}</code>"]
        for p in asked.parameters
    ]  # fmt: skip
    gives = [[f"<code>{escape(name)}</code>", escape(text)] for name, text in asked.columns.items()]
    return _page(
        f"<p><b>{escape(asked.name)}</b>: {escape(asked.summary)}</p><p>{escape(asked.description)}</p>",
        _table(("parameter", "kind", "required", "what it is", "example"), takes) if takes else "",
        _table(("column", "what it holds"), gives),
    )


def _page(*parts: str) -> str:
    return f'{_STYLE}<div class="destgraph">{"".join(parts)}</div>'


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], looks: Iterable[str] = ()) -> str:
    """Return a table of cells that are HTML already; `looks` are the attributes of each column's cells."""
    head = [*head]
    looks = [*looks] or [""] * len(head)
    top = "".join(f"<th{look}>{escape(name)}</th>" for name, look in zip(head, looks, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{look}>{cell}</td>" for cell, look in zip(row, looks, strict=True)) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _counted(number: int, thing: str, rest: str, known: str) -> str:
    shown = count(number, thing) if number <= SHOWN else f"first {SHOWN} of {count(number, thing)}"
    more = f"; all of them: <code>{rest}</code>" if number > SHOWN and rest else ""
    return f'<p class="aside">{shown}{escape(known)}{more}</p>'


def _takes(asked: Question) -> str:
    names = (f"{p.name}=" if p.required else f"[{p.name}=]" for p in asked.parameters)
    return " ".join(f"<code>{escape(name)}</code>" for name in names)


def _type(reading: TypeReading) -> str:
    parts = [f"<p><b>{escape(reading.label)}</b>: {reading.basis}</p><ul>"]
    if reading.documented:
        parts.append(f"<li>documented{_evidence(reading.evidence)}</li>")
    if reading.disjoint:
        parts.append(f"<li>excluded: it is of type {escape(reading.disjoint)}, and nothing is both</li>")
    for pattern in reading.readings:
        holds = "holds" if pattern.holds else "does not hold"
        findings = "".join(map(_condition, pattern.findings))
        parts.append(f"<li>{_term(pattern.pattern)} {holds}<ul>{findings}</ul></li>")
    if reading.above and reading.holds:
        parts.append(f"<li>and so: {escape(', '.join(reading.above))}</li>")
    return "".join([*parts, "</ul>"])


def _condition(finding: ConditionReading) -> str:
    state = finding.state
    reason = "" if state == "holds" else f" ({escape(finding.reason)})"
    mark = f'<span class="state {state.replace(" ", "-")}">{_MARKS[state]} {state}</span>'
    return f"<li>{mark} {escape(finding.label)}{reason}{_evidence(finding.evidence)}</li>"


def _evidence(evidence: Evidence) -> str:
    pages = " ".join(_link(page, _last(page)) for page in evidence.pages)
    return f' <div class="aside">{escape(evidence.section)} {pages}</div>'


def _cell(term: Term, column: str) -> str:
    text = shown(term, column)
    if isinstance(term, NamedNode):
        return _link(term.value, text)
    if isinstance(term, Literal) and _ADDRESSES.fullmatch(text):
        addresses = text.split("; ")
        return "; ".join(map(_link, addresses, address_names(addresses)))
    return f"<code>{escape(text)}</code>" if column == COPIED else _term(term)


def _term(term: Term, language: bool = False) -> str:
    text = readable(term)
    if isinstance(term, NamedNode):
        return _link(term.value, text)
    if isinstance(term, Literal) and term.language and language:
        return f'{_text(text)} <span class="aside">{escape(term.language)}</span>'
    return _text(text)


def _text(text: str) -> str:
    """Return a text; one with a word too long for a column, such as a digest, may be broken anywhere."""
    if any(len(word) > _WORD for word in re.split(r"[\s-]", text)):
        return f'<span class="long">{escape(text)}</span>'
    return escape(text)


def _last(address: str) -> str:
    """Return the last part of an address, to tell pages apart in little room."""
    return address.rstrip("/").rpartition("/")[2]


def _link(address: str, text: str) -> str:
    if not address.startswith(("http://", "https://")):
        return _text(text)
    return f'<a href="{escape(address)}" title="{escape(address)}" target="_blank" rel="noopener">{_text(text)}</a>'
