"""Between what people type or read and the IRI that is meant."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Store

from destgraph.errors import InputError
from destgraph.files import PREFIXES

_IN_SCHEME = NamedNode(PREFIXES["skos"] + "inScheme")
_DESCRIBES = NamedNode(PREFIXES["dg"] + "describesClass")
_LABELS = [NamedNode(PREFIXES["skos"] + name) for name in ("prefLabel", "altLabel")]
_LABELS.append(NamedNode(PREFIXES["rdfs"] + "label"))


def resolve(store: Store, kind: str, text: str) -> NamedNode:
    """Return the one thing of `kind`, a concept scheme, that `text` names.

    `text` is an IRI, a prefixed name, an id, or a label or alternative label in any language; case, accents and
    punctuation do not matter. A type is answered by its class. Raises InputError with the candidates when
    nothing, or more than one thing, has that name.
    """
    ids: dict[str, set[NamedNode]] = defaultdict(set)
    labels: dict[str, set[NamedNode]] = defaultdict(set)
    spellings = []
    for concept in _subjects(store, _IN_SCHEME, NamedNode(PREFIXES["scheme"] + kind)):
        classes = _nodes(store, concept, _DESCRIBES)
        meant = classes[0] if classes else concept
        for node in (concept, *classes):
            ids[node.value].add(meant)
            ids[_key(_local(node))].add(meant)
            for label in (value for predicate in _LABELS for value in _texts(store, node, predicate)):
                labels[_key(label)].add(meant)
        spellings.append(_local(concept))
    key = _key(text)
    found = ids.get(expand(text)) or ids.get(key) or labels.get(key) or set()
    if len(found) == 1:
        return next(iter(found))
    if found:
        raise InputError(f"{kind} {text!r} is ambiguous; name one of {', '.join(sorted(map(shorten, found)))}")
    raise InputError(f"no {kind} {text!r}; {suggestion(text, spellings)}")


def suggestion(text: str, known: Iterable[str]) -> str:
    """Return "did you mean ..." with the names of `known` that are, or have a word, close to `text`; else list all."""
    from difflib import SequenceMatcher  # only on the way to an error

    matcher = SequenceMatcher(b=text[:100].casefold())
    scores: dict[str, float] = {}
    for name in sorted(known):
        for part in (name, *name.split("-")):
            matcher.set_seq1(part)
            scores[name] = max(scores.get(name, 0.0), matcher.ratio())
    best = max(scores.values(), default=0.0)
    close = [name for name, score in scores.items() if score >= max(0.6, best - 0.1)]
    return f"did you mean {' or '.join(close)}?" if close else f"known are {', '.join(scores)}"


def expand(text: str) -> str:
    """Return the IRI of a prefixed name, or `text` itself when it has no known prefix."""
    prefix, colon, local = text.partition(":")
    return PREFIXES[prefix] + local if colon and prefix in PREFIXES else text.strip("<>")


def shorten(node: NamedNode) -> str:
    """Return the prefixed name of an IRI, or the IRI when no prefix fits."""
    for prefix, namespace in PREFIXES.items():
        if node.value.startswith(namespace) and re.fullmatch(r"[\w.#-]+", node.value[len(namespace) :]):
            return f"{prefix}:{node.value[len(namespace) :]}"
    return node.value


def _key(text: str) -> str:
    """Fold case, accents and punctuation."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", plain.casefold()))


def _local(node: NamedNode) -> str:
    return re.split(r"[/#]", node.value)[-1]


def _subjects(store: Store, predicate: NamedNode, value: NamedNode) -> list[NamedNode]:
    quads = store.quads_for_pattern(None, predicate, value)
    return [quad.subject for quad in quads if isinstance(quad.subject, NamedNode)]


def _nodes(store: Store, subject: NamedNode, predicate: NamedNode) -> list[NamedNode]:
    quads = store.quads_for_pattern(subject, predicate, None)
    return [quad.object for quad in quads if isinstance(quad.object, NamedNode)]


def _texts(store: Store, subject: NamedNode, predicate: NamedNode) -> list[str]:
    quads = store.quads_for_pattern(subject, predicate, None)
    return [quad.object.value for quad in quads if isinstance(quad.object, Literal)]
