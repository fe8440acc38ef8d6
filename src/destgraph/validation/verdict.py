"""From what the steps found to the findings of a report: terms written out, and what is not reported left out."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import cast

from pyoxigraph import BlankNode, NamedNode, Triple
from rdflib import SH, BNode, Graph
from rdflib.term import Node

from destgraph.results import Term
from destgraph.validation import query_rules, reading, rule_files, shapes
from destgraph.validation.findings import Finding, Outcome, Problem, Report, Rule, Severity, Terms, in_order
from destgraph.validation.places import Places
from destgraph.validation.reading import Files
from destgraph.validation.rule_files import NEVER, Profile
from destgraph.validation.scope import Scope
from destgraph.validation.terms import stored
from destgraph.validation.unread import Unread
from destgraph.vocabulary import iri

SYNTAX = {reading.TURTLE_SYNTAX.id, reading.FILE_REFUSED.id, query_rules.query_syntax.id}
"""What is found whatever rules are asked for: without them nothing else would be certain."""

# What tells that shapes, of which only those asked for are looked at, or rules of files were not applied.
_ABOUT_SHAPES = {shapes.NOT_USABLE.id, shapes.NOT_APPLIED.id, shapes.WITHOUT_FOCUS_NODES.id}
_ABOUT_RULES = {rule.id for rule in rule_files.RULES}

# Of what is stated, too little is as it should be, such as a text in English.
_TOO_FEW = iri("sh:QualifiedMinCountConstraintComponent")


def report(
    scope: Scope,
    files: Files,
    unread: Unread,
    outcome: Outcome,
    rules: Mapping[str, Rule],
    places: Places,
    wanted: frozenset[str],
    profile: Profile,
) -> Report:
    """Return the report: findings in the order of files and lines, and the rules with what they looked at."""
    writer = _Writer(rules, places, files.shapes_graph, {})
    written = (_weighed(writer.finding(problem), scope, profile) for problem in outcome.problems)
    findings = dict.fromkeys(finding for finding in written if finding is not None)
    meant = [
        finding
        for finding in findings
        if finding.rule in SYNTAX or (_is_asked_for(finding, wanted) and scope.reports(finding.place))
    ]
    kept = [finding for finding in meant if finding.rule in SYNTAX or not unread.may_settle(finding)]
    listed = [rules[id_] for id_ in sorted(rules) if not wanted or id_ in wanted]
    return Report(
        scope.description,
        in_order(kept),
        tuple(replace(rule, looked_at=outcome.looked_at.get(rule.id)) for rule in listed),
        unreadable=bool(files.broken),
        prefixes=places.names.declared,
        held_back=len(meant) - len(kept),
        digests=_digests(kept, files),
    )


def _is_asked_for(finding: Finding, wanted: Set[str]) -> bool:
    """Tell whether a finding is one of the rules asked for, or tells that one of them was not applied."""
    if not wanted or finding.rule in wanted:
        return True
    if finding.rule in _ABOUT_RULES:
        return PurePath(finding.place.file).parent.name in wanted
    return finding.rule in _ABOUT_SHAPES and finding.severity != "note"


def _digests(findings: Iterable[Finding], files: Files) -> dict[str, str]:
    """Return the digests of the files that findings have corrections for."""
    corrected = {finding.fix.place.file for finding in findings if finding.fix}
    return {document.file: document.digest for document in files.documents if document.file in corrected}


def _weighed(finding: Finding, scope: Scope, profile: Profile) -> Finding | None:
    """Return a finding with its weight in own data, where what is not stated is a note; None where it has none."""
    if not scope.is_own_data(finding.place):
        return finding
    weight = profile.own.get(finding.rule)
    if weight is None and (finding.missing or finding.terms.component == _TOO_FEW):
        weight = "note"
    if weight == NEVER:
        return None
    return replace(finding, severity=cast(Severity, weight)) if weight else finding


@dataclass(frozen=True)
class _Writer:
    """Writes problems out as findings; `described` holds what is known of the blank nodes of shapes."""

    rules: Mapping[str, Rule]
    places: Places
    shapes: Graph
    described: dict[Node, tuple[Triple, ...]]

    def finding(self, problem: Problem) -> Finding:
        """Return a problem with its terms written out, and what the rule says of it."""
        rule = self.rules.get(problem.rule)
        return Finding(
            rule=problem.rule,
            severity=problem.severity or (rule.severity if rule else "error"),
            entity=self.places.text(problem.entity),
            property=problem.path or self.places.text(problem.property),
            value=self.places.text(problem.value),
            message=problem.message,
            place=problem.place,
            help=problem.help if problem.help is not None else rule.help if rule else "",
            fix=problem.fix,
            times=problem.times,
            terms=self._terms(problem),
            missing=self._missing(problem),
        )

    def _missing(self, problem: Problem) -> tuple[str, ...]:
        """Return what is not stated, where that is the fault."""
        if problem.component == SH.MinCountConstraintComponent:
            return (problem.path or self.places.text(problem.property),)
        entity, property_ = problem.entity, problem.property
        if entity is None or property_ is None or problem.value not in (None, entity):  # node shapes give the entity
            return ()
        return () if self.places.statements(entity, property_) else (self.places.text(property_),)

    def _terms(self, problem: Problem) -> Terms:
        blank = [node for node in (problem.result_path, problem.shape) if isinstance(node, BNode)]
        return Terms(
            focus=_term(problem.entity),
            path=_named(problem.result_path or problem.property),
            value=_term(problem.value),
            shape=_named(problem.shape),
            component=_iri(problem.component),
            severity=_iri(problem.own_severity),
            described=tuple(dict.fromkeys(triple for node in blank for triple in self._description(node))),
        )

    def _description(self, node: Node) -> tuple[Triple, ...]:
        """Return what the shapes say of a blank node, and of those that it leads to."""
        if node not in self.described:
            waiting, seen = [node], {node}
            triples = []
            for blank in waiting:  # grows on the way
                for predicate, value in sorted(self.shapes.predicate_objects(blank)):
                    triples.append(Triple(*map(_term, (blank, predicate, value))))  # type: ignore[arg-type]
                    if isinstance(value, BNode) and value not in seen:
                        seen.add(value)
                        waiting.append(value)
            self.described[node] = tuple(triples)
        return self.described[node]


def _term(node: Node | None) -> Term:
    """Return a term, or None for what is none in RDF, such as an IRI with a blank that a query made."""
    try:
        return None if node is None else stored(node)
    except ValueError:
        return None


def _named(node: Node | None) -> NamedNode | BlankNode | None:
    term = _term(node)
    return term if isinstance(term, NamedNode | BlankNode) else None


def _iri(node: Node | None) -> NamedNode | None:
    term = _term(node)
    return term if isinstance(term, NamedNode) else None
