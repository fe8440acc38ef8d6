"""A report as JUnit XML, for the test views of CI systems."""

from xml.etree import ElementTree

from destgraph.validation.findings import SEVERITIES, Report, Severity
from destgraph.validation.reports.common import LEFT_OUT, line, rules_of, summary
from destgraph.wording import count, visible


def to_junit(report: Report, fail_on: Severity = "error") -> str:
    """Return a report as JUnit XML: a test case a rule, which fails for findings at or above the severity `fail_on`.

    Other findings are output of a rule that passes; a rule that looked at nothing is skipped.
    """
    bar = SEVERITIES.index(fail_on)
    suite = ElementTree.Element("testsuite", name="destgraph validate", errors="0")
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in {"scope": report.scope, "summary": summary(report), "left-out": LEFT_OUT}.items():
        ElementTree.SubElement(properties, "property", name=name, value=visible(value))
    for rule in rules_of(report):
        of_rule = [finding for finding in report.findings if finding.rule == rule.id]
        case = ElementTree.SubElement(suite, "testcase", classname="destgraph.validate", name=visible(rule.id))
        failing = [finding for finding in of_rule if SEVERITIES.index(finding.severity) <= bar]
        first = next(iter(failing or of_rule), None)
        if first:
            case.set("file", visible(first.place.file))
        if first and first.place.line:
            case.set("line", str(first.place.line))
        listed = "\n".join(map(line, of_rule))
        if failing and first:
            message = f"{count(len(failing), 'finding')}: {visible(rule.problem)}"
            ElementTree.SubElement(case, "failure", type=first.severity, message=message).text = listed
        elif of_rule:
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
