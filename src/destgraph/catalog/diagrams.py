"""The types of destinations, and one destination with what the graph says about it, as pictures."""

from collections.abc import Mapping

from destgraph.catalog.names import Named, english, term
from destgraph.catalog.questions import Question
from destgraph.diagram import Picture
from destgraph.results import Select, Term, plain
from destgraph.vocabulary import shorten, words
from destgraph.wording import count, readable


def hierarchy(select: Select, types: Question, edition: str) -> Picture:
    """Return the types below dg:Destination, each with its number of destinations, those of its subtypes included.

    `types` is the question of that name; names and hierarchy are those of an edition of the documentation, named as in
    a question.
    """
    picture = Picture("Types of destinations, each with its number of destinations")
    rows = select(types.bind({"edition": [term(select, "edition", edition)]}))
    for row in sorted(rows, key=lambda row: (-row.with_subtypes, row.name)):
        picture.labels[row.name] = f"{row.name}\n{count(row.with_subtypes, 'destination')}"
        if row.parent:
            picture.edge(row.parent, row.name)
    return picture


def neighbourhood(select: Select, destination: Named) -> Picture:
    """Return a destination with its types on the left, and its features, and what is not documented, on the right."""
    this = f"VALUES ?d {{ {destination.iri} }}"
    node = destination.iri.value
    labels = english(select)
    name = labels.get(destination.iri) or next(iter(destination.labels), shorten(destination.iri))
    picture = Picture(f"What the graph says about {name}", labels={node: name})
    for (page,) in select(f"SELECT (MIN(STR(?url)) AS ?page) {{ {this} ?d dcterms:source/schema:url ?url }}"):
        if page:
            picture.links[node] = page
    types = select(f"SELECT DISTINCT ?type ?class {{ {this} ?d a ?class . ?type dg:describesClass ?class }}").terms
    for label, class_ in sorted((labels[type_], plain(class_)) for type_, class_ in types if type_ in labels):
        picture.labels[class_] = label
        picture.edge(class_, node)
    for property_, values in _features(select, this, labels).items():
        picture.labels[property_] = ", ".join(values)
        picture.edge(node, property_, property_)
    return picture


def _features(select: Select, this: str, labels: Mapping[Term, str]) -> dict[str, list[str]]:
    """Return the names of the features of a destination, each with those of its values, and of what is not told."""
    statements = select(
        f"""SELECT DISTINCT ?p ?v {{ {this}
              {{ ?d ?p ?v
                 FILTER (isIRI(?v) && ?p NOT IN (rdf:type, dcterms:source, dg:inferredType, dg:notDocumented)
                         && !STRSTARTS(STR(?v), CONCAT(STR(?d), "#"))) }}
              UNION {{ ?d dg:identityUse/dg:identity ?v BIND (dg:identity AS ?p) }}
              UNION {{ ?v dcterms:isReplacedBy ?d BIND (dcterms:replaces AS ?p) }} }} ORDER BY ?p ?v"""
    ).terms
    features: dict[str, list[str]] = {}
    for property_, value in sorted(statements, key=lambda pair: [labels.get(part, "") for part in pair]):
        name = labels.get(property_) or words(plain(property_))
        features.setdefault(name, []).append(labels.get(value) or readable(value))
    gaps = select(f"SELECT DISTINCT ?v {{ {this} ?d dg:notDocumented ?v }}").terms
    if silent := sorted({labels[gap] for (gap,) in gaps if gap in labels}):
        features["not documented"] = silent
    return features
