"""Which finding speaks where several rules see one fault: the others are silent, and named with it."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from pyoxigraph import NamedNode

from destgraph.validation.findings import SEVERITIES, Finding, Fix, Report, in_order
from destgraph.vocabulary import PREFIXES

# A prefixed name, or an IRI.
_NAME = re.compile(r"<[^<>]*>|[^\s|/^<>()]*:[^\s|/^<>()]*")
Key = Callable[[Finding], Iterable[Hashable]]

_HEADER = (
    *("HeaderTitleShape", "HeaderDescriptionShape", "HeaderLicenseShape", "HeaderCreatorShape", "HeaderCreatedShape"),
    *("HeaderIssuedShape", "HeaderModifiedShape", "HeaderVersionIriShape", "HeaderVersionInfoShape"),
    *("HeaderPrefixShape", "HeaderNamespaceShape", "HeaderPublisherShape"),
)
_REFERENCES = (
    *("undeclared_class", "undeclared_path", "SuccessorShape", "wrong_replacement", "IdentityUseShape"),
    *("AttributeUseShape", "LimitShape", "EvidenceShape", "OnePlatformShape", "OneVendorShape", "SourcedShape"),
    *("VendorOfPlatformShape", "ConceptInSchemeShape", "scheme_not_declared", "ValueSchemeShape"),
    *("EnterpriseLicenseShape", "AttributeUseApplicableShape", "undescribed_reference"),
)
# What a card may lack, beginning with what it may mark as not documented.
_OF_A_CARD = (
    *("FeatureDocumentedShape", "AudienceAnswerShape", "OneCategoryShape", "OneStatusShape", "OnePlatformShape"),
    *("OneVendorShape", "OneEndpointOwnerShape", "DeliveryStatedShape", "EnterpriseLicenseShape", "OneLabelShape"),
    *("DescribedShape", "SourcedShape"),
)
_MARKED = _OF_A_CARD[:2]


@dataclass(frozen=True)
class Same:
    """What findings must share to be about one fault, in words and as a function that gives what to compare."""

    words: str
    of: Key


def _statement(finding: Finding) -> Iterator[Hashable]:
    if finding.value:
        yield finding.entity, finding.value, finding.place


def _property(finding: Finding) -> Iterator[Hashable]:
    if finding.property:
        yield finding.entity, finding.property


def _meant(finding: Finding) -> Iterator[Hashable]:
    """Give the name that is meant where one is misspelt, and what is missing, which may be the same."""
    if finding.fix and finding.fix.meant:
        yield finding.entity, finding.fix.meant
    for name in _NAME.findall(" ".join(finding.missing)):
        yield finding.entity, name


def _entity(finding: Finding) -> Iterator[Hashable]:
    yield finding.entity


def _undescribed(finding: Finding) -> Iterator[Hashable]:
    """Give a value that nothing describes, but not where a correction is known, which has to be made at each place."""
    if "undescribed_reference" in (finding.rule, *finding.also) and not finding.fix:
        yield finding.value


STATEMENT = Same("statement", _statement)
PROPERTY = Same("entity and property", _property)
MEANT = Same("entity, and what is meant here is missing there", _meant)
ENTITY = Same("entity", _entity)
VALUE = Same("value that nothing describes", _undescribed)


@dataclass(frozen=True)
class Overlap:
    """Rules, or components of any shape, that see one fault: most specific first, and first of all one with a fix.

    Without `rules` all do. Where `same` is the value, findings of one rule are about one fault too.
    """

    same: Same
    rules: Sequence[str] = ()

    def groups(self, findings: Sequence[Finding]) -> Iterator[tuple[list[int], list[int]]]:
        """Yield the numbers of findings that speak, and of those that they speak for."""
        ranks = {rule: rank for rank, rule in enumerate(self.rules)}
        found: dict[Hashable, list[tuple[tuple[bool, int], int]]] = defaultdict(list)
        for number, finding in enumerate(findings):
            rank = ranks.get(finding.rule, ranks.get(_component(finding))) if ranks else 0
            for key in self.same.of(finding) if rank is not None else ():
                found[key].append(((finding.fix is None, rank or 0), number))
        for group in found.values():
            first = min(rank for rank, _ in group)
            speaking = [number for rank, number in group if rank == first]
            if self.same is VALUE:
                speaking = speaking[:1]
            yield speaking, [number for _, number in group if number not in speaking]


@dataclass(frozen=True)
class Consequence:
    """Rules that look at a thing by way of some properties: they are silent where one of these is at fault.

    That is where these are properties of the thing or, if `anywhere`, of others, which may be meant to lead to it.
    """

    properties: Sequence[str]
    causes: Sequence[str]
    effects: Sequence[str]
    anywhere: bool = False

    def groups(self, findings: Sequence[Finding]) -> Iterator[tuple[list[int], list[int]]]:
        """Yield the numbers of findings that speak, and of those that they speak for."""
        causes: dict[str, list[int]] = defaultdict(list)
        effects: dict[str, list[int]] = defaultdict(list)
        for number, finding in enumerate(findings):
            about = {finding.property, finding.fix.meant if finding.fix else "", *finding.missing}
            entity = "" if self.anywhere else finding.entity
            if finding.rule in self.causes and not about.isdisjoint(self.properties):
                causes[entity].append(number)
            elif finding.rule in self.effects:
                effects[entity].append(number)
        for entity, numbers in causes.items():
            yield numbers, effects[entity]


@dataclass(frozen=True)
class Misread:
    """A prefix that stands for another namespace than is meant: what is found of its names in the file follows."""

    rule: str

    def groups(self, findings: Sequence[Finding]) -> Iterator[tuple[list[int], list[int]]]:
        """Yield the numbers of findings that speak, and of those that they speak for."""
        for number, cause in enumerate(findings):
            if cause.rule == self.rule and cause.fix:
                follow = (n for n, other in enumerate(findings) if n != number and _follows(other, cause, cause.fix))
                yield [number], [*follow]


def _follows(finding: Finding, cause: Finding, fix: Fix) -> bool:
    """Tell whether a finding is about a name that a misread prefix gives, or that it does not."""
    if finding.place.file != cause.place.file:
        return False
    given, meant = cause.value.strip("<>"), fix.text.strip("<>")
    terms = (finding.terms.focus, finding.terms.path, finding.terms.value)
    iris = [term.value for term in terms if isinstance(term, NamedNode)]
    misread = (iri.startswith(given) and not (meant.startswith(given) and iri.startswith(meant)) for iri in iris)
    return any(misread) or any(name.startswith(fix.meant) for name in (finding.property, *finding.missing))


MISREAD = Misread("prefix_differs")
"""The first of all."""

OVERLAPS: Sequence[Overlap] = (
    Overlap(MEANT),
    Overlap(STATEMENT, ("undeclared_property", "unknown_term", "ClosedCardShape")),
    Overlap(PROPERTY, (*_OF_A_CARD[2:], *_OF_A_CARD[:2], "missing_source")),
    Overlap(STATEMENT, _REFERENCES),
    Overlap(VALUE, _REFERENCES),
    Overlap(ENTITY, ("undeclared_class", "undeclared_path", "shape_without_focus_nodes")),
    Overlap(
        STATEMENT,
        (
            *("ill_typed_literal", "sh:DatatypeConstraintComponent", "HeaderDateOrderShape", "header_date_type"),
            "missing_retrieval_date",
        ),
    ),
    Overlap(PROPERTY, ("SourceDateShape", "missing_retrieval_date")),
    Overlap(PROPERTY, (*_HEADER, "incomplete_header")),
    Overlap(STATEMENT, ("HeaderVersionIriShape", "version_iri_is_ontology_iri")),
    Overlap(STATEMENT, ("HeaderLicenseShape", "literal_link")),
    Overlap(
        PROPERTY,
        (
            *("missing_language_tag", "TaggedTextShape", "OneLabelShape", "DescribedShape", "ReleaseNoteTextShape"),
            *("EnglishPreferredLabelShape", "EnglishDefinitionShape", "LimitValueShape", "FactTextShape"),
            *("EvidenceSectionShape", "EntryNameShape", "HeaderTitleShape", "HeaderDescriptionShape"),
        ),
    ),
    Overlap(PROPERTY, ("OneLabelShape", "multiple_labels", "missing_label")),
    Overlap(PROPERTY, ("OnePreferredLabelShape", "several_pref_labels")),
    Overlap(PROPERTY, ("EnglishPreferredLabelShape", "missing_label")),
    Overlap(PROPERTY, ("EnglishDefinitionShape", "missing_definition")),
    Overlap(PROPERTY, ("ConceptInSchemeShape", "concept_without_scheme")),
    Overlap(ENTITY, ("OrphanConceptShape", "orphan_concept")),
    Overlap(ENTITY, ("missing_label", "TermLabelShape")),
    Overlap(ENTITY, ("missing_definition", "TermDefinitionShape")),
    Overlap(ENTITY, ("missing_defined_by", "TermDefinedByShape")),
    Overlap(ENTITY, ("missing_range", "TermRangeShape")),
    Overlap(ENTITY, ("DestinationIriShape", "stray_blank_node")),
    Overlap(PROPERTY, ("SourcedShape", "missing_source")),
    Overlap(PROPERTY, ("FeatureDocumentedShape", "FileFormatShape", "EdgeScopeShape")),
    Overlap(STATEMENT, ("BroaderCycleShape", "concept_cycle", "TopConceptShape", "top_concept_with_broader")),
    Overlap(STATEMENT, ("RelatedDisjointShape", "related_and_broader")),
    Overlap(STATEMENT, ("SharedPreferredLabelShape", "shared_label")),
    Overlap(STATEMENT, ("PreferredLabelDisjointShape", "AlternativeLabelDisjointShape", "label_in_two_roles")),
    Overlap(STATEMENT, ("ExactMatchDisjointShape", "mapping_clash")),
    Overlap(ENTITY, ("SchemeIsNoConceptShape", "concept_and_scheme")),
    Overlap(ENTITY, ("CollectionDisjointShape", "collection_and_concept")),
    Overlap(
        STATEMENT,
        (
            *("ExtensionFeatureShape", "AudienceMarkerShape", "MarkerContradictionShape", "FeatureApplicableShape"),
            "MarkerApplicableShape",
        ),
    ),
)
"""What speaks of several rules that see one fault. The order matters: what is silent in one is not in the next."""

_LINKS = ("undeclared_property", *_REFERENCES, *_OF_A_CARD)
CONSEQUENCES: Sequence[Consequence] = (
    Consequence(
        ("rdf:type", "dg:deliveredBy", "dg:exports"),
        (*_LINKS, "TypeAgreementShape"),
        (
            *("TypeAgreementShape", "TypeInferableShape", "FeatureApplicableShape", "MarkerApplicableShape"),
            *("AttributeUseApplicableShape", "ExtensionFeatureShape", "EvidenceStatedShape", "TypeEvidenceShape"),
            *("NoteNeededShape", "FileFormatShape", "EdgeScopeShape", "KindStatedShape"),
        ),
    ),
    Consequence(("dg:platform",), _LINKS, ("PlatformUsedShape", "VendorUsedShape"), anywhere=True),
    Consequence(("dg:vendor",), (*_LINKS, "PlatformVendorShape"), ("VendorUsedShape",), anywhere=True),
    Consequence(("dcterms:source",), _LINKS, ("SourceUsedShape",), anywhere=True),
)
"""What is silent while something else is at fault."""


def settled(report: Report) -> Report:
    """Return a report with one finding a fault, in the same order; what other shapes than destgraph's find stays."""
    findings = [finding for finding in report.findings if not _is_of_other_shapes(finding)]
    rows: list[Misread | Overlap | Consequence] = [MISREAD, *OVERLAPS, *CONSEQUENCES]
    for several in rows:
        findings = _without_silent(findings, several.groups(findings))
    findings = [*_with_missing_together(findings), *filter(_is_of_other_shapes, report.findings)]
    return replace(report, findings=in_order(findings))


def _is_of_other_shapes(finding: Finding) -> bool:
    return finding.terms.shape is not None and not finding.help.startswith(PREFIXES["shapes"])


def _without_silent(findings: Sequence[Finding], groups: Iterable[tuple[list[int], list[int]]]) -> list[Finding]:
    """Return the findings without those that others speak for."""
    silent: set[int] = set()
    spoken_for: dict[int, list[Finding]] = defaultdict(list)
    for speaking, others in groups:
        left = [number for number in speaking if number not in silent]
        if left:
            silent.update(others)
            for number in left:
                spoken_for[number] += [findings[other] for other in others]
    return [_speaking(finding, spoken_for[number]) for number, finding in enumerate(findings) if number not in silent]


def _speaking(finding: Finding, others: Sequence[Finding]) -> Finding:
    """Return a finding that speaks for others: as grave as the worst of them."""
    if not others:
        return finding
    together = (finding, *others)
    same = [one for one in others if one.value and one.value == finding.value]
    places = {*chain.from_iterable((one.place, *one.elsewhere) for one in same)}
    return replace(
        finding,
        severity=min((one.severity for one in together), key=SEVERITIES.index),
        also=tuple(sorted({*chain.from_iterable((one.rule, *one.also) for one in together)} - {finding.rule})),
        elsewhere=tuple(sorted({*finding.elsewhere, *places} - {finding.place})),
    )


def _with_missing_together(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings, those about what a card lacks as one, with what to add to it."""
    lacking: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if _lacks(finding):
            lacking[finding.entity].append(finding)
    for finding in findings:
        if not _lacks(finding):
            yield finding
        elif finding is lacking[finding.entity][0]:
            yield _together(lacking[finding.entity])


def _lacks(finding: Finding) -> Sequence[str]:
    """Return what a card lacks: properties, or concepts that it does not answer."""
    if finding.rule not in _OF_A_CARD:
        return ()
    return (finding.value,) if finding.rule == "AudienceAnswerShape" else finding.missing


def _together(findings: Sequence[Finding]) -> Finding:
    """Return one finding for those about what one card lacks."""
    first, *others = sorted(findings, key=lambda finding: (_OF_A_CARD.index(finding.rule), finding.property))
    to_mark = {name for finding in findings if finding.rule in _MARKED for name in _lacks(finding)}
    to_state = {name for finding in findings if finding.rule not in _MARKED for name in _lacks(finding)} - to_mark
    marked, stated = sorted(to_mark), sorted(to_state)
    block = [f"dg:notDocumented {' , '.join(marked)} ;"] if marked else []
    if marked and stated:
        block.append(f"# to be stated: {' , '.join(stated)}")
    if not others:
        return replace(first, missing=tuple(sorted(to_state | to_mark)), suggestion="\n".join(block))
    advice = "; state each, or mark with dg:notDocumented what the page does not say" if marked else "; state each"
    if all(finding.severity == "note" for finding in findings):
        advice = ", so that is unknown"
    return replace(
        _speaking(first, others),
        property="",
        value="",
        message=f"nothing is said of {', '.join((*stated, *marked))}{advice}",
        missing=tuple(sorted(to_state | to_mark)),
        suggestion="\n".join(block),
        terms=replace(first.terms, path=None, value=None),
    )


def _component(finding: Finding) -> str:
    """Return the component of a result of shapes as a prefixed name."""
    component = finding.terms.component
    return f"sh:{component.value.partition('#')[2]}" if component else ""


def table() -> str:
    """Return the table of what speaks as Markdown, and below it the rules that several rows have."""
    named = {"references": _REFERENCES, "what a card lacks": _OF_A_CARD}

    def words(rules: Sequence[str]) -> str:
        written = list(rules)
        for name, several in named.items():
            if len(rules) > len(several) and {*several} <= {*rules}:
                first = next(number for number, rule in enumerate(written) if rule in several)
                written[first] = f"*{name}*"
                written = [rule for rule in written if rule not in several]
        return ", ".join(written)

    rows = [("file, with names of the prefix", MISREAD.rule, "any")]
    rows += [(overlap.same.words, words(overlap.rules) or "any with a correction, any", "") for overlap in OVERLAPS]
    for one in CONSEQUENCES:
        where = "any entity" if one.anywhere else "entity"
        about = ", ".join(one.properties)
        rows.append((f"{where}, with a fault in {about}", words(one.causes), ", ".join(one.effects)))
    lines = (f"| {' | '.join(row)} |" for row in rows)
    below = (f"*{name}*: {', '.join(several)}." for name, several in named.items())
    return "\n".join(["| same | most specific first | silent then |", "| --- | --- | --- |", *lines, "", *below])
