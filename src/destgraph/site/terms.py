"""The page about the ontology: each class and property under its fragment, as a documentation of terms gives them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from destgraph.catalog.classification import Pattern, patterns
from destgraph.site import places
from destgraph.site.frame import View
from destgraph.site.model import Model
from destgraph.vocabulary import BASE, PREFIXES, TYPE, iri

ONTOLOGY = NamedNode(f"{BASE}ontology")
_KINDS = {
    "Object properties": "owl:ObjectProperty",
    "Datatype properties": "owl:DatatypeProperty",
    "Annotation properties": "owl:AnnotationProperty",
}
_REFERENCES = {
    "Below": "rdfs:subClassOf",
    "Part of": "rdfs:subPropertyOf",
    "Of": "rdfs:domain",
    "Values": "rdfs:range",
    "Values from": "dg:valueScheme",
    "Applies to": "dg:appliesTo",
    "Disjoint with": "owl:disjointWith",
    "Never both with": "owl:propertyDisjointWith",
    "Evidence for": "dg:evidenceFor",
}


@dataclass(frozen=True)
class Term:
    """A class or property: what it refers to, what refers to it, how often it is used, and an example of its use."""

    iri: NamedNode
    anchor: str
    references: dict[str, list[Any]]
    used: int
    example: tuple[Any, Any] | None = None
    pattern: tuple[Pattern, ...] = ()


@dataclass(frozen=True)
class Branch:
    """A class in the hierarchy, with those below it."""

    iri: NamedNode
    below: tuple["Branch", ...]


def ontology(view: View) -> bytes:
    """Return the page about the ontology."""
    model = view.model
    counted = _counts(model)
    found = [_term(model, term, counted) for term in model.terms]
    own = [term for term in found if term.iri.value.startswith(PREFIXES["dg"])]
    groups = {"Classes": [term for term in own if iri("owl:Class") in model.values(term.iri, "rdf:type")]}
    for title, kind in _KINDS.items():
        groups[title] = [term for term in own if iri(kind) in model.values(term.iri, "rdf:type")]
    return view.render(
        "ontology.html",
        model.text(ONTOLOGY, "dcterms:title") or "Ontology",
        about=ONTOLOGY,
        header=(
            "owl:versionInfo",
            "owl:versionIRI",
            "dcterms:license",
            "dcterms:creator",
            "dcterms:modified",
            "dcterms:bibliographicCitation",
        ),
        groups=groups,
        others=[term for term in found if term not in own],
        tree=_branches(model, own),
    )


def _counts(model: Model) -> Counter[Any]:
    """Return how often each property is used, and how many instances each class has."""
    counts: Counter[Any] = Counter()
    for block in model.blocks.values():
        for property_, values in block.items():
            counts[property_] += len(values)
        counts.update(block.get(TYPE, ()))
    return counts


def _term(model: Model, term: NamedNode, counted: Counter[Any]) -> Term:
    references = {
        title: [value for value in values if isinstance(value, NamedNode)]
        for title, name in _REFERENCES.items()
        if (values := model.values(term, name))
    }
    references["Above"] = [s for p, s in model.mentions.get(term, ()) if p == iri("rdfs:subClassOf")]
    references["Properties"] = [s for p, s in model.mentions.get(term, ()) if p == iri("rdfs:domain")]
    return Term(
        term,
        places.anchor(term.value),
        {title: values for title, values in references.items() if values},
        counted[term],
        _example(model, term),
        tuple(pattern for pattern in patterns(model.select) if pattern.name == term),
    )


def _example(model: Model, property_: NamedNode) -> tuple[Any, Any] | None:
    """Return the first statement with a property, if it is one, for an example."""
    for subject in (*model.destinations, *model.blocks):
        if isinstance(subject, NamedNode) and (values := model.blocks[subject].get(property_)):
            return subject, values[0]
    return None


def _branches(model: Model, own: list[Term]) -> list[Branch]:
    """Return the classes as a tree, from those that have none above."""
    classes = [term.iri for term in own if iri("owl:Class") in model.values(term.iri, "rdf:type")]
    every = {*classes}

    def branch(class_: NamedNode, over: frozenset[NamedNode]) -> Branch:
        below = [c for c in classes if class_ in model.values(c, "rdfs:subClassOf") and c not in over]
        return Branch(class_, tuple(branch(c, over | {c}) for c in below))

    return [branch(c, frozenset([c])) for c in classes if not every & {*model.values(c, "rdfs:subClassOf")}]
