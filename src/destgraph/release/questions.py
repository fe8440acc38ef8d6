"""The canned questions as RDF, so that they can be queried for: SHACL's terms for SPARQL queries.

Source: https://www.w3.org/ns/shacl#SPARQLSelectExecutable
"""

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Triple

from destgraph.catalog.questions import Question
from destgraph.vocabulary import expand

_SPACE = "https://w3id.org/destgraph/query/"


def executables(questions: Iterable[Question]) -> list[Triple]:
    """Return each question as an sh:SPARQLSelectExecutable, with the text of its file as sh:select."""
    return [
        Triple(NamedNode(_SPACE + question.name), NamedNode(expand(property_)), value)
        for question in questions
        for property_, value in (
            ("rdf:type", NamedNode(expand("sh:SPARQLExecutable"))),
            ("rdf:type", NamedNode(expand("sh:SPARQLSelectExecutable"))),
            ("rdfs:label", Literal(question.summary, language="en")),
            ("dcterms:description", Literal(question.description, language="en")),
            ("schema:keywords", Literal(question.topic, language="en")),
            ("sh:select", Literal(question.query)),
        )
    ]
