"""The rules of the program: each has an example that it finds and one that it does not, and counts what it looks at."""

import re
from pathlib import Path

import pytest
from small import FILES, HEAD, written

import destgraph
from destgraph.validation import engine, rules
from destgraph.validation.built_in import BuiltIn, registered
from destgraph.validation.findings import Report

RULES = list(registered().values())
# What no text can be an example of: other tests make it.
WITHOUT_EXAMPLES = {"file_refused", "not_finished"}
CASES = [(rule, name) for rule in RULES if rule.id not in WITHOUT_EXAMPLES for name in ("bad", "good")]


def files_of(example: str, rule: str) -> dict[str, str]:
    """Return the files that an example names in comments; without any it is one file of the data or of the shapes."""
    parts = re.split(r"^# (\S+\.(?:ttl|rq))\n", example, flags=re.MULTILINE)
    if len(parts) == 1:
        folder = "ontology/shapes" if "sh:" in example else "ontology" if "owl:" in example else "data"
        return {f"{folder}/{rule}.ttl": example}
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def validate(folder: Path, rule: BuiltIn, example: str) -> Report:
    """Validate the small graph with the files of an example; report on those that are in no folder of it alone."""
    files = files_of(example, rule.id)
    root = written(folder, FILES | files)
    return destgraph.validate([name for name in files if "/" not in name], folder=root)


@pytest.mark.parametrize(("rule", "name"), CASES, ids=[f"{rule.id}-{name}" for rule, name in CASES])
def test_examples(tmp_path: Path, rule: BuiltIn, name: str) -> None:
    """The rule finds the bad example, and nothing of its kind in the good one, which differs little."""
    report = validate(tmp_path, rule, getattr(rule.rule, name))
    found = {finding.rule for finding in report.findings}
    assert (rule.id in found) == (name == "bad"), report.findings
    assert found - {rule.id} <= {"StatusShape", "no_label", "undescribed_reference"}, report.findings
    (count,) = (listed.looked_at for listed in report.rules if listed.id == rule.id)
    assert count
    assert len(set(rule.rule.bad.splitlines()) ^ set(rule.rule.good.splitlines())) <= 8


def test_engine_imports_every_module_with_rules() -> None:
    """No rule is left out of the list, and each says the four things there are to say."""
    folder = Path(engine.__file__).parent
    written_down = sum(len(re.findall(r"^(?:@file_rule|\w+ = step_rule)\(", p.read_text(), re.MULTILINE))
                       for p in folder.glob("*.py"))  # fmt: skip
    assert len(RULES) == written_down == 21
    listed = {rule.id: rule for rule in rules()}
    for rule in RULES:
        assert listed[rule.id] == rule.rule
        assert all((rule.rule.problem, rule.rule.solution, rule.rule.source))
        assert all((rule.rule.bad, rule.rule.good)) != (rule.id in WITHOUT_EXAMPLES)
        assert rule.rule.help == f"https://w3id.org/destgraph/rules#{rule.id}"


def test_each_rule_counts_what_it_looks_at(tmp_path: Path) -> None:
    """Files, literals, IRIs, prefixes, queries, shapes or rules: not one number for all."""
    report = destgraph.validate(folder=written(tmp_path, FILES))
    counts = {rule.id: rule.looked_at for rule in report.rules}
    assert {id_: counts[id_] for id_ in registered()} == {
        "turtle_syntax": 4,
        "file_refused": 4,
        "rule_not_usable": 1,
        "query_syntax": 1,
        "query_reaches_out": 1,
        "undeclared_term": 1,
        "ill_typed_literal": 6,
        "relative_iri": 35,
        "unknown_term": 12,
        "prefix_differs": 11,
        "split_subject": 7,
        "category_of_file": 0,
        "regex_look_around": 0,
        "pattern_not_usable": 0,
        "shapes_not_usable": 1,
        "shape_without_focus_nodes": 1,
        "nothing_looked_at": 2,
        "shape_not_applied": 6,
        "rule_looks_at_nothing": 1,
        "not_finished": None,
        "question_not_usable": 0,
    }


def test_rules_that_do_not_apply_did_not_run(tmp_path: Path) -> None:
    """What is about a graph of destgraph is not counted for shapes and data of others."""
    shapes = "<urn:s> a <http://www.w3.org/ns/shacl#NodeShape> ; <http://www.w3.org/ns/shacl#targetNode> <urn:a> ."
    written(tmp_path, {"s.ttl": shapes, "d.ttl": HEAD + "<urn:a> a <urn:c> ."})
    report = destgraph.validate(["d.ttl"], shapes=["s.ttl"], folder=tmp_path)
    idle = {rule.id for rule in report.rules if rule.looked_at is None}
    assert idle == {"prefix_differs", "split_subject", "undeclared_term", "question_not_usable", "pattern_not_usable",
                    "rule_not_usable", "rule_looks_at_nothing", "not_finished", "category_of_file"}  # fmt: skip
