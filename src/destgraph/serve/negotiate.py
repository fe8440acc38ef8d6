"""What a client accepts, and which of the forms on offer suits it best.

Source: https://www.rfc-editor.org/rfc/rfc9110#name-accept
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

SELECT = ("application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values")
ASK = SELECT[:2]
TURTLE, NTRIPLES = "text/turtle", "application/n-triples"
TRIPLES = (TURTLE, "application/ld+json", "application/rdf+xml", NTRIPLES)
FORMS: Mapping[str, Sequence[str]] = MappingProxyType(
    {"SELECT": SELECT, "ASK": ASK, "CONSTRUCT": TRIPLES, "DESCRIBE": TRIPLES}
)
"""The media types that an answer of each form of query has, the one that suits most clients first."""

HTML = "text/html"

_ALSO = MappingProxyType(
    {
        "application/json": SELECT[0],
        "application/xml": SELECT[1],
        "text/xml": SELECT[1],
        "application/x-turtle": TURTLE,
        "text/plain": NTRIPLES,
    }
)
"""Media types that clients ask for when they mean another one."""

_RANGE = re.compile(r"\s*([\w!#$&^.+*-]+/[\w!#$&^.+*-]+)((?:[^,\"]|\"(?:[^\"\\]|\\.)*+\"?)*+)")
_QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", re.IGNORECASE)


@lru_cache(1 << 10)
def best(accept: str, offered: Sequence[str]) -> str | None:
    """Return the media type on offer that an Accept header prefers, or None when it accepts none.

    Of several that it likes alike the first on offer is meant; an empty header accepts all.
    """
    ranges = _ranges(accept)
    if not ranges:
        return offered[0]
    found = max(offered, key=lambda media_type: _quality(ranges, media_type))
    return found if _quality(ranges, found) > 0 else None


def _ranges(accept: str) -> dict[str, float]:
    """Return the quality of each range of media types; parameters other than that are not looked at."""
    ranges: dict[str, float] = {}
    for found in _RANGE.finditer(accept):
        quality = _QUALITY.search(found[2])
        media_range = found[1].lower()
        ranges[media_range] = max(ranges.get(media_range, 0), float(quality[1]) if quality else 1)
    return ranges


def _quality(ranges: Mapping[str, float], media_type: str) -> float:
    """Return the quality of a media type: that of the range that says most about it."""
    names = (media_type, *(name for name, meant in _ALSO.items() if meant == media_type))
    if exact := [ranges[name] for name in names if name in ranges]:
        return max(exact)
    return ranges.get(f"{media_type.partition('/')[0]}/*", ranges.get("*/*", 0))
