"""All rows of a query into a CSV file with SPARQLWrapper and pandas: `stream_sparqlwrapper.py ENDPOINT QUERY FILE`."""

import sys
from typing import Any

import pandas
from SPARQLWrapper import JSON, SPARQLWrapper

endpoint, query, file = sys.argv[1:]
wrapper = SPARQLWrapper(endpoint)
wrapper.setReturnFormat(JSON)
wrapper.setQuery(query)
answer: Any = wrapper.query().convert()
rows = [{name: term["value"] for name, term in row.items()} for row in answer["results"]["bindings"]]
pandas.DataFrame(rows, columns=answer["head"]["vars"]).to_csv(file, index=False)
