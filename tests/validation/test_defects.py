"""Defects seeded into the real files: each is found, at the line and column where it was put.

`defects.txt` holds the defects. All of them are put into one copy of the graph, which is validated once.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pytest
from expected import ADVICE, Expected

from destgraph import files, validation
from destgraph.validation import engine
from destgraph.validation.findings import Finding, Report
from destgraph.validation.precedence import settled
from destgraph.validation.scope import scope

ROOT = Path(__file__).parents[2]
MARK = re.compile(r"▸(?:(\d+)-(\d+)▸)?")

# Rules that say something of a whole run or folder; test_engine.py, test_folders.py and test_bounded.py beside show
# each of them.
ELSEWHERE = {
    "file_refused",
    "not_finished",
    "nothing_looked_at",
    "pattern_not_usable",
    "rule_looks_at_nothing",
    "rule_not_usable",
    "shape_not_applied",
    "shapes_not_usable",
    "turtle_syntax",
}


# Rules that say different things of one statement.
DIFFERENT = {
    ("NoteNeededShape", "ValueSchemeShape"),
    ("catch_all_class", "idle_class"),
    ("class_name", "idle_class"),
    ("is_property", "unused_property"),
    ("label_longer_than_definition", "shared_definition"),
    ("mixed_property_kinds", "property_name"),
    ("mixed_property_kinds", "unused_property"),
    ("property_name", "unused_property"),
    ("several_domains_or_ranges", "subproperty_wider_than_parent"),
}


@dataclass(frozen=True)
class Defect:
    """What to change in the block of a subject, and the rules that each mark in the new lines is for."""

    rules: tuple[tuple[str, ...], ...]
    file: str
    subject: str
    lines: tuple[str, ...]


def read(path: Path) -> list[Defect]:
    """Return the defects of a file."""
    defects = []
    for part in path.read_text(encoding="utf-8").split("\n== ")[1:]:
        head, *lines = part.splitlines()
        *rules, file, subject = head.split()
        defects.append(Defect(tuple(tuple(rule.split("+")) for rule in rules), file, subject, tuple(lines)))
    return defects


def block(text: str, subject: str) -> tuple[int, int]:
    """Return where the block of a subject starts and ends; marks do not count."""
    pattern = rf"^(?:{MARK.pattern})?{re.escape(subject)}(?= )"
    start = next(re.finditer(pattern, text, re.MULTILINE)).start()
    end = text.find("\n\n", start)
    return start, len(text.rstrip("\n")) if end < 0 else end


def put(defect: Defect, number: int, text: str) -> str:
    """Return a file's text with a defect, its marks numbered."""
    marks = iter(range(9))
    lines = [MARK.sub(lambda _: f"▸{number}-{next(marks)}▸", line) for line in defect.lines]
    if not any(line.startswith("-") for line in lines):
        return "\n".join([text, *(line[1:] for line in lines), ""]) if lines else text
    start, end = block(text, defect.subject)
    part = text[start:end].split("\n")
    at = 0
    for line in lines:
        if line.startswith("-"):
            found = [n for n, known in enumerate(part) if MARK.sub("", known) == line[1:]]
            assert len(found) == 1, f"{defect.file}, {defect.subject}: {line}"
            at = found[0]
            del part[at]
        else:
            part.insert(at, line[1:])
            at += 1
    return text[:start] + "\n".join(part) + text[end:]


def seed(defects: Iterable[Defect], tree: Path) -> list[tuple[str, str, int, int]]:
    """Put the defects into a tree; return what must be found: rule, file, line and column, in the order of defects."""
    numbered = list(enumerate(defects))
    texts: dict[str, str] = {}
    for number, defect in numbered:
        text = texts.get(defect.file) or (tree / defect.file).read_text(encoding="utf-8")
        texts[defect.file] = put(defect, number, text)
    places: dict[tuple[int, int], int] = {}
    for file, text in texts.items():
        plain = ""
        rest = 0
        for found in MARK.finditer(text):
            plain += text[rest : found.start()]
            rest = found.end()
            places[int(found[1]), int(found[2])] = len(plain)
        texts[file] = plain + text[rest:]
        (tree / file).write_text(texts[file], encoding="utf-8")
    expected = []
    for number, defect in numbered:
        marks = sum(key[0] == number for key in places)
        assert marks in (0, 1, len(defect.rules)), defect
        for index, rules in enumerate(defect.rules):
            text = texts[defect.file]
            at = places[number, index if marks > 1 else 0] if marks else block(text, defect.subject)[0]
            line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
            expected += [(rule, defect.file, line, column) for rule in rules]
    return expected


def key(finding: Finding) -> tuple[str, str, int, int]:
    """Return rule and place of a finding."""
    return finding.rule, finding.place.file, finding.place.line, finding.place.column


def row(number: int, finding: Finding) -> str:
    """Return a row of the table."""
    texts = [finding.entity, finding.property, finding.value, finding.message]
    cells = [f"`{text}`" if text and index < 3 else text for index, text in enumerate(texts)]
    cells = [" ".join(cell.replace("|", "\\|").split()) for cell in cells]
    place = f"{finding.place.file}:{finding.place.line}:{finding.place.column}"
    return f"| {number} | `{finding.rule}` | {finding.severity} | {place} | {' | '.join(cells)} |"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the graph."""
    folder = tmp_path_factory.mktemp("defects")
    for part in ("ontology", "data", "queries"):
        shutil.copytree(files.root() / part, folder / part)
    return folder


@pytest.fixture(scope="module")
def expected(tree: Path) -> list[tuple[str, str, int, int]]:
    """What must be found after the defects were put into the copy."""
    return seed(read(Path(__file__).with_name("defects.txt")), tree)


@pytest.fixture(scope="module")
def report(tree: Path, expected: list[tuple[str, str, int, int]]) -> Report:
    """The report on the copy with all defects."""
    assert expected
    return engine.run(scope(folder=tree))


def test_each_defect_is_found_where_it_is(report: Report, expected: list[tuple[str, str, int, int]]) -> None:
    """File, line and column are those of the mark."""
    found = {key(finding) for finding in report.findings}
    by_rule = {rule: sorted(k for k in found if k[0] == rule) for rule, *_ in expected}
    assert [(wanted, by_rule[wanted[0]]) for wanted in expected if wanted not in found] == []


def test_each_rule_has_a_defect(expected: list[tuple[str, str, int, int]]) -> None:
    """No shape with a target, no query and no check of the program is left out."""
    rules = {rule.id for rule in validation.rules() if rule.id.endswith("Shape") or rule.id.islower()}
    assert len(rules) > 160
    assert rules - {rule for rule, *_ in expected} - ELSEWHERE == set()


def test_no_fault_is_told_twice(report: Report) -> None:
    """What several rules still say of one statement, or of what is missing, are different faults."""
    by_statement: dict[tuple[str, ...], set[str]] = {}
    for finding in settled(report).findings:
        if finding.entity and finding.property:
            key = (finding.entity, finding.property, finding.value, str(finding.place))
            by_statement.setdefault(key, set()).add(finding.rule)
    told = {pair for rules in by_statement.values() for pair in combinations(sorted(rules), 2)}
    assert told == DIFFERENT


def test_documented_table(report: Report, expected: list[tuple[str, str, int, int]], expected_files: Expected) -> None:
    """The table in docs/defects.md is the one made from the report."""
    new = "".join(f"{line}\n" for line in table(report, expected))
    assert new == expected_files.part(ROOT / "docs" / "defects.md", r"^(\| \| rule \|.*)\Z", new), ADVICE


def table(report: Report, expected: list[tuple[str, str, int, int]]) -> Iterator[str]:
    """Yield the lines of the table: a row for each defect, in the order of files and lines."""
    found = {key(finding): finding for finding in reversed(report.findings)}
    yield "| | rule | severity | place | entity | property | value | message |"
    yield "| ---: | --- | --- | --- | --- | --- | --- | --- |"
    for number, wanted in enumerate(sorted(expected, key=lambda wanted: (*wanted[1:], wanted[0])), start=1):
        yield row(number, found[wanted])


@pytest.mark.parametrize(
    "every", [pytest.param(7, id="some", marks=pytest.mark.slow), pytest.param(1, id="all", marks=pytest.mark.nightly)]
)
def test_one_file_alone_has_what_it_has_among_all(tree: Path, report: Report, every: int) -> None:
    """Whatever is passed over for the sake of time has nothing to tell of the files that are reported on."""
    names = sorted({finding.place.file for finding in report.findings})[::every]
    assert names
    for name in names:
        alone = engine.run(scope([tree / name], folder=tree))
        found, wanted = ([f for f in r.findings if f.place.file == name] for r in (alone, report))
        assert found == wanted, name
