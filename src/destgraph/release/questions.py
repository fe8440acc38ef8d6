"""The canned questions as RDF, so that they can be queried for: SHACL's terms for SPARQL queries.

Source: https://www.w3.org/ns/shacl#SPARQLSelectExecutable
"""

from collections.abc import Iterable

from pyoxigraph import Literal, Triple

from destgraph.catalog.questions import Question
from destgraph.release.statements import about, english
from destgraph.vocabulary import iri


def executables(questions: Iterable[Question]) -> list[Triple]:
    """Return each question as an sh:SPARQLSelectExecutable, with the text of its file as sh:select."""
    triples = []
    for question in questions:
        triples += about(
            question.iri,
            ("rdf:type", iri("sh:SPARQLExecutable")),
            ("rdf:type", iri("sh:SPARQLSelectExecutable")),
            ("rdfs:label", english(question.summary)),
            ("dcterms:description", english(question.description)),
            ("schema:keywords", english(question.topic)),
            ("sh:select", Literal(question.query)),
        )
    return triples
