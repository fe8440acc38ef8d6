"""The types of destinations, and one destination with what the graph says about it, as pictures."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from destgraph.catalog.names import Named, english, term
from destgraph.catalog.questions import Question
from destgraph.diagram import Picture
from destgraph.results import Select, Term, plain
from destgraph.vocabulary import shorten, words
from destgraph.wording import count, readable


def hierarchy(select: Select, types: Question, edition: str) -> Picture:
    """Return the types below dg:Destination, each with its number of destinations, those of its subtypes included.

    It tells how many of them have another type as well that is neither above nor below, as types are roles that
    overlap. `types` is the question of that name; names and hierarchy are those of an edition of the documentation,
    named as in a question.
    """
    picture = Picture("Types of destinations, each with its number of destinations; types are roles that overlap")
    rows = select(types.bind({"edition": [term(select, "edition", edition)]}))
    overlapping = _overlapping(select)
    for row in sorted(rows, key=lambda row: (-row.with_subtypes, row.name)):
        also = f"\n{overlapping[row.type]} also of another type" if row.type in overlapping else ""
        picture.labels[row.name] = f"{row.name}\n{count(row.with_subtypes, 'destination')}{also}"
        if row.parent:
            picture.edge(row.parent, row.name)
    return picture


def _overlapping(select: Select) -> dict[str, int]:
    """Return of how many destinations of a type, named by its concept, another is a type that is not above or below."""
    concepts = select("SELECT ?class ?concept { ?concept dg:describesClass ?class }").terms
    described = {class_: plain(concept) for class_, concept in concepts}
    above: dict[Term, set[Term]] = defaultdict(set)  # not in one query with the types, which Virtuoso 7 answers wrongly
    for class_, higher in select(
        "SELECT DISTINCT ?class ?above { ?class rdfs:subClassOf ?next . ?next rdfs:subClassOf* ?above }"
    ).terms:
        above[class_].add(higher)
    types: dict[Term, set[Term]] = defaultdict(set)
    for destination, class_ in select("SELECT ?x ?c { ?c rdfs:subClassOf* dg:Destination . ?x a ?c }").terms:
        types[destination] |= {class_, *above[class_]} & described.keys()
    numbers = Counter(
        described[one]
        for its in types.values()
        for one in its
        if any(one != other and other not in above[one] and one not in above[other] for other in its)
    )
    return dict(numbers)


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
