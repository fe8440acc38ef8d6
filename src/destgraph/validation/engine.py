"""The order of the steps of a validation, and the report that comes of them."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rdflib import Graph
from rdflib.term import Node

from destgraph.errors import InputError
from destgraph.validation import (
    file_rules,
    inferring,
    pyshacl_adapter,
    queries,
    query_rules,
    question_files,
    reading,
    rule_files,
    shapes,
    steps,
    verdict,
)
from destgraph.validation.arguments import STORE
from destgraph.validation.built_in import registered
from destgraph.validation.data_graph import DataGraph
from destgraph.validation.documents import Document
from destgraph.validation.findings import Outcome, Place, Report, Rule
from destgraph.validation.places import Places
from destgraph.validation.reading import Files
from destgraph.validation.rule_files import RuleFile
from destgraph.validation.scope import Scope
from destgraph.validation.steps import Step, Watch
from destgraph.validation.triples import empty_graph
from destgraph.validation.unread import Unread
from destgraph.wording import suggestion

# The modules in which rules are written down.
_WRITTEN_DOWN = (reading, query_rules, file_rules, inferring, shapes, rule_files, question_files, steps)


def run(
    scope: Scope,
    wanted: Collection[str] = (),
    engine: str = STORE,
    watch: Watch = Watch(),  # noqa: B008 - it has no state
) -> Report:
    """Validate the files in a scope; the report has the findings of the rules in `wanted`, or of all.

    `watch` is told each step, and says which to leave out. Raises InputError for a rule that does not exist.
    """
    with _quiet():
        data = DataGraph()
        files, outcome = reading.read(scope, data, empty_graph(), watch)
        own_rules, profile, read = rule_files.read(scope, watch)
        outcome.add(read)
        watch.begin(Step("reading shapes"))
        shape_ids = shapes.ids(files.shapes_graph, {*registered(), *(rule.id for rule in own_rules)})
        rules = _rules(scope, own_rules, files.shapes, files.shapes_graph, shape_ids)
        watch.all_read()
        _refuse_unknown(wanted, rules)
        places = Places(files.turtle, Place(scope.name(next(scope.files, scope.base))))

        unread = Unread([], data)

        def report(outcome: Outcome) -> Report:
            return verdict.report(scope, files, unread, outcome, rules, places, frozenset(wanted), profile)

        watch.tell(report(outcome))
        files.examined.extend(queries.examine(files))
        if files.broken and watch.take(Step("looking through what could not be read")):
            unread = Unread(files.broken, data)
        for step in _steps(files, data, places, own_rules, shape_ids, frozenset(wanted), engine):
            outcome.add(step)
            if step.problems:
                watch.tell(report(step))
        watch.begin(Step("putting findings in order"))
        return report(outcome)


def _steps(
    files: Files,
    data: DataGraph,
    places: Places,
    own_rules: Sequence[RuleFile],
    shape_ids: Mapping[Node, str],
    wanted: Collection[str],
    engine: str,
) -> Iterator[Outcome]:
    """Yield what each step after the reading gives."""
    for rule in registered().values():
        if (
            _is_wanted({rule.id}, wanted)
            and rule.applies(files)
            and files.watch.take(Step("checking files", None, rule.id))
        ):
            yield rule.outcome(files)
    applies_shapes = _is_wanted({*shape_ids.values(), *(rule.id for rule in shapes.RULES)}, wanted)
    infers = applies_shapes or _is_wanted({inferring.PATTERN_NOT_USABLE.id}, wanted)
    if infers and files.watch.take(Step("inferring types")):
        yield inferring.infer(files, data, places)
    if applies_shapes:
        yield shapes.apply(files, data, places, shape_ids, engine, wanted)
    about_all = _is_wanted({rule.id for rule in rule_files.RULES}, wanted)
    if asked := [rule for rule in own_rules if about_all or rule.id in wanted]:
        yield from rule_files.apply(asked, files, places)


def rules(scope: Scope, watch: Watch = Watch()) -> tuple[Rule, ...]:  # noqa: B008 - it has no state
    """Return the rules that apply in a scope, by id, without running them."""
    with _quiet():
        own_rules, _, _ = rule_files.read(scope, watch)
        graph = empty_graph()
        documents = reading.read_shapes(scope, graph, watch)
        watch.begin(Step("reading shapes"))
        shape_ids = shapes.ids(graph, {*registered(), *(rule.id for rule in own_rules)})
        listed = _rules(scope, own_rules, documents, graph, shape_ids)
        watch.all_read()
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
    return not wanted or not {*wanted, *verdict.SYNTAX}.isdisjoint(rules)


def warm_up() -> None:
    """Import what rdflib and pySHACL import when they first need it: when files are locked away, they cannot."""
    pyshacl_adapter.warm_up()
