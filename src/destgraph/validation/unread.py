"""What files that could not be read may say, so that no finding hangs on what nobody knows."""

import re
from collections.abc import Sequence

from rdflib import Graph, URIRef

from destgraph import query_text
from destgraph.validation.documents import Document
from destgraph.validation.findings import Finding
from destgraph.validation.terms import iri_text
from destgraph.vocabulary import PREFIXES

# Rules about what others say of the entity.
_ABOUT_USE = {"idle_class", "unused_property", "scheme_without_top_concept"}
_MENTIONED = re.compile(r"<([^<>\s]*)>|(?<![\w.-])([\w-]*):([\w](?:[\w.-]*[\w])?)")


class Unread:
    """The terms that stand in files that could not be read, and whether other files describe them."""

    def __init__(self, documents: Sequence[Document], data: Graph) -> None:
        """Take what is known of these files, and what the others say."""
        self._described: dict[str, bool] = {}
        for document in documents:
            declared = {prefix.name: prefix.namespace for prefix in query_text.declared_prefixes(document.text)}
            prefixes = PREFIXES | declared
            for whole, prefix, local in _MENTIONED.findall(document.text):
                term = URIRef(whole or f"{prefixes.get(prefix, '')}{local}")
                self._described[iri_text(term)] = (term, None, None) in data

    def may_settle(self, finding: Finding) -> bool:
        """Tell whether a finding might not be there, were all files read."""
        about_use = finding.rule in _ABOUT_USE or "^" in finding.property
        terms = [term for term in (finding.entity, finding.value) if term in self._described]
        return any(about_use or not self._described[term] for term in terms)
