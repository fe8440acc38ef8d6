"""The order of the steps of a validation, and the report that comes of them."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from rdflib import Graph
from rdflib.term import Node

from destgraph.errors import InputError
from destgraph.validation import (
    file_rules,
    inferring,
    query_rules,
    question_files,
    reading,
    rule_files,
    shapes,
    verdict,
)
from destgraph.validation.built_in import BuiltIn, registered
from destgraph.validation.documents import Document
from destgraph.validation.findings import Outcome, Place, Problem, Report, Rule
from destgraph.validation.places import Places
from destgraph.validation.pyshacl_adapter import DataGraph
from destgraph.validation.reading import Files
from destgraph.validation.rule_files import RuleFile
from destgraph.validation.scope import Scope
from destgraph.wording import suggestion

Progress = Callable[[str], None]

# The modules in which rules are written down.
_WRITTEN_DOWN = (reading, query_rules, file_rules, inferring, shapes, rule_files, question_files)
_UNSAFE = {query_rules.query_syntax.id, query_rules.query_reaches_out.id}


def run(scope: Scope, wanted: Collection[str] = (), progress: Progress = lambda _: None) -> Report:
    """Validate the files in a scope; the report has the findings of the rules in `wanted`, or of all.

    Raises InputError for a rule that does not exist.
    """
    with _quiet():
        progress("reading files")
        data = DataGraph()
        files, outcome = reading.read(scope, data, _empty())
        own_rules, profile, read = rule_files.read(scope)
        outcome.add(read)
        shape_ids = shapes.ids(files.shapes_graph, {rule.id for rule in own_rules})
        rules = _rules(scope, own_rules, files.shapes, files.shapes_graph, shape_ids)
        _refuse_unknown(wanted, rules)

        progress("checking files")
        outcome.add(_apply([query_rules.query_syntax], files))
        files = _with_broken_queries(files, outcome.problems)
        outcome.add(_apply([rule for rule in registered().values() if rule is not query_rules.query_syntax], files))

        places = Places(files.turtle, Place(scope.name(next(scope.files))))
        unsafe = [problem for problem in outcome.problems if problem.rule in _UNSAFE]
        outcome.add(inferring.infer(files, data, places))
        if _is_wanted({*shape_ids.values(), *(rule.id for rule in shapes.RULES)}, wanted):
            progress("applying shapes")
            queries = [problem.entity for problem in unsafe if problem.entity is not None]
            outcome.add(shapes.apply(files, data, scope, places, shape_ids, queries))
        if own_rules and _is_wanted(
            {*(rule.id for rule in own_rules), *(rule.id for rule in rule_files.RULES)}, wanted
        ):
            progress("applying rules")
            outcome.add(rule_files.apply(own_rules, files, places, {problem.place.file for problem in unsafe}))
        return verdict.report(scope, files, outcome, rules, places, frozenset(wanted), profile)


def rules(scope: Scope) -> tuple[Rule, ...]:
    """Return the rules that apply in a scope, by id, without running them."""
    with _quiet():
        own_rules, _, _ = rule_files.read(scope)
        graph = _empty()
        documents = reading.read_shapes(scope, graph)
        shape_ids = shapes.ids(graph, {rule.id for rule in own_rules})
        listed = _rules(scope, own_rules, documents, graph, shape_ids)
        return tuple(listed[id_] for id_ in sorted(listed))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from logging ill-typed literals with a traceback; they are findings."""
    logger = logging.getLogger("rdflib.term")
    was_disabled = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = was_disabled


def _empty() -> Graph:
    return Graph(bind_namespaces="none")


def _rules(
    scope: Scope,
    own_rules: Iterable[RuleFile],
    documents: list[Document],
    graph: Graph,
    shape_ids: Mapping[Node, str],
) -> dict[str, Rule]:
    """Return all rules by id: those of this program, those in files, and the shapes."""
    listed = [rule.rule for rule in registered().values()]
    listed += [rule.rule for rule in own_rules]
    listed += shapes.rules(documents, graph, shape_ids, scope.examples)
    return {rule.id: rule for rule in listed}


def _refuse_unknown(wanted: Collection[str], rules: Collection[str]) -> None:
    for rule in sorted({*wanted} - {*rules}):
        raise InputError(f"no rule {rule!r}; {suggestion(rule, rules)}")


def _is_wanted(rules: Collection[str], wanted: Collection[str]) -> bool:
    return not wanted or not {*wanted}.isdisjoint(rules)


def _apply(rules: Iterable[BuiltIn], files: Files) -> Outcome:
    """Apply the rules about files that can look at them."""
    outcome = Outcome()
    for rule in rules:
        if rule.applies(files):
            outcome.add(rule.outcome(files))
    return outcome


def _with_broken_queries(files: Files, problems: Iterable[Problem]) -> Files:
    """Return the files, with the query files that are not well-formed among those that could not be read."""
    wrong = {problem.place.file for problem in problems if problem.rule == query_rules.query_syntax.id}
    return replace(files, broken=[*files.broken, *(query for query in files.queries if query.file in wrong)])
