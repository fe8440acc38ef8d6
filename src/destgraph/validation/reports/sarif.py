"""A report as SARIF 2.1.0, for GitHub code scanning and editors."""

from collections import Counter
from typing import Any

from destgraph.validation.findings import Finding, Place, Report, Rule
from destgraph.validation.reports.common import artifact_location, as_json_text, as_uri, rules_of, terms, worst_first
from destgraph.vocabulary import BASE
from destgraph.wording import count

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


RESULTS = 25_000
"""How many results GitHub takes in a run; it refuses a file with more."""


def to_sarif(report: Report) -> str:
    """Return a report as a SARIF 2.1.0 log with one run (https://docs.oasis-open.org/sarif/sarif/v2.1.0/).

    It has the worst findings, as many as GitHub takes, and says how many are left out.
    """
    from importlib.metadata import version  # nothing else in the command needs it

    kept = {id(finding) for finding in worst_first(report)[:RESULTS]}
    rules = rules_of(report)
    places = {rule.id: number for number, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    results = []
    for finding in report.findings:
        seen[finding.fingerprint] += 1
        if id(finding) in kept:
            results.append(_result(finding, places[finding.rule], seen[finding.fingerprint]))
    invocation: dict[str, Any] = {"executionSuccessful": not (report.unreadable or report.unfinished)}
    if told := left_out(report):
        invocation["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": told}}]
    run = {
        "tool": {
            "driver": {
                "name": "destgraph",
                "semanticVersion": version("destgraph"),
                "informationUri": BASE,
                "rules": [_descriptor(rule) for rule in rules],
            }
        },
        "invocations": [invocation],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The folder in which destgraph validate ran."}}},
        "columnKind": "unicodeCodePoints",
        "defaultEncoding": "utf-8",
        "results": results,
        "properties": {"scope": report.scope, "heldBack": report.held_back},
    }
    return as_json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def left_out(report: Report) -> str:
    """Return what of a report SARIF leaves out, nothing when it is whole."""
    number = len(report.findings) - RESULTS
    if number <= 0:
        return ""
    return f"{count(number, 'finding')} left out, those of least weight: GitHub takes {RESULTS:,} results in a run"


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
            "terms": terms(finding),
            "missing": finding.missing,
            "suggestion": finding.suggestion,
            "also": finding.also,
        },
        "locations": [_location(finding.place)],
    }
    (location,) = result["locations"]
    if finding.elsewhere:
        result["relatedLocations"] = [_location(place) for place in finding.elsewhere]
    if finding.times > 1:
        result["occurrenceCount"] = finding.times
    if finding.entity:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.entity, "kind": "resource"}]
    if finding.fix:
        change = {
            "artifactLocation": artifact_location(finding.fix.place.file),
            "replacements": [
                {"deletedRegion": _region(finding.fix.place), "insertedContent": {"text": finding.fix.text}}
            ],
        }
        fix = {"description": {"text": finding.fix.description}, "artifactChanges": [change]}
        result["fixes"] = [fix | {"properties": {"meant": finding.fix.meant, "mechanical": finding.fix.mechanical}}]
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


def _location(place: Place) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": artifact_location(place.file), "region": _region(place)}}


def _region(place: Place) -> dict[str, int]:
    """Return a stretch of a file; GitHub wants one of what is about a file as a whole too, and gets its beginning."""
    if not place.line:
        return dict.fromkeys(("startLine", "startColumn", "endLine", "endColumn"), 1)
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
