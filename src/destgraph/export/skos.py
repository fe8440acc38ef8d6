"""The concept schemes in the terms of SKOS and DCTERMS alone, for tools that know no others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from destgraph.vocabulary import PREFIXES, TYPE, iri

_KINDS = {iri("skos:ConceptScheme"), iri("skos:Concept")}
_INVERSE = {
    iri("skos:broader"): iri("skos:narrower"),
    iri("skos:topConceptOf"): iri("skos:hasTopConcept"),
}
_ALSO = {
    iri("skos:prefLabel"): iri("dcterms:title"),
    iri("skos:definition"): iri("dcterms:description"),
}
_FROM_HEADER = [iri(f"dcterms:{name}") for name in ("license", "creator", "publisher", "created", "issued", "modified")]

_Subject = NamedNode | BlankNode | Triple
_Statements = Sequence[Triple]


def skos(triples: Iterable[Triple], schemes: Iterable[str] = ()) -> list[Triple]:
    """Return the concept schemes named in `schemes` (`type`, `category` ...; all when empty) in SKOS and DCTERMS.

    `triples` are those of ontology, schemes and catalog. Concepts keep their SKOS properties, and both directions of
    the hierarchy are written (SKOS Reference, S8 and S25). A scheme has the license, the dates, the creator and the
    publisher of the ontology, and the pages its sources stand for. Everything else that the graph says of a concept
    has no term in SKOS and is left out. The subjects come in the order of `triples`, each once.
    """
    about: dict[_Subject, list[Triple]] = defaultdict(list)
    for triple in triples:
        about[triple.subject].append(triple)
    wanted = {iri(f"scheme:{name}") for name in schemes}
    header = _header(about.values())
    kept: dict[_Subject, list[Triple]] = {}
    for subject, statements in about.items():
        types = _values(statements, TYPE)
        if iri("skos:ConceptScheme") in types and (not wanted or subject in wanted):
            kept[subject] = [*_plain(statements), *_metadata(subject, about, header)]
        elif iri("skos:Concept") in types and (not wanted or wanted & _values(statements, iri("skos:inScheme"))):
            kept[subject] = [*_plain(statements)]
    inverse = _inverse(kept)
    return [triple for subject in kept for triple in (*kept[subject], *inverse[subject])]


def _values(statements: _Statements, property_: NamedNode) -> set[object]:
    return {triple.object for triple in statements if triple.predicate == property_}


def _plain(statements: _Statements) -> Iterator[Triple]:
    """Yield the statements in the terms of SKOS."""
    for triple in statements:
        in_skos = triple.predicate.value.startswith(PREFIXES["skos"])
        if in_skos or (triple.predicate == TYPE and triple.object in _KINDS):
            yield triple


def _inverse(kept: dict[_Subject, list[Triple]]) -> dict[_Subject, list[Triple]]:
    """Return the other direction of the hierarchy, by its subjects."""
    inverse: dict[_Subject, list[Triple]] = defaultdict(list)
    for subject, statements in kept.items():
        for triple in statements:
            if triple.predicate in _INVERSE and isinstance(triple.object, NamedNode):
                inverse[triple.object].append(Triple(triple.object, _INVERSE[triple.predicate], subject))
    return inverse


def _metadata(scheme: _Subject, about: dict[_Subject, list[Triple]], header: _Statements) -> Iterator[Triple]:
    """Yield what DCTERMS says about a scheme: its title and description, the ontology's metadata, its sources."""
    for triple in about[scheme]:
        if triple.predicate in _ALSO:
            yield Triple(scheme, _ALSO[triple.predicate], triple.object)
    for property_ in _FROM_HEADER:
        for triple in header:
            if triple.predicate == property_:
                yield Triple(scheme, property_, triple.object)
    for page in _pages(scheme, about):
        yield Triple(scheme, iri("dcterms:source"), page)


def _header(blocks: Iterable[_Statements]) -> _Statements:
    """Return the statements about the ontology, or nothing."""
    for statements in blocks:
        if any(triple.object == iri("owl:Ontology") for triple in statements):
            return statements
    return ()


def _pages(scheme: _Subject, about: dict[_Subject, list[Triple]]) -> list[NamedNode | BlankNode | Literal | Triple]:
    """Return the addresses of the sources of a scheme, each once."""
    pages = []
    for triple in about[scheme]:
        if triple.predicate == iri("dcterms:source") and not isinstance(triple.object, Literal):
            pages += [page.object for page in about.get(triple.object, ()) if page.predicate == iri("schema:url")]
    return [*dict.fromkeys(pages)]
