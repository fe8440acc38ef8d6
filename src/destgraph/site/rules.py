"""The pages of the rules and shapes that `destgraph validate` applies: what each finds, what to do, and examples."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from destgraph import validation
from destgraph.export.rdf import turtle_text
from destgraph.export.selection import Block, group_by_subject
from destgraph.site import places
from destgraph.site.frame import View
from destgraph.site.model import Model
from destgraph.validation.findings import Rule
from destgraph.vocabulary import PREFIXES, local_name


@dataclass(frozen=True)
class Constraint:
    """A part of shapes that has a name of its own: the Turtle text of it, and the shapes that have it."""

    name: str
    shapes: tuple[str, ...]
    text: str


def by_stem(root: Path) -> dict[str, Rule]:
    """Return the rules and the shapes of the graph in a folder by the path, without suffix, of their pages."""
    return {places.rule(rule.help): rule for rule in validation.rules(root=root)}


def rule(view: View, about: Rule) -> bytes:
    """Return the page of a rule or a shape."""
    place = places.other(about.help)
    lists = "Shapes" if place.startswith("shapes.") else "Rules"
    return view.render("rule.html", about.id, rule=about, list=place, lists=lists)


def rules(view: View, found: Mapping[str, Rule]) -> bytes:
    """Return the page of the rules that are no shapes, each under its id."""
    lead = "What destgraph validate finds beside what the shapes ask for: by rules in SPARQL, and in files as such."
    listed = {stem: rule for stem, rule in found.items() if not _is_shape(rule)}
    return view.render("rules.html", "Rules", rules=listed, lead=lead, constraints=[])


def shapes(view: View, found: Mapping[str, Rule]) -> bytes:
    """Return the page of the shapes, each under its name."""
    lead = "The SHACL shapes of the graph: what each asks for, why, and what to do about a finding."
    listed = {stem: rule for stem, rule in found.items() if _is_shape(rule)}
    others = [*_constraints(view.model, {rule.help for rule in listed.values()})]
    return view.render("rules.html", "Shapes", rules=listed, lead=lead, constraints=others)


def _constraints(model: Model, told: Set[str]) -> Iterator[Constraint]:
    """Yield what the files of shapes describe beside the shapes."""
    blocks = group_by_subject(model.selection.triples("shapes"))
    for subject in blocks:
        if isinstance(subject, NamedNode) and "#" in subject.value and subject.value not in told:
            of = [s.value for s, block in blocks.items() if isinstance(s, NamedNode) and _has(block, subject)]
            text = turtle_text(Triple(subject, p, value) for p, values in blocks[subject].items() for value in values)
            yield Constraint(local_name(subject.value), tuple(local_name(iri) for iri in of if "#" in iri), text)


def _has(block: Block, value: NamedNode) -> bool:
    return any(value in values for values in block.values())


def _is_shape(rule: Rule) -> bool:
    return rule.help.startswith(PREFIXES["shapes"])
