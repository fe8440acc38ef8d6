"""Edits that a maintainer makes: one fault, one finding.

`edits.txt` holds the edits. All of them are put into one copy of the graph, which is validated once; each finding
belongs to one of them. A nightly test makes each edit alone.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import pytest
from expected import ADVICE, Expected
from test_defects import Defect, block, put

from destgraph import files, validate, validation
from destgraph.validation import engine
from destgraph.validation.findings import Finding, Report
from destgraph.validation.precedence import CONSEQUENCES, MISREAD, OVERLAPS, settled, table
from destgraph.validation.scope import scope

DOCUMENT = Path(__file__).parents[2] / "docs" / "findings.md"
EDITS = Path(__file__).with_name("edits.txt")


def read() -> list[tuple[str, int, Defect]]:
    """Return the edits: what is done, how many faults that makes, and the change."""
    edits = []
    for part in EDITS.read_text(encoding="utf-8").split("\n== ")[1:]:
        head, *lines = part.splitlines()
        title, faults, where = head.split(" | ")
        file, subject = where.split()
        edits.append((title, int(faults), Defect((), file, subject, tuple(lines))))
    return edits


def tree(folder: Path) -> Path:
    """Return a copy of the graph."""
    for part in ("ontology", "data", "queries"):
        shutil.copytree(files.root() / part, folder / part)
    return folder


def edited(folder: Path, edits: Sequence[Defect]) -> Report:
    """Make edits in a copy of the graph, and return all that is found."""
    for number, edit in enumerate(edits):
        path = folder / edit.file
        path.write_text(put(edit, number, path.read_text(encoding="utf-8")), encoding="utf-8")
    return engine.run(scope(folder=folder))


def of(edit: Defect, report: Report, folder: Path) -> list[Finding]:
    """Return the findings of an edit: in the block of its subject, or about that."""
    name = (
        edit.subject if ":" in edit.subject else f"<https://w3id.org/destgraph/destination/{edit.subject.strip('<>')}>"
    )
    text = (folder / edit.file).read_text(encoding="utf-8")
    lines = range(0)
    if f"\n{edit.subject} " in text:
        start, end = block(text, edit.subject)
        lines = range(text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 2)
    return [
        finding
        for finding in report.findings
        if finding.severity != "note"
        and (
            (finding.place.file == edit.file and finding.place.line in lines)
            or name in (finding.entity, finding.value, *finding.missing)
        )
    ]


def test_one_fault_is_one_finding(tmp_path: Path, expected_files: Expected) -> None:
    """The table in docs/findings.md tells what each edit gave before and gives now; the median is one."""
    edits = read()
    folder = tree(tmp_path)
    everything = edited(folder, [edit for _, _, edit in edits])
    now = settled(everything)
    found = [of(edit, now, folder) for _, _, edit in edits]
    belonging = {id(finding) for findings in found for finding in findings}
    assert [f for f in now.findings if f.severity != "note" and id(f) not in belonging] == []
    assert median(len(findings) / faults for (_, faults, _), findings in zip(edits, found, strict=True)) == 1
    made = "\n".join(rows(edits, [of(edit, everything, folder) for _, _, edit in edits], found))
    assert made == expected_files.part(DOCUMENT, r"^(\| edit \|.*?)\n\n", made), ADVICE


def rows(
    edits: Sequence[tuple[str, int, Defect]], before: Sequence[list[Finding]], now: Sequence[list[Finding]]
) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| edit | faults | before | now | finding |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for (title, faults, _), old, new in zip(edits, before, now, strict=True):
        told = "; ".join(f"{', '.join(sorted({f.rule for f in new if f.message == m}))}: {m}" for m in messages(new))
        yield f"| {title} | {faults} | {len(old)} | {len(new)} | {told.replace('|', chr(92) + '|')} |"


def messages(findings: Sequence[Finding]) -> list[str]:
    """Return the messages, each once."""
    return [*dict.fromkeys(finding.message for finding in findings)]


@pytest.mark.nightly
@pytest.mark.parametrize(("title", "faults", "edit"), read(), ids=[title for title, _, _ in read()])
def test_an_edit_alone(title: str, faults: int, edit: Defect, tmp_path: Path) -> None:
    """It gives as many findings as it does among the others, and nothing else."""
    now = settled(edited(tree(tmp_path), [edit]))
    found = [finding for finding in now.findings if finding.severity != "note"]
    assert len(found) == len(of(edit, now, tmp_path))
    row = re.search(
        rf"^\| {re.escape(title)} \| {faults} \| \d+ \| (\d+) ", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert row
    assert int(row[1]) == len(found)


def test_documented_precedence(expected_files: Expected) -> None:
    """The table in docs/findings.md is the one in the code."""
    assert table() == expected_files.part(DOCUMENT, r"^(\| same \|.*?)\n\n## ", table()), ADVICE


def test_other_shapes_are_all_told(tmp_path: Path) -> None:
    """Those that have a name of ours too."""
    head = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix ex: <http://example.org/> .\n"
    kinds = {
        "FeatureDocumented": "minCount 1",
        "Described": "minCount 1",
        "Evidence": "nodeKind sh:IRI",
        "Limit": "class ex:D",
    }
    paths = dict(zip(kinds, ("ex:a", "ex:b", "ex:c", "ex:c"), strict=True))
    shapes = "".join(
        f"ex:{name}Shape a sh:PropertyShape ; sh:targetClass ex:Card ; sh:path {paths[name]} ; sh:{rest} .\n"
        for name, rest in kinds.items()
    )
    (tmp_path / "shapes.ttl").write_text(head + shapes)
    (tmp_path / "data.ttl").write_text(head + 'ex:x a ex:Card ; ex:c "text" .\n')
    report = validate([tmp_path / "data.ttl"], shapes=[tmp_path / "shapes.ttl"])
    assert [(finding.rule, finding.also) for finding in report.findings] == [
        ("DescribedShape", ()),
        ("FeatureDocumentedShape", ()),
        ("EvidenceShape", ()),
        ("LimitShape", ()),
    ]


def test_a_shape_takes_no_name_of_a_rule(tmp_path: Path) -> None:
    """One that is called as a rule of this program has its IRI as id, and the rule is there beside it."""
    (tmp_path / "shapes.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix ex: <http://example.org/> .\n"
        "ex:ill_typed_literal a sh:PropertyShape ; sh:targetNode ex:x ; sh:path ex:a ; sh:minCount 1 .\n"
    )
    (tmp_path / "data.ttl").write_text(
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n@prefix ex: <http://example.org/> .\n"
        'ex:x ex:c "no"^^xsd:integer .\n'
    )
    report = validate([tmp_path / "data.ttl"], shapes=[tmp_path / "shapes.ttl"])
    ids = ["http://example.org/ill_typed_literal", "ill_typed_literal"]
    assert [finding.rule for finding in report.findings] == ids
    assert [rule.id for rule in report.rules if rule.id.endswith("ill_typed_literal")] == ids


def test_precedence_names_what_there_is() -> None:
    """Each name in the table is that of a rule, or of a component of SHACL."""
    rows = [(*overlap.rules,) for overlap in OVERLAPS] + [(*one.causes, *one.effects) for one in CONSEQUENCES]
    named = {name for row in rows for name in row} | {MISREAD.rule}
    components = {name for name in named if name.startswith("sh:")}
    assert named - {rule.id for rule in validation.rules()} == components == {"sh:DatatypeConstraintComponent"}
