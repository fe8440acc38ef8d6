"""All rows of a query into a CSV file with destgraph: `stream_destgraph.py ENDPOINT QUERY FILE`."""

import sys
from pathlib import Path

import destgraph

endpoint, query, file = sys.argv[1:]
destgraph.connect(endpoint, timeout=600).save(query, Path(file), "csv")
