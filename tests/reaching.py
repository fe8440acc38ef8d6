"""Queries that reach for another store, in every spelling, and queries that only look like it."""

SPELLINGS = [
    "SELECT * { SERVICE <URL> { ?a ?b ?c } }",
    "SELECT * { ?s a dg:Vendor .SERVICE <URL> { ?a ?b ?c } }",
    "SELECT * { #\rSERVICE <URL> { ?a ?b ?c }\r}",
    "SELECT * { VALUES (?s ?o) {(1 2)} FILTER(?s<?o)SERVICE#>\n<URL> { ?a ?b ?c } }",
    "SELECT * { service silent <URL> { ?a ?b ?c } }",
    "SELECT * { SeRvIcE<URL>{ ?a ?b ?c } }",
    "SELECT * { SERVICE#comment\n<URL> { ?a ?b ?c } }",
    "SELECT * { SERVICE\r\n\t<URL> { ?a ?b ?c } }",
    "SELECT * { VALUES ?x { '''it's''' } SERVICE <URL> { ?a ?b ?c } FILTER (?x != 'y') }",
    "PREFIX : <URL> SELECT * { SERVICE: { ?a ?b ?c } }",
    "PREFIX SERVICE: <URL> SELECT * { SERVICE SERVICE: { ?a ?b ?c } }",
    "PREFIX service: <URL> SELECT * { ?service a dg:Vendor . SERVICE service: { ?a ?b ?c } }",
    "BASE <URL> SELECT * { SERVICE <> { ?a ?b ?c } }",
    "SELECT * { VALUES ?service { <URL> } LATERAL { SERVICE ?service { ?a ?b ?c } } }",
    "SELECT * { ?s a dg:Vendor OPTIONAL { SERVICE <URL> { ?a ?b ?c } } }",
    "SELECT * { { ?s a dg:Vendor } UNION { SERVICE <URL> { ?a ?b ?c } } }",
    "SELECT * { ?a a dg:Vendor MINUS { SERVICE <URL> { ?a ?b ?c } } }",
    "SELECT * { ?a a dg:Vendor LATERAL { SERVICE <URL> { ?a ?b ?c } } }",
    "SELECT * { { SELECT ?a { SERVICE <URL> { ?a ?b ?c } } } }",
    "SELECT * { ?a a dg:Vendor FILTER EXISTS { SERVICE <URL> { ?a ?b ?c } } }",
    "SELECT * { ?a a dg:Vendor FILTER NOT EXISTS { SERVICE <URL> { ?a ?b ?c } } }",
    "SELECT * { ?a a dg:Vendor BIND (EXISTS { SERVICE <URL> { ?a ?b ?c } } AS ?x) }",
    "SELECT (EXISTS { SERVICE <URL> { ?a ?b ?c } } AS ?x) { ?a a dg:Vendor }",
    "SELECT ?a { ?a a dg:Vendor } GROUP BY ?a HAVING (EXISTS { SERVICE <URL> { ?a ?b ?c } })",
    "SELECT * { ?a a dg:Vendor } ORDER BY EXISTS { SERVICE <URL> { ?a ?b ?c } }",
    "ASK { SERVICE <URL> { ?a ?b ?c } }",
    "CONSTRUCT { ?a ?b ?c } WHERE { SERVICE <URL> { ?a ?b ?c } }",
    "DESCRIBE ?a WHERE { SERVICE <URL> { ?a ?b ?c } }",
]
"""What the engine of the package runs; URL stands for the other store."""

ELSEWHERE = [
    "SELECT * { VALUES ?service { <URL> } SERVICE ?service { ?a ?b ?c } }",
    "SELECT * { BIND (IRI('URL') AS ?e) SERVICE ?e { ?a ?b ?c } }",
    "SELECT * { \\u0053ERVICE <URL> { ?a ?b ?c } }",
    "SELECT * { SERVI\\U00000043E <URL> { ?a ?b ?c } }",
    "SELECT * { #\\u000DSERVICE <URL> { ?a ?b ?c }\n}",
]
"""What only other engines run: they bind names of stores, and read escapes everywhere (SPARQL 1.1, section 19.2)."""

UNREADABLE = [
    "LOAD <URL>",
    "INSERT { ?a ?b ?c } WHERE { SERVICE <URL> { ?a ?b ?c } }",
    "DEFINE input:default-graph-uri <URL> SELECT * { SERVICE <URL> { ?a ?b ?c } }",
    "SELECT * { SERVICE <URL> { ?a ?b ?c }",
]
"""What is no query for the engine of the package."""

DATASETS = [
    "SELECT * FROM <URL> { ?a ?b ?c }",
    "SELECT * FROM NAMED <URL> { GRAPH ?g { ?a ?b ?c } }",
    "ASK FROM<URL>{ ?a ?b ?c }",
    "CONSTRUCT { ?a ?b ?c } from <URL> WHERE { ?a ?b ?c }",
    "DESCRIBE ?a FROM <URL> { ?a ?b ?c }",
]
"""What the engine of the package answers from its own graphs, and others may fetch."""

HARMLESS = [
    "SELECT * { ?s rdfs:label 'SERVICE' }",
    'SELECT * { ?s rdfs:label """a "FROM" b""" }',
    "SELECT * { <https://example.org/SERVICE/FROM> ?p ?o }",
    "SELECT * { ?service ?from $load } # SERVICE <http://127.0.0.1:1/>",
    "SELECT * { #SERVICE <http://127.0.0.1:1/> {\r?s ?p ?o }",
    "SELECT * { ?s dg:service ?o ; dg:from 1 }",
    "PREFIX from: <http://example.org/> SELECT * { ?s from:a ?o }",
    "PREFIX service: <http://example.org/> SELECT * { ?s service:x ?o }",
    "PREFIX SERVICE: <http://example.org/> SELECT * { SERVICE:x SERVICE:y ?o . ?s ?p SERVICE:z }",
    "PREFIX ex: <http://example.org/> SELECT * { ?s ex:\\,from ?o }",
    "SELECT * { ?s ?p 'x'@from }",
    "SELECT * { ?s ?p <http://example.org/%AFROM> }",
    "SELECT * { _:service ?p _:load }",
    "SELECT ?service ?serVice { ?service ?p ?serVice }",
    "SELECT * { ?s ?p 'a\\u0022service' }",
    "SELECT * { ?s ?p ?download }",
    "ASK { FILTER (<http://example.org/service> = ?from) }",
]
