"""Own data: what they do not state is no error, what they state is checked."""

import re
from pathlib import Path

import pytest
from small import FILES, HEAD, written

import destgraph
from destgraph.errors import InputError
from destgraph.validation.arguments import Profile
from destgraph.validation.findings import Report

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PROFILE = """[own]
StatusShape = "never"
split_subject = "note"

[severity]
no_label = "warning"
"""
MINE = HEAD + "destination:mine a dg:Connection .\n"


def told(report: Report) -> list[str]:
    """Return place, severity and rule of each finding."""
    return [f"{f.place.file}:{f.place.line}:{f.place.column} {f.severity} {f.rule}" for f in report.findings]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small graph."""
    return written(tmp_path / "graph", FILES)


def test_the_example_of_the_readme_passes(tmp_path: Path) -> None:
    """Without switches, with the whole graph: one note tells what nothing is said of."""
    (text,) = re.findall(r"^```turtle\n(# own.ttl\n.*?)^```$", README, re.MULTILINE | re.DOTALL)
    report = destgraph.validate(["own.ttl"], folder=written(tmp_path, {"own.ttl": text}))
    assert told(report) == ["own.ttl:6:1 note OneCategoryShape"]
    (note,) = report.findings
    assert note.message == (
        "nothing is said of dcterms:description, dcterms:source, dg:availableWith, dg:category, dg:endpointOwner, "
        "dg:platform, dg:status, dg:vendor, so that is unknown"
    )


def test_the_place_of_a_file_gives_its_profile(tree: Path, tmp_path: Path) -> None:
    """Beside the graph, in its folder but no part of it, and in it; `profile` chooses another."""
    written(tmp_path, {"beside.ttl": MINE.replace("mine", "beside")})
    written(tree, {"inside.ttl": MINE.replace("mine", "inside"), "data/part.ttl": MINE})
    own = ["note StatusShape", "note no_label"]
    catalog = ["error StatusShape", "warning no_label"]
    cases: tuple[tuple[Path, list[str], list[str], Profile], ...] = (
        (tmp_path / "beside.ttl", own, catalog, "catalog"),
        (tree / "inside.ttl", own, catalog, "catalog"),
        (tree / "data" / "part.ttl", catalog, own, "own"),
    )
    for file, expected, other, name in cases:
        for profile, wanted in ((None, expected), (name, other)):
            report = destgraph.validate([file], root=tree, folder=tmp_path, profile=profile)
            assert [line.split(" ", 1)[1] for line in told(report)] == wanted, (file, profile)
            assert ("as own data" in report.scope) == (wanted == own)


def test_what_is_stated_is_checked(tree: Path, tmp_path: Path) -> None:
    """Values, literals and terms are errors, whatever the profile."""
    text = HEAD + (
        'destination:mine a dg:Connection ; rdfs:label "Mine"@en ; dg:status "gone" ;\n'
        '    rdfs:labell "x" ; dg:status "2024-13-01"^^<http://www.w3.org/2001/XMLSchema#date> .\n'
    )
    report = destgraph.validate(["mine.ttl"], root=tree, folder=written(tmp_path, {"mine.ttl": text}))
    assert told(report) == [
        "mine.ttl:5:69 error StatusShape",
        "mine.ttl:6:5 error unknown_term",
        "mine.ttl:6:33 error StatusShape",
        "mine.ttl:6:33 error ill_typed_literal",
    ]


def test_rules_weigh_otherwise_in_own_data(tree: Path, tmp_path: Path) -> None:
    """The profile of the rules says how much, and which do not apply; what is wrong in it is told."""
    written(tree, {"queries/rules/profile.toml": PROFILE})
    written(tmp_path, {"mine.ttl": HEAD + 'destination:one dg:status "gone" .\n'})
    report = destgraph.validate(["mine.ttl"], root=tree, folder=tmp_path)
    assert told(report) == ["mine.ttl:5:1 note split_subject"]
    written(tree, {"queries/rules/profile.toml": PROFILE.replace('"never"', '"sometimes"')})
    (finding,) = destgraph.validate(folder=tree).findings
    assert (finding.rule, finding.place.file) == ("rule_not_usable", "queries/rules/profile.toml")
    assert finding.message == (
        "own gives StatusShape the severity sometimes; use error, warning, note or never; correct it"
    )


def test_own_shapes_have_no_profile(tmp_path: Path) -> None:
    """What they ask for counts."""
    written(tmp_path, {"s.ttl": "<urn:s> <urn:p> <urn:o> .", "d.ttl": "<urn:s> <urn:p> <urn:o> ."})
    with pytest.raises(InputError, match=r"^a profile is for the rules of destgraph, not for own shapes"):
        destgraph.validate(["d.ttl"], shapes=["s.ttl"], folder=tmp_path, profile="own")


def test_the_whole_graph_of_a_file(tree: Path, tmp_path: Path) -> None:
    """`whole` validates all of the graph that a file lies in, beside files elsewhere; without a graph, files."""
    written(tree, {"data/two.ttl": MINE, "tests/odd.ttl": MINE, "queries/rules/profile.toml": PROFILE})
    written(tmp_path, {"mine.ttl": MINE.replace("mine", "other")})
    given = [tree / "data" / "one.ttl", tree / "queries" / "rules" / "profile.toml", tree / "tests" / "odd.ttl"]
    assert told(destgraph.validate(given, folder=tmp_path, whole=True)) == [
        "graph/data/two.ttl:5:1 error StatusShape",
        "graph/data/two.ttl:5:1 warning no_label",
    ]
    both = destgraph.validate([*given, "mine.ttl"], folder=tmp_path, whole=True)
    assert told(both)[2:] == ["mine.ttl:5:1 note no_label"]
    assert both.scope == "1 file, as own data, together with the graph in graph"
    with pytest.raises(InputError, match=r"^no graph of destgraph in \. or above it; name the files to validate$"):
        destgraph.validate(folder=tmp_path, whole=True)
