"""A report as JSON, for scripts."""

from typing import Any

from destgraph.validation.findings import SEVERITIES, Fix, Report, Rule
from destgraph.validation.reports.common import as_json_text, terms


def to_json(report: Report) -> str:
    """Return a report as JSON, with the fields of `destgraph.validation.findings`; a place stands in its finding."""
    document = {
        "scope": report.scope,
        "unreadable": report.unreadable,
        "unfinished": report.unfinished,
        "held_back": report.held_back,
        "prefixes": dict(report.prefixes),
        "digests": dict(report.digests),
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
                "times": finding.times,
                "terms": terms(finding),
                "missing": finding.missing,
                "suggestion": finding.suggestion,
                "also": finding.also,
                "elsewhere": [vars(place) for place in finding.elsewhere],
                "fix": finding.fix and _flat(finding.fix),
            }
            for finding in report.findings
        ],
        "rules": [_rule(rule) for rule in report.rules],
    }
    return as_json_text(document)


def _flat(fix: Fix) -> dict[str, Any]:
    return {name: value for name, value in vars(fix).items() if name != "place"} | vars(fix.place)


def _rule(rule: Rule) -> dict[str, Any]:
    """Return a rule without its examples, which are for people and many times longer than what is found."""
    return {name: value for name, value in vars(rule).items() if name not in ("bad", "good")}
