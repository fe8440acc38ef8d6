"""Where in the site the things of a graph are: the path of a page, and the element in it that a fragment names."""

import hashlib
import re

from pyoxigraph import NamedNode

from destgraph.vocabulary import BASE, PREFIXES, local_name, shorten

_SAFE = re.compile(r"[a-z][a-z-]*(?:/[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?)?")
_NAME = re.compile(r"\w+", re.ASCII)
_LETTERS = re.compile(r"[^a-z0-9]+")


def stem(iri: str) -> str:
    """Return the path, without suffix, of the page about what an IRI names.

    For an IRI of the graph it is what follows the base, `destination/bing`; any other, and one that is no name of a
    file everywhere, gets a name below `own`, made of its last part and a hash.
    """
    tail = iri.removeprefix(BASE)
    if iri.startswith(BASE) and _SAFE.fullmatch(tail):
        return tail
    name = _LETTERS.sub("-", local_name(iri.rstrip("/")).lower()).strip("-")[:40]
    return f"own/{name or 'thing'}-{hashlib.sha256(iri.encode()).hexdigest()[:8]}"


def anchor(iri: str) -> str:
    """Return the id of the element of the page `ontology` that is about a term: its own fragment, for one of dg."""
    if iri.startswith(PREFIXES["dg"]):
        return iri.removeprefix(PREFIXES["dg"])
    short = shorten(NamedNode(iri))
    return short if short != iri else stem(iri).replace("/", "-")


def rule(iri: str) -> str:
    """Return the path, without suffix, of the page of a rule or shape, whose IRI is a fragment of the list of all."""
    list_, _, name = iri.removeprefix(BASE).partition("#")
    return f"{list_.removesuffix('s')}/{name}" if iri.startswith(BASE) and _NAME.fullmatch(name) else stem(iri)


def root(path: str) -> str:
    """Return the relative path from a page to the root of the site: empty, or "../" once for each folder."""
    return "../" * path.count("/")


def other(iri: str) -> str:
    """Return the path of what an IRI of the graph names that is no thing of it, such as a term or a question."""
    whole, hash_, fragment = iri.partition("#")
    first, _, rest = whole.removeprefix(BASE).partition("/")
    if first in ("ontology", "shapes"):
        return f"{first}.html{hash_}{fragment}"
    if first in ("rules", "checks"):
        return f"rules.html{hash_}{fragment}"
    if first == "query":
        return f"query/{rest}.html"
    return f"data.html#{rest}" if first == "graph" else "data.html"
