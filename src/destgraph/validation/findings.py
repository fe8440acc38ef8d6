"""Findings: what is wrong, where it stands, and what to do about it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from pyoxigraph import BlankNode, NamedNode, Triple

from destgraph.results import Term

if TYPE_CHECKING:
    from rdflib.term import Node

Severity = Literal["error", "warning", "note"]

RELATIVE = "relative://document/"
"""What relative IRIs are resolved against, so that they can be told from others."""

SEVERITIES: Sequence[Severity] = ("error", "warning", "note")
"""Worst first."""


@dataclass(frozen=True, order=True)
class Place:
    """A stretch of a file: lines and columns count from 1, columns are Unicode characters, the end is exclusive.

    `file` is the path as a reader would type it, with forward slashes. Line and column are 0 where a finding is
    about a file as a whole.
    """

    file: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0


@dataclass(frozen=True)
class Fix:
    """A correction: `text` in place of what stands at `place`; `meant` is the term, where that is a name.

    It is `mechanical` unless it changes what statements say that are well-formed as they are.
    """

    place: Place
    text: str
    description: str
    meant: str = ""
    mechanical: bool = True


@dataclass(frozen=True)
class Rule:
    """A rule: a shape, a query of `queries/rules`, or a rule of this program about the files themselves.

    `problem` says what is wrong when it fires, `solution` what to do, `source` where the rule comes from; `query`
    is its SPARQL or Turtle text where it has one. `help` is a link to its description. `looked_at` counts the nodes,
    literals or files that it looked at; None where it did not run. `bad` is an example in which it fires, `good` the
    same put right; in those of a rule about several files a comment names each file.
    """

    id: str
    severity: Severity
    problem: str
    solution: str
    source: str
    query: str
    help: str
    looked_at: int | None = None
    bad: str = ""
    good: str = ""


class Problem(NamedTuple):
    """What a rule found, of whatever kind it is: terms that are not yet written out, and a place.

    `path` is the property path where the property is no single one, as text; `shape`, `component`, `result_path` and
    `own_severity` (one that SHACL does not know) are nodes of the shapes graph, of what shapes found. Without
    `severity` and `help` those of the rule count. `times` tells how many results of shapes look like this one.
    """

    rule: str
    entity: "Node | None"
    property: "Node | None"
    value: "Node | None"
    message: str
    place: Place
    fix: Fix | None = None
    path: str = ""
    severity: Severity | None = None
    help: str | None = None
    times: int = 1
    shape: "Node | None" = None
    component: "Node | None" = None
    result_path: "Node | None" = None
    own_severity: "Node | None" = None


@dataclass
class Outcome:
    """What a step of a validation gave: problems, and how much each rule that ran looked at."""

    problems: list[Problem] = field(default_factory=list)
    looked_at: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Outcome") -> None:
        """Take over what another step gave."""
        self.problems += other.problems
        self.looked_at |= other.looked_at


@dataclass(frozen=True)
class Terms:
    """What a finding is about, as the terms of a SHACL validation result, which have its names.

    `path` is a blank node where it is no single property, `shape` and `component` are there for what shapes found, and
    `severity` where a shape has one that SHACL does not know. `described` says what the blank nodes among `path` and
    `shape` are.
    """

    focus: Term = None
    path: NamedNode | BlankNode | None = None
    value: Term = None
    shape: NamedNode | BlankNode | None = None
    component: NamedNode | None = None
    severity: NamedNode | None = None
    described: tuple[Triple, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    `entity`, `property` and `value` are terms as Turtle writes them, with the prefixes of the table and the files, or
    empty; `terms` are the terms themselves. `times` tells how many results of shapes look like this one.
    `missing` is what is not stated, where that is the fault, and `suggestion` Turtle to add. `also` are the rules that
    see the same fault and are silent, `elsewhere` the other places with the same value.
    `fingerprint` is the same for the same fault in another revision, whatever moved around it.
    """

    rule: str
    severity: Severity
    entity: str
    property: str
    value: str
    message: str
    place: Place
    help: str
    fix: Fix | None = None
    times: int = 1
    terms: Terms = Terms()
    missing: tuple[str, ...] = ()
    suggestion: str = ""
    also: tuple[str, ...] = ()
    elsewhere: tuple[Place, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """A hash of rule, entity, property and value; of the file and the message where there is no entity."""
        parts = (self.entity, self.property, self.value) if self.entity else (self.place.file, self.message)
        return hashlib.sha256("\n".join((self.rule, *parts)).encode()).hexdigest()[:32]


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings as a report has them: by file, line and column."""
    return tuple(sorted(findings, key=lambda finding: (finding.place, finding.rule, finding.property, finding.value)))


@dataclass(frozen=True)
class Report:
    """What a validation gave: `findings` ordered by file, line and column; `rules` that were checked, by id.

    `scope` says in one line what was validated. `unreadable` tells whether an input could not be read or parsed, so
    that other findings may be missing; `unfinished` whether something did not come to its end. `prefixes` are those of
    the files that terms are written with, beside the table. `held_back` counts the findings that are left out, as an
    input that could not be read may settle them. `digests` are the SHA-256 digests of files for which there are
    corrections.
    """

    scope: str
    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    unreadable: bool = False
    prefixes: Mapping[str, str] = field(default_factory=dict)
    held_back: int = 0
    unfinished: bool = False
    digests: Mapping[str, str] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """Return how many findings have this severity."""
        return sum(finding.severity == severity for finding in self.findings)
