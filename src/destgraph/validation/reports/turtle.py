"""A report as Turtle: a validation report of SHACL with more fields, each declared in it."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from destgraph.validation.findings import RELATIVE, Finding, Place, Report, Rule
from destgraph.validation.reports.common import artifact_location, as_uri, relative_as_written, rules_of
from destgraph.vocabulary import BASE, PREFIXES, TYPE, iri

_NAMESPACE = f"{BASE}report#"
_PREFIXES = ("dcterms", "owl", "rdf", "rdfs", "sh", "skos", "xsd")


def to_turtle(report: Report) -> str:
    """Return a report as Turtle: a validation report of SHACL (section 3.6) with places, rules and corrections.

    Each property beyond SHACL is declared in the report itself. Relative IRIs are written as they stand in the files.
    """
    used = {name: PREFIXES[name] for name in _PREFIXES}
    triples = [*_report(report), *_declarations()]
    text = (serialize(triples, format=RdfFormat.TURTLE, prefixes=used | {"report": _NAMESPACE}) or b"").decode()
    return relative_as_written(text)


_TERMS: Mapping[str, tuple[str, str]] = {
    "scope": ("string", "What was validated, in one line."),
    "unreadable": ("boolean", "Whether an input could not be read or parsed, so that findings may be missing."),
    "unfinished": ("boolean", "Whether something did not come to its end, so that findings may be missing."),
    "heldBack": ("integer", "How many findings are left out, as an input that could not be read may settle them."),
    "checkedRule": ("Rule", "A rule that was checked."),
    "rule": ("Rule", "The rule that a result comes from."),
    "entity": ("string", "What is at fault, as messages write it, where it has no IRI."),
    "path": ("string", "The property at fault as SPARQL writes it, where it is no single property."),
    "value": ("string", "The value at fault, as messages write it, where it has no IRI."),
    "file": ("string", "The file with the fault, as a path with forward slashes."),
    "line": ("integer", "The line where the fault begins, counted from 1."),
    "column": ("integer", "The column where the fault begins, in Unicode characters counted from 1."),
    "endLine": ("integer", "The line where the fault ends."),
    "endColumn": ("integer", "The column after the last character of the fault."),
    "fingerprint": ("string", "A text that is the same for the same fault in another revision."),
    "times": ("integer", "How many results of shapes look like this one; not there when it is the only one."),
    "missing": ("string", "What is not stated, where that is the fault."),
    "suggestion": ("string", "Turtle that may be added to the block of the focus node."),
    "also": ("string", "A rule that sees the same fault and is silent."),
    "elsewhere": ("Place", "Another place with the same value."),
    "fix": ("Fix", "A correction."),
    "mechanical": (
        "boolean",
        "Whether a correction leaves what is well-formed as it is, and needs no judgement.",
    ),
    "meant": ("string", "The term that is meant, where a correction puts in another name."),
    "text": ("string", "What a correction puts in place of what stands there."),
    "problem": ("string", "What is wrong when a rule fires."),
    "solution": ("string", "What to do when a rule fires."),
    "source": ("string", "Where a rule comes from."),
    "query": ("string", "The text of a rule, in SPARQL or Turtle."),
    "lookedAt": ("integer", "How many nodes, literals or files a rule looked at; not there when it did not run."),
}
_CLASSES = {
    "Rule": "A rule that a graph is validated against.",
    "Fix": "A correction of a file.",
    "Place": "A stretch of a file.",
}
_SHACL_SEVERITY = {"error": "sh:Violation", "warning": "sh:Warning", "note": "sh:Info"}


def _own(name: str) -> NamedNode:
    return NamedNode(_NAMESPACE + name)


def _declarations() -> Iterator[Triple]:
    """Give what the properties and classes of a report mean."""
    for name, definition in _CLASSES.items():
        yield Triple(_own(name), TYPE, iri("owl:Class"))
        yield from _described(name, definition)
    for name, (range_, definition) in _TERMS.items():
        yield Triple(_own(name), TYPE, iri("owl:ObjectProperty" if range_ in _CLASSES else "owl:DatatypeProperty"))
        yield from _described(name, definition)
        yield Triple(_own(name), iri("rdfs:range"), _own(range_) if range_ in _CLASSES else iri(f"xsd:{range_}"))


def _described(name: str, definition: str) -> Iterator[Triple]:
    label = re.sub(r"(?<!^)([A-Z])", r" \1", name).lower()
    yield Triple(_own(name), iri("rdfs:label"), Literal(label, language="en"))
    yield Triple(_own(name), iri("skos:definition"), Literal(definition, language="en"))
    yield Triple(_own(name), iri("rdfs:isDefinedBy"), NamedNode(_NAMESPACE.rstrip("#")))


def _report(report: Report) -> Iterator[Triple]:
    this = BlankNode("report")
    yield Triple(this, TYPE, iri("sh:ValidationReport"))
    yield Triple(this, iri("sh:conforms"), Literal(not report.findings))
    yield Triple(this, _own("scope"), Literal(report.scope))
    yield Triple(this, _own("unreadable"), Literal(report.unreadable))
    yield Triple(this, _own("unfinished"), Literal(report.unfinished))
    yield Triple(this, _own("heldBack"), Literal(report.held_back))
    rules = {rule.id: _rule_node(rule) for rule in rules_of(report)}
    results = {BlankNode(f"result{number}"): finding for number, finding in enumerate(report.findings, 1)}
    yield from (Triple(this, iri("sh:result"), node) for node in results)
    yield from (Triple(this, _own("checkedRule"), node) for node in rules.values())
    for node, finding in results.items():
        yield from _validation_result(node, finding, rules[finding.rule])
    yield from dict.fromkeys(triple for finding in report.findings for triple in finding.terms.described)
    for rule in rules_of(report):
        yield from _rule(rules[rule.id], rule)


def _validation_result(node: BlankNode, finding: Finding, rule: NamedNode) -> Iterator[Triple]:
    """Give a result; SHACL asks for a focus node and a component, which may be the file and the rule.

    The text of a term is given beside it, or in its place, where that does not tell it to others.
    """
    terms = finding.terms
    yield Triple(node, TYPE, iri("sh:ValidationResult"))
    yield Triple(node, iri("sh:resultSeverity"), terms.severity or iri(_SHACL_SEVERITY[finding.severity]))
    yield Triple(node, iri("sh:focusNode"), terms.focus or _file(finding.place.file))
    for name, term in {"resultPath": terms.path, "value": terms.value, "sourceShape": terms.shape}.items():
        if term is not None:
            yield Triple(node, iri(f"sh:{name}"), term)
    for name, term, text in (
        ("entity", terms.focus, finding.entity),
        ("path", terms.path, finding.property),
        ("value", terms.value, finding.value),
    ):
        if text and not isinstance(term, NamedNode | Literal):
            yield Triple(node, _own(name), Literal(text))
    yield Triple(node, iri("sh:resultMessage"), Literal(finding.message))
    yield Triple(node, iri("sh:sourceConstraintComponent"), terms.component or rule)
    yield Triple(node, _own("rule"), rule)
    yield from _place(node, finding.place)
    yield Triple(node, _own("fingerprint"), Literal(finding.fingerprint))
    for name, texts in {"missing": finding.missing, "also": finding.also}.items():
        yield from (Triple(node, _own(name), Literal(text)) for text in texts)
    if finding.suggestion:
        yield Triple(node, _own("suggestion"), Literal(finding.suggestion))
    for number, place in enumerate(finding.elsewhere, 1):
        other = BlankNode(f"{node.value}place{number}")
        yield Triple(node, _own("elsewhere"), other)
        yield Triple(other, TYPE, _own("Place"))
        yield from _place(other, place)
    if finding.times > 1:
        yield Triple(node, _own("times"), Literal(finding.times))
    yield from _link(node, finding.help)
    if finding.fix:
        fix = BlankNode(f"{node.value}fix")
        yield Triple(node, _own("fix"), fix)
        yield Triple(fix, TYPE, _own("Fix"))
        yield Triple(fix, iri("dcterms:description"), Literal(finding.fix.description))
        yield Triple(fix, _own("text"), Literal(finding.fix.text))
        yield Triple(fix, _own("mechanical"), Literal(finding.fix.mechanical))
        if finding.fix.meant:
            yield Triple(fix, _own("meant"), Literal(finding.fix.meant))
        yield from _place(fix, finding.fix.place)


def _rule(node: NamedNode, rule: Rule) -> Iterator[Triple]:
    yield Triple(node, TYPE, _own("Rule"))
    yield Triple(node, iri("dcterms:identifier"), Literal(rule.id))
    yield Triple(node, iri("sh:severity"), iri(_SHACL_SEVERITY[rule.severity]))
    for name in ("problem", "solution", "source", "query"):
        if value := getattr(rule, name):
            yield Triple(node, _own(name), Literal(value))
    if rule.looked_at is not None:
        yield Triple(node, _own("lookedAt"), Literal(rule.looked_at))
    yield from _link(node, rule.help)


def _place(node: BlankNode, place: Place) -> Iterator[Triple]:
    """Give the parts of a place that are known."""
    if place.file:
        yield Triple(node, _own("file"), Literal(place.file))
    if place.line:
        for name, value in {
            "line": place.line,
            "column": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }.items():
            yield Triple(node, _own(name), Literal(value))


def _link(node: BlankNode | NamedNode, link: str) -> Iterator[Triple]:
    if link:
        yield Triple(node, iri("rdfs:seeAlso"), NamedNode(as_uri(link)))


def _rule_node(rule: Rule) -> NamedNode:
    """Return an IRI for a rule."""
    return NamedNode(f"{BASE}rule/{quote(rule.id, safe='')}")


def _file(path: str) -> NamedNode:
    """Return the IRI of a file: relative to the folder of the run, or an absolute one."""
    artifact = artifact_location(path)
    return NamedNode(artifact["uri"] if "uriBaseId" not in artifact else RELATIVE + artifact["uri"])
