"""A small graph in which nothing is wrong, and functions to write it with files changed or added."""

from pathlib import Path

ONTOLOGY = """@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

dg:Destination a owl:Class .

dg:Connection a owl:Class ;
    rdfs:subClassOf dg:Destination .

dg:status a owl:DatatypeProperty .

<https://w3id.org/destgraph/type/destination> dg:describesClass dg:Destination .
<https://w3id.org/destgraph/ontology> a owl:Ontology .
"""
SHAPES = """@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shapes: <https://w3id.org/destgraph/shapes#> .

shapes:StatusShape a sh:PropertyShape ;
    sh:targetClass dg:Destination ;
    sh:path dg:status ;
    sh:minCount 1 ;
    sh:in ( "ga" "beta" ) ;
    sh:message "dg:status: say ga or beta."@en .
"""
HEAD = """@prefix destination: <https://w3id.org/destgraph/destination/> .
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

"""
RULE = """#+ summary: No label
#+ problem: Nobody can read it.
#+ solution: Add one.
#+ source: a test
#+ looks-at: "?entity a dg:Connection"
PREFIX dg: <https://w3id.org/destgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?entity ?property ?value WHERE {
  ?entity a dg:Connection .
  BIND (rdfs:label AS ?property)
  FILTER NOT EXISTS { ?entity rdfs:label ?value }
}
"""
ONE = HEAD + 'destination:one a dg:Connection ;\n    rdfs:label "one"@en ;\n    dg:status "ga" .\n'

FILES = {
    "ontology/o.ttl": ONTOLOGY,
    "ontology/shapes/s.ttl": SHAPES,
    "data/one.ttl": ONE,
    "queries/rules/no_label/rule.rq": RULE,
    "queries/rules/profile.toml": '[severity]\nno_label = "warning"\n',
}


def written(folder: Path, texts: dict[str, str]) -> Path:
    """Write files into a folder, and return it."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder
