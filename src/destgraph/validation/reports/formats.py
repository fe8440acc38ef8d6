"""The formats of a report; all are made from the same findings.

JSON, SARIF and Turtle carry every field; JUnit and GitHub carry what they have room for and say what they left out.
"""

from collections.abc import Callable, Mapping

from destgraph.validation.findings import Report
from destgraph.validation.reports.github import to_github
from destgraph.validation.reports.json import to_json
from destgraph.validation.reports.junit import to_junit
from destgraph.validation.reports.sarif import to_sarif
from destgraph.validation.reports.text import to_text
from destgraph.validation.reports.turtle import to_turtle

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": to_text,
    "json": to_json,
    "sarif": to_sarif,
    "junit": to_junit,
    "github": to_github,
    "turtle": to_turtle,
}
"""The name of each format, and the function that writes it."""
