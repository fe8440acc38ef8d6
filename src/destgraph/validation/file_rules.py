"""Rules about Turtle files as such: what cannot be right in them, whatever the shapes say."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import PurePosixPath

from rdflib import DCAT, DCTERMS, OWL, PROV, RDF, RDFS, SDO, SH, SKOS, XSD, Literal, URIRef
from rdflib.term import Node

from destgraph.query_text import Prefix, Span
from destgraph.validation.built_in import Looked, file_rule
from destgraph.validation.documents import Document
from destgraph.validation.findings import RELATIVE, Fix, Problem, Severity
from destgraph.validation.fixes import renamed
from destgraph.validation.reading import Files
from destgraph.validation.terms import iri_text
from destgraph.validation.vocabularies import DRAFTS, NEWER
from destgraph.vocabulary import PREFIXES

_VOCABULARIES = {
    str(vocabulary): vocabulary for vocabulary in (RDF, RDFS, OWL, SKOS, DCTERMS, SH, PROV, DCAT, SDO, XSD)
}
_VOCABULARIES["http://schema.org/"] = SDO
_NAMESPACES = (*_VOCABULARIES,)

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LOOK_AROUND = re.compile(r"\(\?<?[=!]")
_PATTERNS = (SH.pattern, SH.select, SH.ask)


@file_rule(
    "ill_typed_literal",
    severity="error",
    problem="A literal does not belong to its datatype, so it has no value.",
    solution="Correct the text or the datatype.",
    source="RDF 1.1 Concepts, section 3.3",
    bad="""\
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix source: <https://w3id.org/destgraph/source/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

source:bing dg:retrievedOn "2024-02-30"^^xsd:date .
""",
    good="""\
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix source: <https://w3id.org/destgraph/source/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

source:bing dg:retrievedOn "2024-02-29"^^xsd:date .
""",
)
def ill_typed_literal(files: Files) -> Looked:
    """Look at the literals for those that are not of their datatype."""
    number = 0
    problems: list[Problem] = []
    for statement in (s for document in files.judged(files.turtle) for s in document.statements):
        value = statement.triple[2]
        if isinstance(value, Literal):
            number += 1
            if value.ill_typed:
                datatype = iri_text(URIRef(value.datatype or ""))
                message = f'"{value}" is no {datatype}; correct the value or its datatype'
                problems.append(ill_typed_literal.problem(message, statement.place, *statement.triple))
    return Looked(number, problems)


@file_rule(
    "relative_iri",
    severity="error",
    problem="A relative IRI means something else in each place the file is read from.",
    solution="Write the whole IRI.",
    source="OOPS! P39; RDF 1.1 Concepts, section 3.2",
    bad="""\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<bing> rdfs:label "Bing"@en .
""",
    good="""\
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<https://w3id.org/destgraph/destination/bing> rdfs:label "Bing"@en .
""",
)
def relative_iri(files: Files) -> Looked:
    """Look at the IRIs and the namespaces of prefixes for relative ones, in each file once."""
    number = 0
    problems: list[Problem] = []
    for document in files.judged(files.turtle):
        severity: Severity = "error" if files.is_own(document) else "note"
        relative_prefixes = [p for p in document.prefixes if not _ABSOLUTE.match(p.namespace)]
        number += len(document.prefixes)
        for prefix in relative_prefixes:
            message = f"prefix {prefix.name}: has the relative IRI <{prefix.namespace}>; write the whole IRI"
            place = document.place(*_wider(prefix.namespace_span))
            problems.append(relative_iri.problem(message, place, severity=severity))
        number += document.iris.total()
        for term in filter(_is_relative, document.iris):
            span, statement = min(document.uses[term], key=lambda use: (use.statement is not None, use.span))
            written = document.text[slice(*span)]
            if written.startswith("<") or not relative_prefixes:
                message = f"{written} is relative, so it changes with the place of the file; write the whole IRI"
                entity = statement.triple[0] if statement else None
                place = document.place(*span)
                problems.append(relative_iri.problem(message, place, entity, None, term, severity=severity))
    return Looked(number, problems)


@file_rule(
    "unknown_term",
    severity="error",
    problem="A term does not exist in the vocabulary it is written with, so every tool passes over it.",
    solution="Use a term that exists.",
    source="OOPS! P40; qSKOS undefined SKOS resources",
    bad="""\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix type: <https://w3id.org/destgraph/type/> .

type:extension skos:preferedLabel "Extension"@en .
""",
    good="""\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix type: <https://w3id.org/destgraph/type/> .

type:extension skos:prefLabel "Extension"@en .
""",
)
def unknown_term(files: Files) -> Looked:
    """Look at the uses of terms of vocabularies that are known here for terms that these do not have."""
    looked_up: dict[URIRef, tuple[bool, URIRef | None]] = {}
    number = 0
    problems: list[Problem] = []
    for document in files.judged(files.turtle):
        for term in filter(_vocabulary_of, document.iris):
            number += document.iris[term]
            if term not in looked_up:
                looked_up[term] = _looked_up(term)
            missing, meant = looked_up[term]
            draft = DRAFTS.get(str(term))
            for span, statement in document.uses[term] if draft or missing else ():
                place = document.place(*span)
                if draft:
                    message = f"{iri_text(term)} is a term of the draft of {draft}, which may change; use it with care"
                    problems.append(unknown_term.problem(message, place, term, None, None, severity="note"))
                    continue
                hint = f"did you mean {iri_text(meant)}?" if meant else "use a term that exists"
                entity, property_, value = statement.triple if statement else (term, None, None)
                message = f"{iri_text(term)} does not exist in its vocabulary; {hint}"
                fix = renamed(document, span, term, meant) if meant else None
                problems.append(unknown_term.problem(message, place, entity, property_, value, fix=fix))
    return Looked(number, problems)


@file_rule(
    "prefix_differs",
    severity="error",
    problem="A prefix differs from the one table of prefixes, so the same text means different things in two files.",
    solution="Use prefix and namespace of the table.",
    source="Brick, two namespaces of dcterms:",
    own=True,
    bad="""\
@prefix dcterms: <http://purl.org/dc/elements/1.1/> .
@prefix destination: <https://w3id.org/destgraph/destination/> .

destination:bing dcterms:description "Search advertising."@en .
""",
    good="""\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix destination: <https://w3id.org/destgraph/destination/> .

destination:bing dcterms:description "Search advertising."@en .
""",
)
def prefix_differs(files: Files) -> Looked:
    """Look at the prefixes that Turtle files and queries declare for those that differ from the table."""
    number = 0
    problems: list[Problem] = []
    for document in files.judged(filter(files.is_own, (*files.turtle, *files.queries))):
        number += len(document.prefixes)
        for prefix in document.prefixes:
            problems += _different(document, prefix)
    return Looked(number, problems)


@file_rule(
    "split_subject",
    severity="error",
    problem="A subject is described in two files, or in two blocks of one, so neither shows all that is said of it.",
    solution="Keep its statements in one block.",
    source="destgraph, one home for each subject",
    own=True,
    bad="""\
# data/advertising.ttl
@prefix destination: <https://w3id.org/destgraph/destination/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

destination:bing rdfs:label "Bing"@en .

# data/social.ttl
@prefix destination: <https://w3id.org/destgraph/destination/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

destination:bing skos:altLabel "Microsoft Bing"@en .
""",
    good="""\
# data/advertising.ttl
@prefix destination: <https://w3id.org/destgraph/destination/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

destination:bing rdfs:label "Bing"@en ;
    skos:altLabel "Microsoft Bing"@en .
""",
)
def split_subject(files: Files) -> Looked:
    """Look at the subjects for those in several files or blocks; where their type or else the first is, is right."""
    homes: dict[Node, str] = {}
    for document in files.turtle:
        for statement in document.by_predicate.get(RDF.type, ()):
            homes.setdefault(statement.triple[0], document.file)
    subjects = set()
    problems: list[Problem] = []
    for document in files.each(files.turtle):
        for node, span in document.subjects.items():
            if isinstance(node, URIRef):
                subjects.add(node)
                if homes.setdefault(node, document.file) != document.file:
                    message = f"{iri_text(node)} is described in {homes[node]}; keep its statements in one file"
                    problems.append(split_subject.problem(message, document.place(*span), node))
                elif files.is_own(document):
                    for start, _ in document.blocks.get(node, ())[1:]:
                        line, _ = document.lines.place(span[0])
                        message = f"{iri_text(node)} is described in line {line} too; keep its statements in one block"
                        place = document.place(start, start + span[1] - span[0])
                        problems.append(split_subject.problem(message, place, node))
    return Looked(len(subjects), problems)


@file_rule(
    "category_of_file",
    severity="error",
    problem="A card stands in the file of another category, so one of the two is wrong.",
    solution="Correct the category, or move the card.",
    source="destgraph, one file for each category",
    own=True,
    bad="""\
# data/survey.ttl
@prefix category: <https://w3id.org/destgraph/category/> .
@prefix destination: <https://w3id.org/destgraph/destination/> .
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

category:survey a skos:Concept .
category:analytics a skos:Concept .

destination:qualtrics-extension dg:category category:analytics .
""",
    good="""\
# data/survey.ttl
@prefix category: <https://w3id.org/destgraph/category/> .
@prefix destination: <https://w3id.org/destgraph/destination/> .
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

category:survey a skos:Concept .
category:analytics a skos:Concept .

destination:qualtrics-extension dg:category category:survey .
""",
)
def category_of_file(files: Files) -> Looked:
    """Look at the categories of cards for those that are not the one that the file is named after."""
    number = 0
    problems: list[Problem] = []
    property_ = URIRef(PREFIXES["dg"] + "category")
    for document in filter(files.is_own, files.data):
        name = PurePosixPath(document.file).stem
        wanted = URIRef(PREFIXES["category"] + name)
        cards = document.by_predicate.get(property_, []) if str(wanted) in files.described else []
        number += len(cards)
        for card in cards:
            if card.triple[2] != wanted and str(card.triple[2]) in files.described:
                message = f"the card stands in the file of {iri_text(wanted)}; correct the category, or move the card"
                problems.append(category_of_file.problem(message, card.place, *card.triple))
    return Looked(number, problems)


@file_rule(
    "regex_look_around",
    severity="error",
    problem="A pattern uses look-around, which some SHACL engines refuse and others get wrong.",
    solution="Write the pattern without it.",
    source="SPARQL 1.1, section 17.4.3.14: XPath regular expressions have no look-around",
    bad="""\
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shapes: <https://w3id.org/destgraph/shapes#> .

shapes:StatusTextShape a sh:PropertyShape ;
    sh:targetClass dg:Destination ;
    sh:path dg:status ;
    sh:pattern "^(?!alpha)" .
""",
    good="""\
@prefix dg: <https://w3id.org/destgraph/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shapes: <https://w3id.org/destgraph/shapes#> .

shapes:StatusTextShape a sh:PropertyShape ;
    sh:targetClass dg:Destination ;
    sh:path dg:status ;
    sh:pattern "^(beta|ga)$" .
""",
)
def regex_look_around(files: Files) -> Looked:
    """Look at the patterns and queries of shapes for regular expressions with look-around."""
    number = 0
    problems: list[Problem] = []
    for document in files.judged(files.turtle):
        for statement in (s for predicate in _PATTERNS for s in document.by_predicate.get(predicate, ())):
            _, predicate, value = statement.triple
            number += 1
            if _LOOK_AROUND.search(str(value)):
                name = iri_text(URIRef(str(predicate)))
                message = f"{name} uses look-around, which engines refuse or get wrong; avoid it"
                problems.append(regex_look_around.problem(message, statement.place, *statement.triple))
    return Looked(number, problems)


def _is_relative(term: URIRef) -> bool:
    return term.startswith(RELATIVE)


def _vocabulary_of(term: URIRef) -> str | None:
    """Return the namespace of a term of a vocabulary that is known here."""
    return next(filter(term.startswith, _VOCABULARIES), None) if str.startswith(term, _NAMESPACES) else None


def _looked_up(term: URIRef) -> tuple[bool, URIRef | None]:
    """Tell whether a term is missing from its vocabulary, and return the one whose name is so close that it is meant.

    schema.org gains terms with each release, and rdflib's list is an older one: there a term is missing only when it is
    a slip of a known one. A hyphen is in none of its names, but in those that others give its shapes.
    """
    namespace = _vocabulary_of(term)
    name = term.removeprefix(namespace or "")
    if not namespace or not name or name in _VOCABULARIES[namespace] or str(term) in NEWER:
        return False, None
    vocabulary = _VOCABULARIES[namespace]
    if vocabulary is SDO and "-" in name:
        return False, None
    names = sorted({str(term_name).removeprefix(str(vocabulary)) for term_name in dir(vocabulary)})
    same = [other for other in names if other.casefold() == name.casefold()]
    close = same or get_close_matches(name, names, 1, 0.88 if vocabulary is SDO else 0.8)
    return bool(close) or vocabulary is not SDO, URIRef(namespace + close[0]) if close else None


def _different(document: Document, prefix: Prefix) -> Iterator[Problem]:
    """Yield what is wrong with a prefix: its namespace, or its name."""
    name, namespace = prefix.name, prefix.namespace
    wanted = PREFIXES.get(name)
    if wanted == namespace:
        return
    others = [other for other, of_table in PREFIXES.items() if of_table == namespace]
    if wanted:
        place = document.place(*_wider(prefix.namespace_span))
        description = f"Write the namespace of {name}: in the table."
        fix = Fix(place, f"<{wanted}>", description, meant=f"{name}:", mechanical=False)
        message = f"prefix {name}: stands for <{wanted}> everywhere else, not for <{namespace}>; correct it"
        yield prefix_differs.problem(message, place, value=URIRef(namespace), fix=fix)
    elif others:
        message = f"<{namespace}> has the prefix {others[0]}: everywhere else, not {name}:; use that"
        yield prefix_differs.problem(message, document.place(*prefix.name_span))


def _wider(span: Span) -> Span:
    """Return the span with the angle brackets around it."""
    return span[0] - 1, span[1] + 1
