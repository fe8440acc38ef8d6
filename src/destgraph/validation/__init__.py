"""Validation of Turtle, shapes and queries: findings that point at file, line and column."""

from destgraph.validation.entry import rules, validate
from destgraph.validation.findings import Finding, Fix, Place, Report, Rule

__all__ = ["Finding", "Fix", "Place", "Report", "Rule", "rules", "validate"]
