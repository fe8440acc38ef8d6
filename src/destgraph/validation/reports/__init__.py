"""Reports in the forms that people and other tools read, a module a format."""

from destgraph.validation.reports.common import line, summary
from destgraph.validation.reports.formats import FORMATS
from destgraph.validation.reports.github import to_github, to_markdown
from destgraph.validation.reports.json import to_json
from destgraph.validation.reports.junit import to_junit
from destgraph.validation.reports.sarif import left_out, to_sarif
from destgraph.validation.reports.text import to_text
from destgraph.validation.reports.turtle import to_turtle

__all__ = [
    "FORMATS",
    "left_out",
    "line",
    "summary",
    "to_github",
    "to_json",
    "to_junit",
    "to_markdown",
    "to_sarif",
    "to_text",
    "to_turtle",
]
