"""What several formats of a report share: a finding and a whole report in one line, the rules, JSON, links."""

import json
import re
from urllib.parse import quote

from destgraph.validation.findings import RELATIVE, SEVERITIES, Finding, Report, Rule
from destgraph.wording import count, visible

# Texts are passed over.
_RELATIVE_OR_TEXT = re.compile(rf'"(?:[^"\\]|\\.)*"|<{re.escape(RELATIVE)}')

LEFT_OUT = "terms, fixes, fingerprints and the text of rules are left out; the formats json, sarif and turtle have them"
"""What the formats junit and github say."""


def line(finding: Finding) -> str:
    """Return a finding in one line, as compilers write it, so that editors and terminals can jump to the place."""
    place = finding.place
    where = f"{place.file}:{place.line}:{place.column}" if place.line else place.file
    return visible(f"{where}: {finding.severity}: {finding.message} [{finding.rule}]")


def summary(report: Report, notes: bool = True) -> str:
    """Return how many findings of each severity there are, and how many rules were checked, in one line."""
    counts = [count(report.count(s), s) for s in SEVERITIES if report.count(s)] or ["no findings"]
    if not notes and report.count("note"):
        counts[-1] += " (listed with --notes)"
    ran = count(sum(rule.looked_at is not None for rule in report.rules), "rule")
    reason = "not finished" if report.unfinished else "an input cannot be read" if report.unreadable else ""
    missing = f"; {reason}, so findings may be missing" if reason else ""
    held_back = f" ({count(report.held_back, 'finding')} held back that it may settle)" if report.held_back else ""
    return f"{', '.join(counts)}; {ran} checked{missing}{held_back}"


def worst_first(report: Report) -> list[Finding]:
    """Return the findings, errors first."""
    return sorted(report.findings, key=lambda finding: SEVERITIES.index(finding.severity))


def rules_of(report: Report) -> list[Rule]:
    """Return the rules that were checked, and what is known of others that findings name."""
    rules = {rule.id: rule for rule in report.rules}
    for finding in report.findings:
        unlisted = Rule(finding.rule, finding.severity, problem="", solution="", source="", query="", help=finding.help)
        rules.setdefault(finding.rule, unlisted)
    return list(rules.values())


def relative_as_written(text: str) -> str:
    """Return N-Triples or Turtle with relative IRIs as they stand in the files."""
    return _RELATIVE_OR_TEXT.sub(lambda found: found[0].removesuffix(RELATIVE), text)


def terms(finding: Finding) -> dict[str, str]:
    """Return the terms of a finding as N-Triples writes them, those that it has; relative IRIs as they stand."""
    given = vars(finding.terms) | {"described": "".join(f"{triple} .\n" for triple in finding.terms.described)}
    return {name: relative_as_written(str(term)) for name, term in given.items() if term}


def artifact_location(path: str) -> dict[str, str]:
    """Return where a file is: relative to the folder of the run, or as an absolute URI."""
    if re.match(r"/|[A-Za-z]:/", path):
        return {"uri": "file:///" + quote(path.lstrip("/"), safe="/:")}
    return {"uri": quote(path), "uriBaseId": "%SRCROOT%"}


def as_json_text(document: object) -> str:
    """Return a document as JSON."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def as_uri(link: str) -> str:
    """Return a link with what no URI may hold written in percent codes."""
    return quote(link, safe=":/?#[]@!$&'()*+,;=%~")
