"""Where the IRIs of the graph lead, by what is asked for: the same at w3id.org and at `destgraph serve`."""

TURTLE, JSONLD, NTRIPLES, RDFXML, BROWSER = (
    "text/turtle",
    "application/ld+json",
    "application/n-triples",
    "application/rdf+xml",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
)
RDFLIB = "application/rdf+xml,text/turtle,application/ld+json,*/*;q=0.1"

CASES = [
    ("ontology", TURTLE, "parts/ontology.ttl"),
    ("ontology", RDFLIB, "parts/ontology.ttl"),
    ("ontology", RDFXML, "destgraph.rdf"),
    ("ontology", BROWSER, "ontology.html"),
    ("ontology", "", "ontology.html"),
    ("ontology/0.1.0", TURTLE, "parts/ontology.ttl"),
    ("ontology/0.1.0", JSONLD, "destgraph.jsonld"),
    ("ontology/0.1.0", BROWSER, "ontology.html"),
    ("destination/bing", TURTLE, "destination/bing.ttl"),
    ("destination/bing", "Text/Turtle; q=0.9", "destination/bing.ttl"),
    ("destination/bing", RDFLIB, "destination/bing.ttl"),
    ("destination/bing", JSONLD, "destination/bing.jsonld"),
    ("destination/bing", NTRIPLES, "destination/bing.nt"),
    ("destination/bing", RDFXML, "destination/bing.rdf"),
    ("destination/bing", BROWSER, "destination/bing.html"),
    ("destination/bing", "", "destination/bing.html"),
    ("edition/2024plus", BROWSER, "edition/2024plus.html"),
    ("release-note/2025-10-adform", TURTLE, "release-note/2025-10-adform.ttl"),
    ("scheme/type", BROWSER, "scheme/type.html"),
    ("shapes", TURTLE, "parts/shapes.ttl"),
    ("shapes", RDFLIB, "parts/shapes.ttl"),
    ("shapes", "", "parts/shapes.ttl"),
    ("shapes", BROWSER, "shapes.html"),
    ("rules", BROWSER, "rules.html"),
    ("rules", "", "rules.html"),
    ("checks", BROWSER, "rules.html"),
    ("graph/inferred", TURTLE, "parts/inferred.ttl"),
    ("graph/inferred", BROWSER, "data.html#inferred"),
    ("query/types", BROWSER, "query/types.html"),
    ("query/types", "", "queries/types.rq"),
    ("maintainers", TURTLE, "maintainers.ttl"),
    ("maintainers", BROWSER, "maintainers.html"),
]
"""Path below the base, what is accepted, and the path of the file from the root of a release or of the server."""
