"""The main question as a plain pyoxigraph script: `ask_pyoxigraph.py FOLDER INFERRED`."""

import sys
from pathlib import Path

from pyoxigraph import RdfFormat, Store

folder = Path(sys.argv[1])
store = Store()
for part in ("ontology", "ontology/schemes", "data"):
    for path in sorted((folder / part).glob("*.ttl")):
        store.load(path=path, format=RdfFormat.TURTLE)
store.load(path=sys.argv[2], format=RdfFormat.TURTLE)
query = (folder / "queries" / "destinations-of-type.rq").read_text(encoding="utf-8")
for row in store.query(query):  # type: ignore[union-attr]  # a SELECT query gives rows
    print(*(term.value for term in row), sep="\t")
