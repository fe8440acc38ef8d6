"""The step that adds the types that follow from features, for the shapes that look at them."""

from rdflib import OWL, URIRef

from destgraph.catalog import classification
from destgraph.errors import InputError
from destgraph.validation.built_in import step_rule
from destgraph.validation.data_graph import DataGraph
from destgraph.validation.findings import Outcome
from destgraph.validation.places import Places
from destgraph.validation.reading import Files

_EXAMPLE = """\
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix type: <https://w3id.org/destgraph/type/> .

type:connection dg:describesClass dg:Connection .

dg:GeneralPattern a owl:Class ;
    owl:equivalentClass [ a owl:Restriction ; owl:onProperty dg:status ; owl:hasValue "ga" ] ;
    rdfs:subClassOf dg:Connection .
"""

PATTERN_NOT_USABLE = step_rule(
    "pattern_not_usable",
    severity="error",
    problem="A pattern of a destination type has a form that cannot be applied.",
    solution="Use owl:hasValue, joined by owl:intersectionOf, below one named class.",
    source="destgraph, patterns",
    bad=_EXAMPLE.replace('hasValue "ga"', "minCardinality 1"),
    good=_EXAMPLE,
)


def infer(files: Files, data: DataGraph, places: Places) -> Outcome:
    """Add what follows from the features in a graph of destinations to the data."""
    outcome = Outcome()
    if not files.own:
        return outcome
    outcome.looked_at[PATTERN_NOT_USABLE.id] = len({*data.subjects(OWL.equivalentClass)})
    try:
        found = classification.classify(data.read.store)
    except InputError as error:
        if not files.broken:
            outcome.problems.append(PATTERN_NOT_USABLE.problem(str(error), places.of()))
        return outcome
    data.extend([tuple(map(data.read.back, triple)) for triple in found.triples])  # type: ignore[misc]
    for unusable in [] if files.broken else found.unusable:
        pattern = URIRef(unusable.name.value)
        message = f"pattern {unusable.name}: {unusable.reason}"
        outcome.problems.append(PATTERN_NOT_USABLE.problem(message, places.of(pattern), pattern))
    return outcome
