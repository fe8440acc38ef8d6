"""A catalog of any size, made of copies of the real destinations: `python -m benchmarks.synthetic N > FILE.ttl`.

Destinations are drawn in rounds. A round copies every real destination once, in an order of its own; the last round
copies as many as are still wanted. A copy has all triples of the real block, parts included, under a new id.

Kept: how often each feature, combination of features, type, number of parts and marker for "not documented" occurs;
how many destinations share a platform, a vendor or a source, as each round has copies of these of its own; which texts
are shared and which occur once, as these get the number of their round (hashes of commits do not); names that name one
thing only; and, of complete rounds, what the shapes find.
Not kept: new combinations of features never arise; texts differ from the real ones by a number only; nothing becomes
more popular as the catalog grows, so what is asked of one platform or source has as many rows at every size.

The same N gives the same bytes, as long as the real catalog and the engine that writes Turtle are the same.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain, count
from random import Random
from typing import IO

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from destgraph import files
from destgraph.vocabulary import PREFIXES

_DESTINATION = PREFIXES["destination"]
_COPIED = tuple(PREFIXES[name] for name in ("destination", "platform", "vendor", "source"))
_COMMITS = {NamedNode(PREFIXES["dg"] + name) for name in ("commit", "englishCommit")}
_LABEL = NamedNode(PREFIXES["rdfs"] + "label")
_URL = NamedNode(PREFIXES["schema"] + "url")

Term = NamedNode | BlankNode | Literal | Triple


def write(number: int, output: IO[bytes]) -> None:
    """Write a catalog of so many destinations as Turtle, without the ontology, piece by piece."""
    serialize(triples(number), output, format=RdfFormat.TURTLE, prefixes=PREFIXES)


def triples(number: int) -> Iterator[Triple]:
    """Yield the triples of a catalog of so many destinations, block by block."""
    blocks = _blocks()
    real = [iri for iri in blocks if iri.startswith(_DESTINATION)]
    texts = Counter((triple.predicate, triple.object) for triple in chain(*blocks.values()))
    unique = {text for text, occurrences in texts.items() if occurrences == 1}
    random = Random(2023)  # noqa: S311 - an order, not a secret
    ids = count(1)
    for round_ in count(1):
        # Random.random gives the same numbers in every version of Python; Random.shuffle need not.
        drawn = sorted(real, key=lambda _: random.random())[:number]
        number -= len(drawn)
        if not drawn:
            return
        renamed = {iri: f"{_DESTINATION}synthetic-{next(ids):06}" for iri in drawn}
        yield from _copies(blocks, renamed, round_, unique)


def _blocks() -> dict[str, list[Triple]]:
    """Read the real catalog: the triples of each thing and its parts, in the order of the files."""
    found: dict[str, list[Triple]] = defaultdict(list)
    for path in sorted((files.root() / "data").glob("*.ttl")):
        for quad in parse(path=path, format=RdfFormat.TURTLE):
            found[_split(quad.subject)[0]].append(quad.triple)
    return found


def _copies(
    blocks: dict[str, list[Triple]], renamed: dict[str, str], round_: int, unique: set[tuple[NamedNode, Term]]
) -> Iterator[Triple]:
    """Yield the blocks of the things in `renamed`, and of what they refer to, under their new IRIs.

    What they refer to is added to `renamed`, but for destinations: the real one is meant when the last round has no
    copy of it.
    """
    waiting = list(renamed)
    for iri in waiting:  # grows on the way
        for triple in blocks[iri]:
            subject, part = _split(triple.subject)
            predicate, value = triple.predicate, triple.object
            if isinstance(value, NamedNode) and value.value.startswith(_COPIED):
                thing, inside = _split(value)
                if thing not in renamed and not thing.startswith(_DESTINATION):
                    kind, _, id_ = thing.rpartition("/")
                    renamed[thing] = f"{kind}/synthetic-{round_:06}-{id_}"
                    waiting.append(thing)
                value = NamedNode(renamed.get(thing, thing) + inside)
            elif predicate == _URL:
                value = NamedNode(f"{_split(value)[0]}#copy-{round_}")
            elif predicate not in _COMMITS and ((predicate, value) in unique or (predicate == _LABEL and not part)):
                value = _numbered(value, round_)
            yield Triple(NamedNode(renamed[subject] + part), predicate, value)


def _split(term: Term) -> tuple[str, str]:
    """Return the IRI of the thing that an IRI belongs to, and the fragment with its #, or empty text."""
    assert isinstance(term, NamedNode), f"no IRI: {term}"
    thing, mark, part = term.value.partition("#")
    return thing, mark + part


def _numbered(value: Term, round_: int) -> Term:
    """Return a text with the number of its round; other values as they are."""
    match value:
        case Literal(value=text, language=str(language)):
            return Literal(f"{text} ({round_})", language=language)
        case Literal(value=text) if value.datatype.value == PREFIXES["xsd"] + "string":
            return Literal(f"{text} ({round_})")
    return value


if __name__ == "__main__":
    write(int(sys.argv[1]), sys.stdout.buffer)
