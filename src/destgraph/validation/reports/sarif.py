"""A report as SARIF 2.1.0, for GitHub code scanning and editors."""

import re
from collections import Counter
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from destgraph.validation.findings import Finding, Place, Report, Rule
from destgraph.validation.reports.common import as_json_text, as_uri, rules_of
from destgraph.vocabulary import BASE

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def to_sarif(report: Report) -> str:
    """Return a report as a SARIF 2.1.0 log with one run (https://docs.oasis-open.org/sarif/sarif/v2.1.0/)."""
    rules = rules_of(report)
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
                "informationUri": BASE,
                "rules": [_descriptor(rule) for rule in rules],
            }
        },
        "invocations": [{"executionSuccessful": not (report.unreadable or report.unfinished)}],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The folder in which destgraph validate ran."}}},
        "columnKind": "unicodeCodePoints",
        "defaultEncoding": "utf-8",
        "results": results,
        "properties": {"scope": report.scope, "heldBack": report.held_back},
    }
    return as_json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


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
    if finding.times > 1:
        result["occurrenceCount"] = finding.times
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
        "helpUri": as_uri(rule.help),
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"source": rule.source, "query": rule.query, "lookedAt": rule.looked_at},
    }
    return descriptor if rule.help else {key: value for key, value in descriptor.items() if key != "helpUri"}


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
