"""All rows of a query into a CSV file with pandas alone: `stream_pandas.py ENDPOINT QUERY FILE`."""

import sys
from urllib.parse import urlencode

import pandas

endpoint, query, file = sys.argv[1:]
url = f"{endpoint}?{urlencode({'query': query})}"
frame = pandas.read_csv(url, storage_options={"Accept": "text/csv"}, dtype=str, keep_default_na=False)
frame.to_csv(file, index=False)
