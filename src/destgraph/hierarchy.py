"""The types of destinations, and one destination with what the graph says about it, as pictures."""

from destgraph.names import Named
from destgraph.picture import Picture
from destgraph.prefixes import shorten
from destgraph.results import Select, count


def hierarchy(select: Select) -> Picture:
    """Return the types below dg:Destination, each with its number of destinations, those of its subtypes included."""
    picture = Picture("Types of destinations, each with its number of destinations")
    for above, below, label, number in select(
        """SELECT ?above ?below ?label (COUNT(DISTINCT ?d) AS ?n) {
             ?concept dg:describesClass ?below ; skos:prefLabel ?label FILTER (langMatches(lang(?label), "en"))
             ?below rdfs:subClassOf* dg:Destination
             OPTIONAL { ?below rdfs:subClassOf ?above }
             OPTIONAL { ?d a/rdfs:subClassOf* ?below } }
           GROUP BY ?above ?below ?label ORDER BY DESC(?n) ?label"""
    ):
        picture.labels[below] = f"{label}\n{count(number, 'destination')}"
        if above is not None:
            picture.edge(above, below)
    return picture


def neighbourhood(select: Select, destination: Named) -> Picture:
    """Return a destination with its types on the left, and its features, and what is not documented, on the right."""
    this = f"VALUES ?d {{ {destination.iri} }}"
    node = destination.iri.value
    ((name, page),) = select(
        f"""SELECT (SAMPLE(?label) AS ?name) (SAMPLE(?url) AS ?page) {{ {this}
              OPTIONAL {{ ?d rdfs:label ?label FILTER (langMatches(lang(?label), "en")) }}
              OPTIONAL {{ ?d dcterms:source/schema:url ?url }} }}"""
    )
    name = name or shorten(destination.iri)
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
    for property_, value in select(
        f"""SELECT DISTINCT ?property ?value {{ {this}
              {{ ?d ?p ?v FILTER (?p NOT IN (dcterms:source, dg:inferredType, dg:notDocumented)
                           && !STRSTARTS(STR(?v), CONCAT(STR(?d), "#"))) }}
              UNION {{ ?d dg:identityUse/dg:identity ?v BIND (dg:identity AS ?p) }}
              UNION {{ ?v dcterms:isReplacedBy ?d BIND (dcterms:replaces AS ?p) }}
              ?p rdfs:label ?property . ?v rdfs:label|skos:prefLabel ?value
              FILTER (langMatches(lang(?property), "en") && langMatches(lang(?value), "en"))
            }} ORDER BY ?property ?value"""
    ):
        features.setdefault(property_, []).append(value)
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
