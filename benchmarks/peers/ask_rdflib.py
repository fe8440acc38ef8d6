"""The main question as a plain rdflib script: `ask_rdflib.py FOLDER INFERRED`."""

import sys
from pathlib import Path

from rdflib import Graph

folder = Path(sys.argv[1])
graph = Graph()
for part in ("ontology", "ontology/schemes", "data"):
    for path in sorted((folder / part).glob("*.ttl")):
        graph.parse(path, format="turtle")
graph.parse(sys.argv[2], format="turtle")
query = (folder / "queries" / "destinations-of-type.rq").read_text(encoding="utf-8")
for row in graph.query(query):
    print(*row, sep="\t")  # type: ignore[misc]  # a SELECT query gives rows
