"""The register of the rules of this program; each is written down where it is applied."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from destgraph.validation.findings import Fix, Outcome, Place, Problem, Rule, Severity
from destgraph.vocabulary import BASE

if TYPE_CHECKING:
    from rdflib.term import Node

    from destgraph.validation.reading import Files

HELP = f"{BASE}rules#"
"""The page that describes the rules; the id of a rule follows."""


class Looked(NamedTuple):
    """How many things a rule looked at, and what it found in them."""

    number: int
    problems: list[Problem]


class Find(Protocol):
    """The function of a rule about files."""

    def __call__(self, files: "Files", /) -> Looked:
        """Look at the files."""


@dataclass(frozen=True)
class BuiltIn:
    """A rule of this program. `find` looks at the files that were read; without it a step of the engine applies it.

    `own` tells that it applies to a graph of destgraph only, `whole` that all files must have been read for it.
    """

    rule: Rule
    find: Find | None = None
    own: bool = False
    whole: bool = False

    @property
    def id(self) -> str:
        """The id of the rule."""
        return self.rule.id

    def problem(
        self,
        message: str,
        place: Place,
        entity: "Node | None" = None,
        property_: "Node | None" = None,
        value: "Node | None" = None,
        *,
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Problem:
        """Return what the rule found."""
        return Problem(self.rule.id, entity, property_, value, message, place, fix, severity=severity)

    def applies(self, files: "Files") -> bool:
        """Tell whether the rule can look at these files by itself."""
        return self.find is not None and (files.own or not self.own) and not (self.whole and files.broken)

    def outcome(self, files: "Files") -> Outcome:
        """Look at the files."""
        if self.find is None:
            raise TypeError(f"{self.rule.id} is applied by a step of the engine")
        looked = self.find(files)
        return Outcome(looked.problems, {self.rule.id: looked.number})


_REGISTER: dict[str, BuiltIn] = {}


def registered() -> Mapping[str, BuiltIn]:
    """Return the rules of the modules that are imported, by id, in the order in which they are written down."""
    return _REGISTER


def step_rule(
    id_: str, *, severity: Severity, problem: str, solution: str, source: str, bad: str, good: str
) -> BuiltIn:
    """Register a rule that a step of the engine applies."""
    return _register(BuiltIn(_rule(id_, severity, problem, solution, source, bad, good)))


def file_rule(
    id_: str,
    *,
    severity: Severity,
    problem: str,
    solution: str,
    source: str,
    bad: str,
    good: str,
    own: bool = False,
    whole: bool = False,
) -> Callable[[Find], BuiltIn]:
    """Register the function below as a rule about files; see `BuiltIn`."""

    def register(find: Find) -> BuiltIn:
        return _register(BuiltIn(_rule(id_, severity, problem, solution, source, bad, good), find, own, whole))

    return register


def _rule(id_: str, severity: Severity, problem: str, solution: str, source: str, bad: str, good: str) -> Rule:
    return Rule(id_, severity, problem, solution, source, query="", help=HELP + id_, bad=bad, good=good)


def _register(rule: BuiltIn) -> BuiltIn:
    _REGISTER[rule.id] = rule
    return rule
