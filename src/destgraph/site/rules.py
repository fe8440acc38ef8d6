"""The pages of the rules that `destgraph validate` applies: what each finds, what to do, and examples."""

from destgraph.site.frame import View
from destgraph.validation import rules as every_rule
from destgraph.vocabulary import PREFIXES


def rules(view: View) -> bytes:
    """Return the page of the rules that are no shapes, each under its id."""
    found = [rule for rule in every_rule(root=view.model.graph.root) if not rule.help.startswith(PREFIXES["shapes"])]
    lead = "What destgraph validate finds beside what the shapes ask for: by rules in SPARQL, and in files as such."
    return view.render("rules.html", "Rules", rules=found, lead=lead)


def shapes(view: View) -> bytes:
    """Return the page of the shapes, each under its name."""
    found = [rule for rule in every_rule(root=view.model.graph.root) if rule.help.startswith(PREFIXES["shapes"])]
    lead = "The SHACL shapes of the graph: what each asks for, why, and what to do about a finding."
    return view.render("rules.html", "Shapes", rules=found, lead=lead)
