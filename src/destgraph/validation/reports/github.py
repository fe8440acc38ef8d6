"""A report for GitHub Actions: annotations of a pull request, and the summary of a job."""

from collections import Counter

from destgraph.validation.findings import SEVERITIES, Finding, Report, Severity
from destgraph.validation.reports.common import LEFT_OUT, line, summary, worst_first
from destgraph.wording import count, markdown_escaped, visible

ANNOTATIONS = 10
"""How many annotations of each severity GitHub shows for one step."""


def to_github(report: Report) -> str:
    """Return a report as workflow commands of GitHub Actions, which become annotations of a pull request.

    Worst first, as many of each severity as GitHub shows for one step; the rest follows as plain lines of the log,
    and a last annotation says how many those are.
    """
    left: Counter[Severity] = Counter()
    commands, rest = [], []
    room = dict.fromkeys(SEVERITIES, ANNOTATIONS)
    if any(report.count(severity) > ANNOTATIONS for severity in SEVERITIES):
        room["note"] -= 1
    for finding in worst_first(report):
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
    ending = [f"- validated {visible(report.scope)}", f"- {summary(report)}", f"- {LEFT_OUT}"]
    return "\n".join([*commands, *rest, *(text.replace("##[", "## [") for text in ending)]) + "\n"


def to_markdown(report: Report, most: int = 100) -> str:
    """Return a report as Markdown for the summary of a job: a line that sums up, and a table of `most` findings."""
    findings = worst_first(report)
    lines = ["### destgraph validate", "", f"Validated {_escaped_markdown(report.scope)}", "", summary(report)]
    if findings:
        lines += ["", "| | place | message | rule |", "| --- | --- | --- | --- |"]
    for finding in findings[:most]:
        place = f"{finding.place.file}:{finding.place.line}" if finding.place.line else finding.place.file
        texts = map(_escaped_markdown, (place, finding.message, finding.rule))
        lines.append(f"| {' | '.join([finding.severity, *texts])} |")
    if len(findings) > most:
        lines += ["", f"{len(findings) - most} more in the log."]
    return "\n".join(lines) + "\n"


def _command(finding: Finding) -> str:
    """Return a workflow command; GitHub takes columns only where a finding ends on its first line."""
    place = finding.place
    properties: dict[str, str | int] = {"file": place.file}
    if place.line:
        properties |= {"line": place.line, "endLine": place.end_line}
        if place.line == place.end_line:
            properties |= {"col": place.column, "endColumn": place.end_column}
    properties["title"] = finding.rule
    given = ",".join(f"{name}={_escaped_command(str(value), ':,')}" for name, value in properties.items())
    command = "notice" if finding.severity == "note" else finding.severity
    return visible(f"::{command} {given}::{_escaped_command(finding.message)}")


def _escaped_command(text: str, more: str = "") -> str:
    """Return a text with the characters escaped that would end a workflow command or a property of one."""
    return "".join(f"%{ord(letter):02X}" if letter in "%\r\n" + more else letter for letter in text)


def _escaped_markdown(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return markdown_escaped(visible(text))
