"""The pages of the rules that `destgraph validate` applies: what each finds, what to do, and examples."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from destgraph import validation
from destgraph.site.frame import View
from destgraph.validation.findings import Rule
from destgraph.vocabulary import PREFIXES


def rules(view: View) -> bytes:
    """Return the page of the rules that are no shapes, each under its id."""
    lead = "What destgraph validate finds beside what the shapes ask for: by rules in SPARQL, and in files as such."
    return _page(view, "Rules", lead, lambda rule: not _is_shape(rule))


def shapes(view: View) -> bytes:
    """Return the page of the shapes, each under its name."""
    lead = "The SHACL shapes of the graph: what each asks for, why, and what to do about a finding."
    return _page(view, "Shapes", lead, _is_shape)


def _page(view: View, title: str, lead: str, wanted: Callable[[Rule], bool]) -> bytes:
    found = [rule for rule in _rules(view.model.graph.root) if wanted(rule)]
    return view.render("rules.html", title, rules=found, lead=lead)


def _is_shape(rule: Rule) -> bool:
    return rule.help.startswith(PREFIXES["shapes"])


@lru_cache(maxsize=1)
def _rules(root: Path) -> tuple[Rule, ...]:
    return validation.rules(root=root)
