"""The types of destinations, and one destination with what the graph says about it, as pictures."""

from pyoxigraph import NamedNode

from destgraph.catalog.names import Named, term
from destgraph.catalog.questions import Question
from destgraph.diagram import Picture
from destgraph.results import Select
from destgraph.vocabulary import shorten, words
from destgraph.wording import count


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
    ((label, page),) = select(
        f"""SELECT (MIN(?label) AS ?name) (MIN(STR(?url)) AS ?page) {{ {this}
              OPTIONAL {{ ?d rdfs:label ?label FILTER (langMatches(lang(?label), "en")) }}
              OPTIONAL {{ ?d dcterms:source/schema:url ?url }} }}"""
    )
    name = label or next(iter(destination.labels), shorten(destination.iri))
    picture = Picture(f"What the graph says about {name}", labels={node: name})
    if page:
        picture.links[node] = page
    for type_, label in select(
        f"""SELECT DISTINCT ?class ?label {{ {this} ?d a ?class . ?type dg:describesClass ?class ; skos:prefLabel ?label
              FILTER (langMatches(lang(?label), "en")) }} ORDER BY ?label"""
    ):
        picture.labels[type_] = label
        picture.edge(type_, node)
    features: dict[str, list[str]] = {}
    for property_, value, property_label, value_label in select(
        f"""SELECT DISTINCT ?p ?v ?property ?value {{ {this}
              {{ ?d ?p ?v
                 FILTER (isIRI(?v) && ?p NOT IN (rdf:type, dcterms:source, dg:inferredType, dg:notDocumented)
                         && !STRSTARTS(STR(?v), CONCAT(STR(?d), "#"))) }}
              UNION {{ ?d dg:identityUse/dg:identity ?v BIND (dg:identity AS ?p) }}
              UNION {{ ?v dcterms:isReplacedBy ?d BIND (dcterms:replaces AS ?p) }}
              OPTIONAL {{ ?p rdfs:label ?property FILTER (langMatches(lang(?property), "en")) }}
              OPTIONAL {{ ?v rdfs:label|skos:prefLabel ?value FILTER (langMatches(lang(?value), "en")) }}
            }} ORDER BY ?property ?value"""
    ):
        features.setdefault(property_label or words(property_), []).append(value_label or shorten(NamedNode(value)))
    gaps = select(
        f"""SELECT DISTINCT ?label {{ {this} ?d dg:notDocumented ?v . ?v rdfs:label|skos:prefLabel ?label
              FILTER (langMatches(lang(?label), "en")) }} ORDER BY ?label"""
    )
    if gaps:
        features["not documented"] = [gap.label for gap in gaps]
    for property_, values in features.items():
        picture.labels[property_] = ", ".join(values)
        picture.edge(node, property_, property_)
    return picture
