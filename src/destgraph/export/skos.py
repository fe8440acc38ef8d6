"""The concept schemes in the terms of SKOS and DCTERMS alone, for tools that know no others."""

from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from destgraph.vocabulary import PREFIXES, expand

_TYPE, _SCHEME, _CONCEPT = (NamedNode(expand(name)) for name in ("rdf:type", "skos:ConceptScheme", "skos:Concept"))
_IN_SCHEME, _SOURCE, _URL = (NamedNode(expand(name)) for name in ("skos:inScheme", "dcterms:source", "schema:url"))
_ONTOLOGY = NamedNode(expand("owl:Ontology"))
_INVERSE = {
    NamedNode(PREFIXES["skos"] + name): NamedNode(PREFIXES["skos"] + inverse)
    for name, inverse in {"broader": "narrower", "topConceptOf": "hasTopConcept"}.items()
}
_ALSO = {
    NamedNode(PREFIXES["skos"] + name): NamedNode(PREFIXES["dcterms"] + also)
    for name, also in {"prefLabel": "title", "definition": "description"}.items()
}
_FROM_HEADER = [
    NamedNode(PREFIXES["dcterms"] + name)
    for name in ("license", "creator", "publisher", "created", "issued", "modified")
]


def skos(triples: Iterable[Triple], schemes: Iterable[str] = ()) -> list[Triple]:
    """Return the concept schemes named in `schemes` (`type`, `category` ...; all when empty) in SKOS and DCTERMS.

    `triples` are those of ontology, schemes and catalog. Concepts keep their SKOS properties, and both directions of
    the hierarchy are written (SKOS Reference, S8 and S25). A scheme has the license, the dates, the creator and the
    publisher of the ontology, and the pages its sources stand for. Everything else that the graph says of a concept
    has no term in SKOS and is left out. The subjects come in the order of `triples`, each once.
    """
    about: dict[NamedNode | BlankNode | Triple, list[Triple]] = defaultdict(list)
    for triple in triples:
        about[triple.subject].append(triple)
    wanted = {NamedNode(PREFIXES["scheme"] + name) for name in schemes}
    header = next((said for said in about.values() if any(t.object == _ONTOLOGY for t in said)), [])
    kept: dict[NamedNode | BlankNode | Triple, list[Triple]] = {}
    inverse: dict[object, list[Triple]] = defaultdict(list)
    for subject, said in about.items():
        kinds = {t.object for t in said if t.predicate == _TYPE}
        if _SCHEME in kinds and (not wanted or subject in wanted):
            kept[subject] = [*_plain(said), *_metadata(subject, said, header, about)]
        elif _CONCEPT in kinds and (not wanted or wanted & {t.object for t in said if t.predicate == _IN_SCHEME}):
            kept[subject] = _plain(said)
        else:
            continue
        for t in kept[subject]:
            if t.predicate in _INVERSE and isinstance(t.object, NamedNode):
                inverse[t.object].append(Triple(t.object, _INVERSE[t.predicate], subject))
    return [t for subject, said in kept.items() for t in (*said, *inverse[subject])]


def _plain(said: list[Triple]) -> list[Triple]:
    """Return the SKOS part of what is said."""
    return [
        t
        for t in said
        if t.predicate.value.startswith(PREFIXES["skos"]) or (t.predicate == _TYPE and t.object in (_SCHEME, _CONCEPT))
    ]


def _metadata(
    scheme: NamedNode | BlankNode | Triple,
    said: list[Triple],
    header: list[Triple],
    about: dict[NamedNode | BlankNode | Triple, list[Triple]],
) -> list[Triple]:
    """Return what DCTERMS says about a scheme: its title and description, the ontology's metadata, its sources."""
    found = [Triple(scheme, _ALSO[t.predicate], t.object) for t in said if t.predicate in _ALSO]
    found += [Triple(scheme, name, t.object) for name in _FROM_HEADER for t in header if t.predicate == name]
    pages = [
        page.object
        for t in said
        if t.predicate == _SOURCE and not isinstance(t.object, Literal)
        for page in about[t.object]
        if page.predicate == _URL
    ]
    return [*found, *(Triple(scheme, _SOURCE, page) for page in dict.fromkeys(pages))]
