"""The site: a page for everything in a graph, as a folder of files or from a server.

`pages` gives every page, `page` one of them, `place` says which one an IRI leads to; `question_page`, `sparql_page` and
`search_page` show answers, `not_found` and `problem_page` why there is none. They are functions of the graph alone: no
clock, no network, the same bytes from the same files.
"""

from destgraph.site.frame import Page, Settings
from destgraph.site.pages import (
    not_found,
    page,
    pages,
    place,
    problem_page,
    question_page,
    search_page,
    sparql_page,
)

__all__ = [
    "Page",
    "Settings",
    "not_found",
    "page",
    "pages",
    "place",
    "problem_page",
    "question_page",
    "search_page",
    "sparql_page",
]
