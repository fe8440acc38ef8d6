"""A report in the forms that people and other tools read; all are made from the same findings.

`FORMATS` maps the name of a format to the function that writes it. JSON, SARIF and Turtle carry every field; JUnit
and GitHub carry what they have room for and say what they left out.
"""

import json as _json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from destgraph.validation.findings import SEVERITIES, Finding, Fix, Place, Report, Rule, Severity
from destgraph.vocabulary import PREFIXES
from destgraph.wording import count, display_width, markdown_escaped, visible

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ANNOTATIONS = 10
"""How many annotations of each severity GitHub shows for one step."""

_CONTEXT = 100
"""How many characters of a line are shown with a mark below."""
_HOME = "https://w3id.org/destgraph/"
_NAMESPACE = _HOME + "report#"
_LEFT_OUT = (
    "terms, fixes, fingerprints and the text of rules are left out; the formats json, sarif and turtle have them"
)


def text(report: Report, notes: bool = False, source: Callable[[Place], str | None] | None = None) -> str:
    """Return a report for people: what was validated, errors and warnings file by file, and a line that sums up.

    `notes` lists the notes too. `source` gives the line of a file at a place, or None; the line is then shown with
    a mark under the place.
    """
    blocks = [[f"Validated {visible(report.scope)}"]]
    shown = [f for f in report.findings if notes or f.severity != "note"]
    for before, finding in zip([None, *shown], shown, strict=False):
        if before is None or before.place.file != finding.place.file:
            blocks.append([])
        blocks[-1] += [line(finding), *_details(finding, source and source(finding.place))]
    return "\n\n".join("\n".join(block) for block in [*blocks, [summary(report, notes)]]) + "\n"


def line(finding: Finding) -> str:
    """Return a finding in one line, as compilers write it, so that editors and terminals can jump to the place."""
    place = finding.place
    where = f"{place.file}:{place.line}:{place.column}: " if place.line else f"{place.file}: " if place.file else ""
    return visible(f"{where}{finding.severity}: {finding.message} [{finding.rule}]")


def summary(report: Report, notes: bool = True) -> str:
    """Return how many findings of each severity there are, and how many rules were checked, in one line."""
    counts = [count(report.count(s), s) for s in SEVERITIES if report.count(s)] or ["no findings"]
    if not notes and report.count("note"):
        counts[-1] += " (listed with --notes)"
    ran = count(sum(rule.looked_at is not None for rule in report.rules), "rule")
    missing = "; an input cannot be read, so findings may be missing" if report.unreadable else ""
    return f"{', '.join(counts)}; {ran} checked{missing}"


def json(report: Report) -> str:
    """Return a report as JSON, with the fields of `destgraph.validation.findings`; a place stands in its finding."""
    document = {
        "scope": report.scope,
        "unreadable": report.unreadable,
        "counts": {severity: report.count(severity) for severity in SEVERITIES},
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity,
                "entity": finding.entity,
                "property": finding.property,
                "value": finding.value,
                "message": finding.message,
                **vars(finding.place),
                "help": finding.help,
                "fingerprint": finding.fingerprint,
                "fix": finding.fix and _flat(finding.fix),
            }
            for finding in report.findings
        ],
        "rules": [vars(rule) for rule in report.rules],
    }
    return _dump(document)


def sarif(report: Report) -> str:
    """Return a report as a SARIF 2.1.0 log with one run (https://docs.oasis-open.org/sarif/sarif/v2.1.0/)."""
    rules = _rules(report)
    places = {rule.id: number for number, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    results = []
    for finding in report.findings:
        seen[finding.fingerprint] += 1
        results.append(_result(finding, places[finding.rule], seen[finding.fingerprint]))
    run = {
        "tool": {
            "driver": {
                "name": "destgraph",
                "semanticVersion": version("destgraph"),
                "informationUri": _HOME,
                "rules": [_descriptor(rule) for rule in rules],
            }
        },
        "invocations": [{"executionSuccessful": not report.unreadable}],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The folder in which destgraph validate ran."}}},
        "columnKind": "unicodeCodePoints",
        "defaultEncoding": "utf-8",
        "results": results,
        "properties": {"scope": report.scope},
    }
    return _dump({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def junit(report: Report, fail_on: Severity = "error") -> str:
    """Return a report as JUnit XML: a test case a rule, which fails for findings at or above the severity `fail_on`.

    Other findings are output of a rule that passes; a rule that looked at nothing is skipped.
    """
    bar = SEVERITIES.index(fail_on)
    suite = ElementTree.Element("testsuite", name="destgraph validate", errors="0")
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in {"scope": report.scope, "summary": summary(report), "left-out": _LEFT_OUT}.items():
        ElementTree.SubElement(properties, "property", name=name, value=visible(value))
    for rule in _rules(report):
        found = [finding for finding in report.findings if finding.rule == rule.id]
        case = ElementTree.SubElement(suite, "testcase", classname="destgraph.validate", name=visible(rule.id))
        failing = [finding for finding in found if SEVERITIES.index(finding.severity) <= bar]
        first = next(iter(failing or found), None)
        if first and first.place.file:
            case.set("file", visible(first.place.file))
            case.set("line", str(first.place.line))
        listed = "\n".join(map(line, found))
        if failing and first:
            message = f"{count(len(failing), 'finding')}: {visible(rule.problem)}"
            ElementTree.SubElement(case, "failure", type=first.severity, message=message).text = listed
        elif found:
            ElementTree.SubElement(case, "system-out").text = listed
        elif not rule.looked_at:
            message = "did not run by itself" if rule.looked_at is None else "found nothing to look at"
            ElementTree.SubElement(case, "skipped", message=message)
    for name, tag in {"tests": "testcase", "failures": "failure", "skipped": "skipped"}.items():
        suite.set(name, str(len(list(suite.iter(tag)))))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(suites, encoding="unicode")}\n'


def github(report: Report) -> str:
    """Return a report as workflow commands of GitHub Actions, which become annotations of a pull request.

    Worst first, as many of each severity as GitHub shows for one step; the rest follows as plain lines of the log,
    and a last annotation says how many those are.
    """
    left: Counter[Severity] = Counter()
    commands, rest = [], []
    room = dict.fromkeys(SEVERITIES, ANNOTATIONS)
    if any(report.count(severity) > ANNOTATIONS for severity in SEVERITIES):
        room["note"] -= 1
    for finding in _worst_first(report):
        if room[finding.severity]:
            room[finding.severity] -= 1
            commands.append(_command(finding))
        else:
            left[finding.severity] += 1
            # Not at the start of the line, and not with the older mark, so that no text of a file acts as a command.
            rest.append(f"- {line(finding)}".replace("##[", "## ["))
    if rest:
        cut = ", ".join(count(number, severity) for severity, number in left.items())
        message = f"{cut} without annotation, as GitHub shows {ANNOTATIONS} of a kind; the log of this step lists them"
        commands.append(f"::notice title=destgraph validate::{message}")
        rest = ["::group::Findings without annotation", *rest, "::endgroup::"]
    said = [f"- validated {visible(report.scope)}", f"- {summary(report)}", f"- {_LEFT_OUT}"]
    return "\n".join([*commands, *rest, *(text.replace("##[", "## [") for text in said)]) + "\n"


def markdown(report: Report, most: int = 100) -> str:
    """Return a report as Markdown for the summary of a job: a line that sums up, and a table of `most` findings."""
    worst_first = _worst_first(report)
    lines = ["### destgraph validate", "", f"Validated {_markdown(report.scope)}", "", summary(report)]
    if worst_first:
        lines += ["", "| | place | message | rule |", "| --- | --- | --- | --- |"]
    for finding in worst_first[:most]:
        place = ":".join(str(part) for part in (finding.place.file, finding.place.line) if part)
        cells = (finding.severity, _markdown(place), _markdown(finding.message), _markdown(finding.rule))
        lines.append(f"| {' | '.join(cells)} |")
    if len(worst_first) > most:
        lines += ["", f"{len(worst_first) - most} more in the log."]
    return "\n".join(lines) + "\n"


def turtle(report: Report) -> str:
    """Return a report as Turtle: a validation report of SHACL (section 3.6) with places, rules and corrections.

    Each property beyond SHACL is declared in the report itself.
    """
    used = {name: PREFIXES[name] for name in ("dcterms", "owl", "rdf", "rdfs", "sh", "skos", "xsd")}
    triples = [*_report(report), *_declarations()]
    return (serialize(triples, format=RdfFormat.TURTLE, prefixes=used | {"report": _NAMESPACE}) or b"").decode()


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": text,
    "json": json,
    "sarif": sarif,
    "junit": junit,
    "github": github,
    "turtle": turtle,
}


def _worst_first(report: Report) -> list[Finding]:
    return sorted(report.findings, key=lambda finding: SEVERITIES.index(finding.severity))


def _rules(report: Report) -> list[Rule]:
    """Return the rules that were checked, and what is known of others that findings name."""
    rules = {rule.id: rule for rule in report.rules}
    for finding in report.findings:
        rules.setdefault(finding.rule, Rule(finding.rule, finding.severity, "", "", "", "", finding.help))
    return list(rules.values())


def _details(finding: Finding, shown: str | None) -> Iterator[str]:
    """Give what follows the line of a finding: the line of the file, or the statement, and the correction."""
    if shown is not None:
        place = finding.place
        start = max(0, place.column - 1 - _CONTEXT // 2)
        before, after = shown[start : place.column - 1], shown[place.column - 1 : start + _CONTEXT].rstrip()
        marked = after[: place.end_column - place.column] if place.end_line == place.line else after
        gutter = f"{place.line:>5} | "
        yield gutter + "".join(letter if letter.isprintable() else " " for letter in before + after)
        yield " " * (len(gutter) + display_width(before)) + "^" * max(display_width(marked), 1)
    elif statement := " ".join(filter(None, dict.fromkeys((finding.entity, finding.property, finding.value)))):
        yield f"    {visible(statement)}"
    if finding.fix:
        yield f"    fix: {visible(finding.fix.description)}"


def _dump(document: object) -> str:
    return _json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _flat(fix: Fix) -> dict[str, Any]:
    return {"text": fix.text, "description": fix.description, **vars(fix.place)}


def _result(finding: Finding, rule: int, occurrence: int) -> dict[str, Any]:
    """Return a SARIF result; GitHub tells results apart by the fingerprint that it calls a hash of the line."""
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": finding.message},
        "partialFingerprints": {
            "destgraphFinding/v1": finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint}:{occurrence}",
        },
        "properties": {
            "entity": finding.entity,
            "property": finding.property,
            "value": finding.value,
            "help": finding.help,
        },
    }
    location: dict[str, Any] = {}
    if finding.place.file:
        location["physicalLocation"] = {"artifactLocation": _artifact(finding.place.file)}
        if finding.place.line:
            location["physicalLocation"]["region"] = _region(finding.place)
    if finding.entity:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.entity, "kind": "resource"}]
    if location:
        result["locations"] = [location]
    if finding.fix:
        change = {
            "artifactLocation": _artifact(finding.fix.place.file),
            "replacements": [
                {"deletedRegion": _region(finding.fix.place), "insertedContent": {"text": finding.fix.text}}
            ],
        }
        result["fixes"] = [{"description": {"text": finding.fix.description}, "artifactChanges": [change]}]
    return result


def _descriptor(rule: Rule) -> dict[str, Any]:
    descriptor = {
        "id": rule.id,
        "shortDescription": {"text": rule.problem},
        "fullDescription": {"text": f"{rule.problem} {rule.solution}"},
        "help": {"text": rule.solution},
        "helpUri": _uri(rule.help),
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"source": rule.source, "query": rule.query, "lookedAt": rule.looked_at},
    }
    return descriptor if rule.help else {key: value for key, value in descriptor.items() if key != "helpUri"}


def _uri(link: str) -> str:
    """Return a link with what no URI may hold written in percent codes."""
    return quote(link, safe=":/?#[]@!$&'()*+,;=%~")


def _artifact(path: str) -> dict[str, str]:
    """Return where a file is: relative to the folder of the run, or as an absolute URI."""
    if re.match(r"/|[A-Za-z]:/", path):
        return {"uri": "file:///" + quote(path.lstrip("/"), safe="/:")}
    return {"uri": quote(path), "uriBaseId": "%SRCROOT%"}


def _region(place: Place) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _command(finding: Finding) -> str:
    """Return a workflow command; GitHub takes columns only where a finding ends on its first line."""
    place = finding.place
    properties: dict[str, str | int] = {}
    if place.file:
        properties["file"] = place.file
    if place.line:
        properties |= {"line": place.line, "endLine": place.end_line}
        if place.line == place.end_line:
            properties |= {"col": place.column, "endColumn": place.end_column}
    properties["title"] = finding.rule
    given = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in properties.items())
    command = "notice" if finding.severity == "note" else finding.severity
    return visible(f"::{command} {given}::{_escaped(finding.message)}")


def _escaped(text: str, more: str = "") -> str:
    """Return a text with the characters escaped that would end a workflow command or a property of one."""
    return "".join(f"%{ord(letter):02X}" if letter in "%\r\n" + more else letter for letter in text)


def _markdown(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return markdown_escaped(visible(text))


_TERMS: Mapping[str, tuple[str, str]] = {
    "scope": ("string", "What was validated, in one line."),
    "unreadable": ("boolean", "Whether an input could not be read or parsed, so that findings may be missing."),
    "checkedRule": ("Rule", "A rule that was checked."),
    "rule": ("Rule", "The rule that a result comes from."),
    "path": ("string", "The property at fault as SPARQL writes it, where it is no single property."),
    "file": ("string", "The file with the fault, as a path with forward slashes."),
    "line": ("integer", "The line where the fault begins, counted from 1."),
    "column": ("integer", "The column where the fault begins, in Unicode characters counted from 1."),
    "endLine": ("integer", "The line where the fault ends."),
    "endColumn": ("integer", "The column after the last character of the fault."),
    "fingerprint": ("string", "A text that is the same for the same fault in another revision."),
    "fix": ("Fix", "A mechanical correction."),
    "text": ("string", "What a correction puts in place of what stands there."),
    "problem": ("string", "What is wrong when a rule fires."),
    "solution": ("string", "What to do when a rule fires."),
    "source": ("string", "Where a rule comes from."),
    "query": ("string", "The text of a rule, in SPARQL or Turtle."),
    "lookedAt": ("integer", "How many nodes, literals or files a rule looked at; not there when it did not run."),
}
_CLASSES = {"Rule": "A rule that a graph is validated against.", "Fix": "A correction that needs no judgement."}
_SHACL_SEVERITY = {"error": "Violation", "warning": "Warning", "note": "Info"}


def _node(prefix: str, name: str) -> NamedNode:
    return NamedNode((PREFIXES | {"report": _NAMESPACE})[prefix] + name)


def _own(name: str) -> NamedNode:
    return _node("report", name)


def _declarations() -> Iterator[Triple]:
    """Give what the properties and classes of a report mean."""
    a = _node("rdf", "type")
    for name, definition in _CLASSES.items():
        yield Triple(_own(name), a, _node("owl", "Class"))
        yield from _described(name, definition)
    for name, (range_, definition) in _TERMS.items():
        yield Triple(_own(name), a, _node("owl", "ObjectProperty" if range_ in _CLASSES else "DatatypeProperty"))
        yield from _described(name, definition)
        yield Triple(_own(name), _node("rdfs", "range"), _own(range_) if range_ in _CLASSES else _node("xsd", range_))


def _described(name: str, definition: str) -> Iterator[Triple]:
    label = re.sub(r"(?<!^)([A-Z])", r" \1", name).lower()
    yield Triple(_own(name), _node("rdfs", "label"), Literal(label, language="en"))
    yield Triple(_own(name), _node("skos", "definition"), Literal(definition, language="en"))
    yield Triple(_own(name), _node("rdfs", "isDefinedBy"), NamedNode(_NAMESPACE.rstrip("#")))


def _report(report: Report) -> Iterator[Triple]:
    a, this = _node("rdf", "type"), BlankNode("report")
    yield Triple(this, a, _node("sh", "ValidationReport"))
    yield Triple(this, _node("sh", "conforms"), Literal(not report.findings))
    yield Triple(this, _own("scope"), Literal(report.scope))
    yield Triple(this, _own("unreadable"), Literal(report.unreadable))
    rules = {rule.id: _rule_node(rule) for rule in _rules(report)}
    results = {BlankNode(f"result{number}"): finding for number, finding in enumerate(report.findings, 1)}
    yield from (Triple(this, _node("sh", "result"), node) for node in results)
    yield from (Triple(this, _own("checkedRule"), node) for node in rules.values())
    for node, finding in results.items():
        yield from _validation_result(node, finding, rules[finding.rule])
    for rule in _rules(report):
        yield from _rule(rules[rule.id], rule)


def _validation_result(node: BlankNode, finding: Finding, rule: NamedNode) -> Iterator[Triple]:
    """Give a result; what is about a file and no node has the file's path as focus node, as SHACL asks for one."""
    yield Triple(node, _node("rdf", "type"), _node("sh", "ValidationResult"))
    yield Triple(node, _node("sh", "resultSeverity"), _node("sh", _SHACL_SEVERITY[finding.severity]))
    yield Triple(node, _node("sh", "focusNode"), _term(finding.entity or finding.place.file))
    if finding.property:
        path = _term(finding.property)
        if isinstance(path, NamedNode):
            yield Triple(node, _node("sh", "resultPath"), path)
        else:
            yield Triple(node, _own("path"), Literal(finding.property))
    if finding.value:
        yield Triple(node, _node("sh", "value"), _term(finding.value))
    yield Triple(node, _node("sh", "resultMessage"), Literal(finding.message))
    yield Triple(node, _node("sh", "sourceConstraintComponent"), rule)
    yield Triple(node, _own("rule"), rule)
    yield from _place(node, finding.place)
    yield Triple(node, _own("fingerprint"), Literal(finding.fingerprint))
    yield from _link(node, finding.help)
    if finding.fix:
        fix = BlankNode(f"{node.value}fix")
        yield Triple(node, _own("fix"), fix)
        yield Triple(fix, _node("rdf", "type"), _own("Fix"))
        yield Triple(fix, _node("dcterms", "description"), Literal(finding.fix.description))
        yield Triple(fix, _own("text"), Literal(finding.fix.text))
        yield from _place(fix, finding.fix.place)


def _rule(node: NamedNode, rule: Rule) -> Iterator[Triple]:
    yield Triple(node, _node("rdf", "type"), _own("Rule"))
    yield Triple(node, _node("dcterms", "identifier"), Literal(rule.id))
    yield Triple(node, _node("sh", "severity"), _node("sh", _SHACL_SEVERITY[rule.severity]))
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
        yield Triple(node, _node("rdfs", "seeAlso"), NamedNode(_uri(link)))


def _rule_node(rule: Rule) -> NamedNode:
    """Return the IRI of a rule: that of a shape, or one made from its id."""
    term = _term(rule.id)
    return term if isinstance(term, NamedNode) else NamedNode(f"{_HOME}rule/{quote(rule.id, safe='')}")


def _term(text: str) -> NamedNode | BlankNode | Literal:
    """Return the term that Turtle reads from a text, or the text itself when that is not exactly one term."""
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    try:
        (quad,) = parse(f"{prefixes}<urn:s> <urn:p> {text}\n.", format=RdfFormat.TURTLE)
    except (SyntaxError, ValueError):
        return Literal(text)
    return quad.object if isinstance(quad.object, NamedNode | BlankNode | Literal) else Literal(text)
