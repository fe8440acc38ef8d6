"""Rules that are SPARQL queries: `queries/rules/RULE/rule.rq` with examples beside it, and how much each weighs."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from pyoxigraph import QuerySolutions
from rdflib import URIRef
from rdflib.term import Node

from destgraph import inputs, query_text
from destgraph.catalog import headers
from destgraph.errors import InputError
from destgraph.validation import queries
from destgraph.validation.built_in import HELP, step_rule
from destgraph.validation.findings import SEVERITIES, Fix, Outcome, Place, Problem, Rule, Severity
from destgraph.validation.fixes import own_term_like, renamed, without_blanks
from destgraph.validation.places import Places
from destgraph.validation.reading import Files
from destgraph.validation.scope import Scope
from destgraph.validation.steps import Step, Watch
from destgraph.validation.terms import iri_text

COLUMNS = ["entity", "property", "value"]
"""The columns of a rule."""

_FILE = "rule.rq"
_PROFILE = "profile.toml"
_NEEDED = ("summary", "problem", "solution", "source", "looks-at")
_OPTIONAL = ("checklist", "adapted", "may-look-at-nothing")

# Rules that find a name that nothing declares, and which part of the statement it is.
_UNDECLARED = {
    "undeclared_class": "value",
    "undeclared_path": "value",
    "undeclared_property": "property",
    "undescribed_reference": "value",
    "scheme_not_declared": "value",
}
_BAD = """\
# queries/rules/no_status/rule.rq
#+ summary: No status
#+ problem: Nobody knows whether it can be used.
#+ solution: Add dg:status.
#+ source: an example
#+ looks-at: "?entity a dg:Extension"
PREFIX dg: <https://w3id.org/destgraph/ontology#>
SELECT ?entity ?property ?value WHERE {
  ?entity a dg:Connection .
  BIND (dg:status AS ?property)
  FILTER NOT EXISTS { ?entity dg:status ?value }
}
"""
_GOOD = _BAD.replace('"?entity a dg:Extension"', '"?entity a dg:Connection"')

NOT_USABLE = step_rule(
    "rule_not_usable",
    severity="error",
    problem="A rule cannot be run.",
    solution="Correct its query, its header or its line in profile.toml.",
    source="destgraph, rules",
    bad=_GOOD.replace("SELECT ?entity ?property ?value", "SELECT ?entity"),
    good=_GOOD,
)
LOOKS_AT_NOTHING = step_rule(
    "rule_looks_at_nothing",
    severity="error",
    problem="A rule has nothing to look at, so it checks nothing.",
    solution="Correct the pattern in looks-at, or say in may-look-at-nothing why there is nothing yet.",
    source="destgraph, rules",
    bad=_BAD,
    good=_GOOD,
)
NEVER = "never"
"""The weight of a rule that does not apply."""

RULES = (NOT_USABLE, LOOKS_AT_NOTHING)
"""The rules of this step about rule files as such."""


@dataclass(frozen=True)
class RuleFile:
    """A rule file: `query` finds what is wrong, `looks_at` what it looks at; `idle` says why that may be nothing.

    `bad` and `good` are the examples beside it, as far as they are there.
    """

    id: str
    file: str
    severity: Severity
    summary: str
    problem: str
    solution: str
    source: str
    query: str
    looks_at: str
    idle: str
    bad: str
    good: str

    @property
    def rule(self) -> Rule:
        """What a report says of the rule."""
        problem = f"{self.summary}. {self.problem}"
        return Rule(
            id=self.id,
            severity=self.severity,
            problem=problem,
            solution=self.solution,
            source=self.source,
            query=self.query,
            help=HELP + self.id,
            bad=self.bad,
            good=self.good,
        )


@dataclass(frozen=True)
class Profile:
    """How much rules weigh: those of rule files, and any in own data, where it differs."""

    severity: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)


class _WrongRuleError(Exception):
    """What is wrong with a rule file, with the line where that is known."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def read(scope: Scope, watch: Watch) -> tuple[list[RuleFile], Profile, Outcome]:
    """Read the rules of a scope, by id, with how much rules weigh, and tell what cannot be used."""
    outcome = Outcome()
    rules: list[RuleFile] = []
    folder = scope.rules
    profile = Profile()
    if folder is None or not folder.is_dir():
        return rules, profile, outcome
    try:
        if watch.take(Step("reading rules", Place(scope.name(folder / _PROFILE)))):
            profile = _profile(folder / _PROFILE, scope)
    except (ValueError, InputError) as error:
        place = Place(scope.name(folder / _PROFILE))
        outcome.problems.append(NOT_USABLE.problem(f"{error}; correct it", place))
    paths = [path for path in _paths(folder) if path not in scope.refused and path.parent not in scope.refused]
    for path in paths:
        if not watch.take(Step("reading rules", Place(scope.name(path)))):
            continue
        try:
            rules.append(_rule(path, scope, profile.severity))
        except _WrongRuleError as error:
            place = _line_of(path, scope.name(path), error.line)
            outcome.problems.append(NOT_USABLE.problem(str(error), place))
    outcome.looked_at[NOT_USABLE.id] = len(paths)
    return rules, profile, outcome


def apply(rules: Iterable[RuleFile], files: Files, places: Places) -> Iterator[Outcome]:
    """Yield what each rule finds, but for those that must not be run; the graphs stay as they are."""
    yield Outcome(looked_at={LOOKS_AT_NOTHING.id: 0})
    number = 0
    for rule in rules:
        if rule.file in files.unsafe or not files.watch.take(Step("applying rules", Place(rule.file), rule.id)):
            continue
        try:
            outcome = _applied(rule, files, places)
        except (SyntaxError, ValueError, OSError, RuntimeError) as error:
            message = f"{' '.join(str(error).split())}; correct the rule"
            yield Outcome([NOT_USABLE.problem(message, Place(rule.file))])
            continue
        number += 1
        yield Outcome(outcome.problems, outcome.looked_at | {LOOKS_AT_NOTHING.id: number})


def _applied(rule: RuleFile, files: Files, places: Places) -> Outcome:
    """Return what a rule finds; raises an error of the engine, or ValueError, when it cannot be run."""
    if fault := queries.fault(rule.looks_at):
        raise ValueError(f"looks-at: {fault}")
    found = [_problem(rule, row, files, places) for row in files.stored.rows(rule.query, COLUMNS)]
    ((nodes,),) = cast(QuerySolutions, files.stored.store.query(rule.looks_at))
    if not int(nodes.value) and not rule.idle and not files.broken:
        message = f"{rule.id} looks at nothing; correct looks-at, or say in may-look-at-nothing why"
        found.append(LOOKS_AT_NOTHING.problem(message, Place(rule.file)))
    return Outcome(found, {rule.id: int(nodes.value)})


def _paths(folder: Path) -> Iterator[Path]:
    """Yield the rule files, those that should be there included, and queries that stand where no rule is looked for."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield path / _FILE
        elif path.suffix == ".rq":
            yield path


def _profile(path: Path, scope: Scope) -> Profile:
    """Return what `profile.toml` says; raises ValueError when it cannot be read."""
    read = tomllib.loads(inputs.read_text(path)) if path.exists() and path not in scope.refused else {}
    tables = []
    for name in ("severity", "own"):
        table = read.get(name, {})
        if not isinstance(table, dict):
            raise ValueError(f"{name} is not a table; write [{name}] and below it a line for each rule")
        tables.append({rule: str(severity) for rule, severity in table.items()})
    for rule, severity in tables[1].items():
        if severity not in (*SEVERITIES, NEVER):
            raise ValueError(f"own gives {rule} the severity {severity}; use {', '.join(SEVERITIES)} or {NEVER}")
    return Profile(*tables)


def _rule(path: Path, scope: Scope, severities: Mapping[str, str]) -> RuleFile:
    """Read a rule file; raises _WrongRuleError for what its place, its header or the profile lacks."""
    if path.name != _FILE:
        raise _WrongRuleError(f"a rule stands in a folder with its name; move it to {path.stem}/{_FILE}")
    id_ = path.parent.name
    try:
        query = inputs.read_query(path)
        bad, good = (_example(path.with_name(name), scope) for name in ("bad.ttl", "good.ttl"))
    except InputError as error:
        raise _WrongRuleError(str(error).removeprefix(f"{path}: ")) from None
    header, faults = headers.read(query)
    faults += headers.wrong_fields(header, "the header", _NEEDED, _OPTIONAL, whole=not faults)
    if faults:
        raise _WrongRuleError(min(faults).message, min(faults).line)
    severity = severities.get(id_, "error")
    if severity not in SEVERITIES:
        raise _WrongRuleError(f"{_PROFILE} gives {id_} the severity {severity}; use {', '.join(SEVERITIES)}")
    texts = {name: field.text for name, field in header.fields.items()}
    looks_at = f"SELECT (COUNT(DISTINCT ?entity) AS ?nodes) WHERE {{ {texts['looks-at']} }}"
    return RuleFile(
        id=id_,
        file=scope.name(path),
        severity=cast(Severity, severity),
        summary=texts["summary"],
        problem=texts["problem"],
        solution=texts["solution"],
        source=texts["source"],
        query=query,
        looks_at=f"{query_text.prologue(query)} {looks_at}",
        idle=texts.get("may-look-at-nothing", ""),
        bad=bad,
        good=good,
    )


def _example(path: Path, scope: Scope) -> str:
    """Return the text of an example, nothing when there is none."""
    return inputs.read_text(path) if path.is_file() and path not in scope.refused else ""


def _line_of(path: Path, file: str, line: int) -> Place:
    """Return the place of a line of a file, or the file when it has no line."""
    if not line:
        return Place(file)
    length = len(inputs.read_query(path).split("\n")[line - 1])
    return Place(file, line, 1, line, length + 1)


def _problem(rule: RuleFile, row: tuple[Node | None, ...], files: Files, places: Places) -> Problem:
    """Return what a row of a rule says: the statement at fault, and how it may be put right."""
    entity, property_, value = row
    place = places.of_statement(entity, property_, value) or Place(rule.file)
    message = f"{rule.summary}. {rule.solution}"
    fix: Fix | None = None
    statement = None
    if entity is not None and property_ is not None and value is not None:
        statement = places.statement(entity, property_, value)
    if statement and rule.id in _UNDECLARED:
        about_property = _UNDECLARED[rule.id] == "property"
        span = statement.predicate if about_property else statement.object
        term = URIRef(str(property_ if about_property else value))
        place = statement.document.place(*span)
        if meant := own_term_like(term, files.described):
            message = f"{rule.summary}; did you mean {iri_text(meant)}?"
            fix = renamed(statement.document, span, term, meant)
    elif statement and rule.id == "stray_blanks":
        fix = without_blanks(statement)
    return Problem(rule.id, entity, property_, value, message, place, fix)
