"""Files that hang, fill or crash whoever validates them: each ends in a finding, and the others are there."""

import json
import math
import os
import select
import signal
import subprocess
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
import servers
from expected import ADVICE, Expected
from rdflib import Graph
from reaching import DATASETS, ELSEWHERE, SPELLINGS
from small import FILES, ONE, RULE, written

import destgraph
from destgraph.stores import processes
from destgraph.validation import bounded
from destgraph.validation.findings import Finding, Report

ROOT = Path(__file__).parents[2]
DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
PREFIXES = """@prefix ex: <http://e/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SHAPES = PREFIXES + "ex:Ok a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:none ; sh:minCount 1 ] .\n"
LETTERS = "a" * 40 + "!"
DATA = (
    f'{PREFIXES}ex:a a ex:C ; ex:p "{LETTERS}" , ex:b , ex:c .\n'
    + "".join(f"ex:a{i} a ex:D ; ex:p {i} .\n" for i in range(300))
)  # fmt: skip
LOOP = PREFIXES + "".join(
    f"ex:a{i} a ex:C ; ex:p {' , '.join(f'ex:a{j}' for j in range(12))} .\n" for i in range(12)
)  # fmt: skip
SHAPE = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; "
JOIN = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o"
COUNT = f"{{ SELECT (COUNT(*) AS ?value) {{ {JOIN} . ?q ?r ?s . ?t ?u ?v }} }}"
ONES = " 1" * 2000
RDF_XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
BOMB = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 20}">' for i in range(8))
LOL = f'<!ENTITY a "{"a" * 20}">{BOMB}'


class Case(NamedTuple):
    """Hostile files, what they are in words, and what is found: file, rule, and message or the beginning of it.

    The files are read with others: shapes and data of no graph, or, when the first stands in a folder, a small graph.
    """

    what: str
    files: dict[str, str]
    file: str
    rule: str
    message: str
    slow: bool = False


def select_(query: str) -> dict[str, str]:
    """Return shapes with a SPARQL constraint."""
    return {"s.ttl": SHAPES + f'{SHAPE}sh:sparql [ sh:message "m" ; sh:select """{query}""" ] .\n'}


def rule_(name: str, body: str, looks_at: str = '"?entity a dg:Connection"') -> dict[str, str]:
    """Return a rule."""
    head = RULE.split("SELECT")[0].replace('"?entity a dg:Connection"', looks_at)
    return {f"queries/rules/{name}/rule.rq": f"{head}SELECT ?entity ?property ?value WHERE {{ {body} }}\n"}


def stopped(doing: str, what: str, why: str) -> str:
    """Return the message about a step that was not finished."""
    advice = {
        "takes too long": "simplify it, or raise the time limit",
        "takes too much memory": "simplify it, or raise the memory limit",
        "is nested too deeply": "write it flatter",
    }
    return f"{doing} was stopped: {what} {why}; {advice[why]}"


TOO_LONG = stopped("applying shapes", "S", "takes too long")
TOO_DEEP = "brackets are nested more than 100 deep; write the query flatter"
FOLLOWED = "it is nested, or asks for other shapes, deeper than can be followed; correct the shape"
CASES = [
    Case(
        "`sh:pattern` `^(a+)+$` on 40 letters, which takes exponential time elsewhere",
        {"s.ttl": f'{SHAPES}{SHAPE}sh:property [ sh:path ex:p ; sh:pattern "^(a+)+$" ] .'},
        "d.ttl", "S", "Value does not match pattern '^(a+)+$'",
    ),
    Case(
        "the same with look-around, which is left to Python",
        {"s.ttl": f'{SHAPES}{SHAPE}sh:property [ sh:path ex:p ; sh:pattern "^(?=a)(a+)+$" ] .'},
        "s.ttl", "not_finished", TOO_LONG, slow=True,
    ),
    Case(
        "the same in `REGEX` of a query",
        select_('SELECT $this ?value { $this <http://e/p> ?value FILTER (REGEX(?value, "^(?=a)(a+)+$")) }'),
        "s.ttl", "not_finished", TOO_LONG, slow=True,
    ),
    Case(
        "the same in `REPLACE`",
        select_('SELECT $this ?value { $this <http://e/p> ?value FILTER (REPLACE(?value, "^(a+)+$", "b") = "b") }'),
        "s.ttl", "not_finished", TOO_LONG, slow=True,
    ),
    Case(
        "`sh:select` that counts a product of the data with itself",
        select_(f"SELECT $this ?value {{ $this ?p ?x . {COUNT} }}"),
        "s.ttl", "not_finished", TOO_LONG, slow=True,
    ),
    Case(
        "the same in a target",
        {"s.ttl": f'{SHAPES}ex:S a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:target [ a sh:SPARQLTarget ; sh:select "'
                  f'SELECT ?this {{ ?this ?p ?x . {COUNT} }}" ] .'},
        "s.ttl", "not_finished", TOO_LONG, slow=True,
    ),
    Case(
        "the same in `sh:rule`",
        {"s.ttl": f'{SHAPES}{SHAPE}sh:rule [ a sh:SPARQLRule ; sh:construct "CONSTRUCT {{ $this <http://e/q> ?x }}'
                  f' WHERE {{ $this ?p ?x . {COUNT} }}" ] .'},
        "s.ttl", "not_finished", TOO_LONG, slow=True,
    ),
    Case(
        "a SPARQL function that calls itself",
        {"s.ttl": SHAPES + 'ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://e/"^^xsd:anyURI ] .\n'
                  "ex:f a sh:SPARQLFunction ; sh:parameter [ sh:path ex:x ] ; sh:prefixes ex: ;"
                  ' sh:returnType xsd:boolean ; sh:ask "ASK { FILTER (ex:f($x)) }" .\n'
                  f'{SHAPE}sh:sparql [ sh:prefixes ex: ; sh:select "SELECT $this {{ FILTER (ex:f(1)) }}" ] .'},
        "s.ttl", "shapes_not_usable", FOLLOWED,
    ),
    Case(
        "a property path of 60 repetitions on a graph full of loops",
        {"s.ttl": f"{SHAPES}{SHAPE}sh:property [ sh:path ( {'[ sh:zeroOrMorePath ex:p ] ' * 60}) ; sh:maxCount 0 ] .",
         "d.ttl": LOOP},
        "s.ttl", "shapes_not_usable", "Path traversal depth is too much!; correct the shape",
    ),
    Case(
        "a path of 60 brackets and 40 repetitions in a query",
        select_(
            f"SELECT $this {{ $this {'(' * 60}<http://e/p>{'*)' * 60} ?x . ?x {'/'.join(['<http://e/p>*'] * 40)} ?y }}"
        ) | {"d.ttl": LOOP},
        "s.ttl", "not_finished", TOO_LONG, slow=True,
    ),
    Case(
        "a message with 12 variables, which could be filled in in as many ways as there are texts",
        {"s.ttl": f'{SHAPES}{SHAPE}sh:sparql [ sh:message "{"{?v}" * 12}x" ; sh:select "SELECT $this ?v {{ BIND ('
                  f"CONCAT('{'b' * 200}', STR($this)) AS ?v) }}\" ] ."},
        "d.ttl", "S", "b" * 200,
    ),
    Case(
        "500 shapes that ask for one another",
        {"s.ttl": f"{SHAPES}{SHAPE}sh:node ex:S0 ."
                  + "".join(f"ex:S{i} a sh:NodeShape ; sh:node ex:S{i + 1} ." for i in range(500))},
        "s.ttl", "shapes_not_usable", FOLLOWED,
    ),
    Case(
        "150 nested `[ ?p` in a query, which takes exponential time elsewhere",
        select_(f"SELECT $this {{ $this {'<p> [ ' * 150}<p> 1{' ]' * 150} }}"),
        "s.ttl", "query_syntax", TOO_DEEP,
    ),
    Case(
        "150 nested lists in a query",
        select_(f"SELECT $this {{ $this <p> {'( ' * 150}1{' )' * 150} }}"),
        "s.ttl", "query_syntax", TOO_DEEP,
    ),
    Case(
        "20,000 nested `{` in a query file",
        {"queries/q.rq": f"SELECT * {{ {'{' * 20_000}{'}' * 20_000} }}"},
        "queries/q.rq", "query_syntax", TOO_DEEP,
    ),
    Case(
        "150 nested `[ ?p` in a rule",
        rule_("deep", f"?entity ?property {'[ ?p ' * 150}?value{' ]' * 150}"),
        "queries/rules/deep/rule.rq", "query_syntax", TOO_DEEP,
    ),
    Case(
        "50,000 times `!` in a query, at which the stack of the engine ends",
        select_(f"SELECT $this {{ FILTER ({'!' * 50_000}true) }}"),
        "s.ttl", "not_finished", stopped("checking queries", "s.ttl", "is nested too deeply"),
    ),
    Case(
        "20,000 times `UNION` in a query file",
        {"queries/q.rq": f"SELECT * {{ {' UNION '.join(['{}'] * 20_000)} }}"},
        "queries/q.rq", "not_finished", stopped("checking queries", "queries/q.rq", "is nested too deeply"),
    ),
    Case(
        "a rule that counts a product of the graph with itself",
        rule_("product", f"?entity ?property ?x . {COUNT}"),
        "queries/rules/product/rule.rq", "not_finished", stopped("applying rules", "product", "takes too long"),
        slow=True,
    ),
    Case(
        "the same in its `looks-at`",
        rule_("looks", "?entity ?property ?value FILTER (false)", f"?entity ?p ?x . {COUNT}"),
        "queries/rules/looks/rule.rq", "not_finished", stopped("applying rules", "looks", "takes too long"), slow=True,
    ),
    Case(
        "a rule that sorts such a product",
        rule_("sorted", f"?entity ?property ?value . {JOIN} }} ORDER BY ?c ?f #"),
        "queries/rules/sorted/rule.rq", "not_finished", stopped("applying rules", "sorted", "takes too much memory"),
    ),
    Case(
        "a rule with `SERVICE` in its `looks-at`",
        rule_("away", "?entity ?property ?value FILTER (false)", "SERVICE <http://127.0.0.1:9/> { ?entity ?p ?o }"),
        "queries/rules/away/rule.rq", "rule_not_usable",
        "looks-at: the query holds SERVICE, FROM or LOAD; ask only the graph itself; correct the rule",
    ),
    Case(
        "a question that sorts a product of its `VALUES`",
        {"queries/q.rq": f"SELECT ?a {{ {' '.join(f'VALUES ?{name} {{{ONES}}}' for name in 'abcd')} }} ORDER BY ?a"},
        "queries/q.rq", "not_finished", stopped("checking queries", "queries/q.rq", "takes too much memory"),
    ),
    Case(
        "100,000 nested lists in `profile.toml`",
        {"queries/rules/profile.toml": "a = " + "[" * 100_000},
        "queries/rules/profile.toml", "not_finished",
        stopped("reading rules", "queries/rules/profile.toml", "is nested too deeply"),
    ),
    Case(
        "entities of RDF/XML that are made of others",
        {"e.rdf": f"<!DOCTYPE rdf:RDF [{LOL}]>{RDF_XML}<rdf:Description><e:p>&i;</e:p></rdf:Description></rdf:RDF>"},
        "e.rdf", "turtle_syntax", "an entity is made of others, which may grow without end; write it out",
    ),
    Case(
        "a long one that is used 5,000 times",
        {"e.rdf": f'<!DOCTYPE rdf:RDF [<!ENTITY a "{"a" * 100_000}">]>{RDF_XML}<rdf:Description><e:p>'
                  f'{"&a;" * 5000}</e:p></rdf:Description></rdf:RDF>'},
        "e.rdf", "not_finished", stopped("parsing files", "e.rdf", "takes too much memory"),
    ),
    Case(
        "entities in a literal of datatype `rdf:XMLLiteral`",
        {"e.ttl": f'<urn:a> <urn:p> """<!DOCTYPE l [{LOL}]><l>&i;</l>"""'
                  "^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral> ."},
        "e.ttl", "ill_typed_literal", '"<!DOCTYPE l [',
    ),
    Case(
        "20,000 nested `[` in Turtle",
        {"e.ttl": f"<urn:a> <urn:p> {'[ <urn:p> ' * 20_000}1{' ]' * 20_000} ."},
        "e.ttl", "turtle_syntax", "brackets are nested deeper than can be read; nest them less",
    ),
    Case(
        "20,000 nested `(` in Turtle",
        {"e.ttl": f"<urn:a> <urn:p> {'( ' * 20_000}1{' )' * 20_000} ."},
        "e.ttl", "turtle_syntax", "brackets are nested deeper than can be read; nest them less",
    ),
    Case(
        "20,000 times `<<` in Turtle",
        {"e.ttl": f"<urn:a> <urn:p> {'<< ' * 20_000}"},
        "e.ttl", "turtle_syntax", "this is RDF 1.2, which is not read; write it in RDF 1.1",
    ),
    Case(
        "200,000 nested lists in JSON-LD",
        {"e.jsonld": "[" * 200_000 + "]" * 200_000},
        "e.jsonld", "turtle_syntax", "Max stack size of 65536 reached on an object opening; correct the syntax",
    ),
    Case(
        "numbers with 5,000 and 300,000 digits, and exponents of 9 digits",
        {"e.ttl": f'{PREFIXES}ex:a ex:p {"9" * 5000} , 1e400000 , 1.{"1" * 100_000} , "1{"0" * 300_000}"^^xsd:integer ,'
                  ' "1e999999999"^^xsd:decimal .'},
        "e.ttl", "ill_typed_literal", '"1e999999999" is no xsd:decimal; correct the value or its datatype',
    ),
]  # fmt: skip


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step has little of the time, so that what never ends is soon over, and the rest has all it needs."""
    monkeypatch.setattr(bounded, "_SHARE", 0.03)


def validated(folder: Path, files: dict[str, str], timeout: float = 100, memory: int = 300) -> Report:
    """Validate files with others in which one thing is wrong: in a small graph when one stands in a folder."""
    if any("/" in name for name in files):
        root = written(folder, FILES | {"data/one.ttl": ONE.replace('"ga"', '"gone"')} | files)
        return destgraph.validate(folder=root, timeout=timeout, memory=memory)
    root = written(folder, {"s.ttl": SHAPES, "d.ttl": DATA} | files)
    paths = ["d.ttl", *(name for name in files if name.startswith("e."))]
    return destgraph.validate(paths, shapes=["s.ttl"], folder=root, timeout=timeout, memory=memory)


def in_short(findings: object) -> list[tuple[str, str, str]]:
    """Return file, rule and message of findings."""
    return [(f.place.file, f.rule, f.message) for f in findings]  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.linux("limits on memory, and exit statuses")
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.what, marks=[pytest.mark.nightly] if case.slow and number > 1 else [])
        for number, case in enumerate(CASES)
    ],
)
def test_hostile_files(tmp_path: Path, case: Case) -> None:
    """One finding with file and rule, and the other findings."""
    report = validated(tmp_path, case.files)
    found = in_short(report.findings)
    messages = [message for *place, message in found if place == [case.file, case.rule]]
    assert any(message.startswith(case.message) for message in messages), found
    assert report.unfinished == (case.rule == "not_finished")
    assert {"Ok", "StatusShape"} & {rule for _, rule, _ in found}, found
    stops = [message for _, rule, message in found if rule == "not_finished" and message != case.message]
    assert "shape_not_applied" not in {rule for _, rule, _ in found}
    together = stopped("applying shapes all at once", "s.ttl", "takes too long")
    assert stops == ([together] if "`sh:rule`" in case.what else [])


def test_table(expected_files: Expected) -> None:
    """The table in docs/limits.md is that of these cases."""
    rows = ["| Files hold | Finding | Says |", "| --- | --- | --- |"]
    for case in CASES:
        message = case.message if len(case.message) < 110 else f"{case.message[:60]}..."
        rows.append(f"| {case.what} | `{case.rule}` | {message.replace('|', chr(92) + '|')} |")
    pattern = r"^(\| Files hold \| Finding.*?)\n## What a system lacks"
    made = "\n".join([*rows, ""])
    assert made == expected_files.part(ROOT / "docs" / "limits.md", pattern, made), ADVICE


CRASH = select_(f"SELECT $this {{ FILTER ({'!' * 50_000}true) }}")
ENDLESS = {"s.ttl": f'{SHAPES}{SHAPE}sh:property [ sh:path ex:p ; sh:pattern "^(?=a)(a+)+$" ] .'}


@pytest.mark.linux("exit statuses")
def test_all_formats_are_written(tmp_path: Path) -> None:
    """With what was found; the exit code is 4, whatever may fail."""
    written(tmp_path, {"s.ttl": SHAPES, "d.ttl": DATA} | CRASH)
    formats = ["text", "json", "sarif", "junit", "github", "turtle"]
    options = [option for name in formats for option in ("--format", f"{name}=out.{name}")]
    command: list[str | Path] = [DESTGRAPH, "validate", "--shapes", "s.ttl", "d.ttl", "--fail-on", "never", *options]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (4, "")
    assert result.stdout.endswith("; not finished, so findings may be missing\n")
    texts = {name: (tmp_path / f"out.{name}").read_text(encoding="utf-8") for name in formats}
    assert texts["text"] == result.stdout
    assert json.loads(texts["json"])["unfinished"]
    (run,) = json.loads(texts["sarif"])["runs"]
    assert not run["invocations"][0]["executionSuccessful"]
    assert {found["ruleId"] for found in run["results"]} >= {"not_finished", "Ok"}
    failed = ElementTree.fromstring(texts["junit"]).findall(".//testcase[failure]")  # noqa: S314 - our own
    assert {case.get("name") for case in failed} == {"not_finished", "Ok"}
    assert texts["github"].count("\n::error ") + texts["github"].startswith("::error ") == 2
    assert len(Graph().parse(data=texts["turtle"], format="turtle")) > 100


@pytest.mark.slow
def test_when_time_is_up_what_was_found_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that the rest was not checked."""
    monkeypatch.setattr(bounded, "_SHARE", 1)
    wrong = {"e.ttl": '<urn:a> <urn:p> "x"^^<http://www.w3.org/2001/XMLSchema#integer> .'}
    report = validated(tmp_path, ENDLESS | wrong, timeout=5)
    assert report.unfinished
    assert [finding for finding in in_short(report.findings) if finding[1] != "regex_look_around"] == [
        ("e.ttl", "ill_typed_literal", '"x" is no xsd:integer; correct the value or its datatype'),
        ("s.ttl", "not_finished", TOO_LONG.replace("stopped:", "stopped, and what follows was not checked:")),
    ]
    looked_at = {rule.id: rule.looked_at for rule in report.rules}
    assert (looked_at["turtle_syntax"], looked_at["ill_typed_literal"], looked_at["Ok"]) == (3, 304, None)
    assert validated(tmp_path, {"s.ttl": SHAPES}, timeout=math.inf).unfinished is False


@pytest.mark.linux("exit statuses")
def test_there_is_an_end_to_beginning_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many steps that were not finished."""
    monkeypatch.setattr(bounded, "_ATTEMPTS", 1)
    deep = {f"queries/{name}.rq": f"ASK {{ FILTER ({'!' * 50_000}true) }}" for name in "ab"}
    report = validated(tmp_path, deep)
    first, second = (stopped("checking queries", f"queries/{name}.rq", "is nested too deeply") for name in "ab")
    assert in_short(report.findings) == [
        ("queries/a.rq", "not_finished", first),
        ("queries/b.rq", "not_finished", second.replace("stopped:", "stopped, and what follows was not checked:")),
    ]


@pytest.mark.linux("a limit on memory")
def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """It takes no more memory than is allowed, also when rules are listed."""
    root = written(tmp_path, FILES)
    for name in ("data/x.ttl", "ontology/shapes/x.ttl"):
        (root / name).touch()
        os.truncate(root / name, 1 << 40)
    message = stopped("reading files", "data/x.ttl", "takes too much memory")
    report = destgraph.validate(folder=root, memory=300)
    assert ("data/x.ttl", "not_finished", message) in in_short(report.findings)
    assert report.unreadable
    assert report.unfinished
    with pytest.raises(destgraph.InputError, match=r"^ontology/shapes/x.ttl: reading files was stopped: "):
        destgraph.validation.rules(folder=root)


def test_what_was_not_finished_is_never_old() -> None:
    """Nobody knows what else would have been found."""
    from destgraph.validation import since
    from destgraph.validation.findings import Place

    stop = Finding("not_finished", "error", "", "", "", "stopped", Place("d.ttl"), "")
    other = replace(stop, rule="other")
    report = Report("", (other, stop), (), unfinished=True)
    assert since.new(report, report).findings == (stop,)


# What can be reached

UNCHECKED = """
import json, sys
import destgraph
from destgraph import query_text

query_text.refuse_remote = lambda *_, **__: None
report = destgraph.validate(folder=sys.argv[1])
for finding in report.findings:
    print(finding.rule, finding.place.file, finding.message)
"""


def counting(_server: servers.Scripted, _request: servers.Request, connection: servers.Connection) -> None:
    """Answer as a store with no row."""
    connection.reply(b'{"head": {"vars": ["a"]}, "results": {"bindings": []}}')


@pytest.mark.slow
@pytest.mark.linux("a fork of this program, and no new files")
def test_nothing_reaches_the_network(tmp_path: Path) -> None:
    """With the check of the text switched off no request arrives: from rules, `looks-at`, shapes and questions."""
    with servers.scripted(counting) as server:
        files = dict(FILES)
        for number, query in enumerate([*SPELLINGS, *ELSEWHERE, *DATASETS]):
            text = query.replace("URL", server.url)
            files[f"queries/q{number}.rq"] = text
            head = RULE.split("SELECT")[0]
            files |= {f"queries/rules/r{number}/rule.rq": head + text}
            kind = "select" if "SELECT" in text else "ask"
            literal = json.dumps(text)
            files[f"ontology/shapes/s{number}.ttl"] = (
                f"{PREFIXES}ex:S{number} a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [ sh:{kind} {literal} ] ;"
                f" sh:target [ a sh:SPARQLTarget ; sh:{kind} {literal} ] ."
            )
        files |= rule_("away", "?entity ?property ?value FILTER (false)", f"SERVICE <{server.url}> {{ ?entity ?p ?o }}")
        files["data/c.ttl"] = DATA
        root = written(tmp_path, files)
        command = [sys.executable, "-c", UNCHECKED, str(root)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert server.requests == []
        assert "the network" in told or "Too many open files" in told, "the queries were not run"
        assert "not_finished" not in told
        report = destgraph.validate(folder=root)
        assert server.requests == []
    told_of = ("query_reaches_out", "rule_not_usable", "query_syntax")
    reaching = {finding.place.file for finding in report.findings if finding.rule in told_of}
    assert reaching >= {name for name in files if name not in FILES and name != "data/c.ttl"}


@pytest.mark.linux("a fork of this program")
def test_python_code_that_tries_to_reach_the_network_is_told(tmp_path: Path) -> None:
    """With file, shape and what was tried; the rest is done."""
    check = "from destgraph.validation import queries; queries.reaches_out = lambda _: False; "
    shapes = f'{SHAPES}{SHAPE}sh:rule [ a sh:SPARQLRule ; sh:construct "CONSTRUCT {{ $this <http://e/q> ?x }} WHERE {{ '
    with servers.scripted(counting) as server:
        written(tmp_path, {"d.ttl": DATA, "s.ttl": shapes + f'SERVICE <{server.url}> {{ ?x ?y ?z }} }}" ] .'})
        command = [sys.executable, "-c", f"{check}from destgraph.cli import main; main()", "validate"]
        result = subprocess.run(
            [*command, "--shapes", "s.ttl", "d.ttl"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert server.requests == []
    assert (result.returncode, result.stderr) == (1, "")
    assert "s.ttl:5:1: error: applying shapes tried to use the network, which was refused: urllib" in result.stdout
    assert "[Ok]" in result.stdout


LOCKED = """
import sys
from pathlib import Path
from destgraph.validation import engine
from destgraph.validation.scope import scope
from destgraph.validation.steps import Watch

opened = []

class Locking(Watch):
    def all_read(self):
        sys.addaudithook(lambda event, given: opened.append((event, given[0])) if event in ("open", "import") else None)

engine.warm_up()
report = engine.run(scope(["d.ttl"], ".", ["s.ttl"]), watch=Locking())
print([finding.rule for finding in report.findings], opened)
"""
FEATURES = f"""{SHAPES}
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://e/"^^xsd:anyURI ] .
ex:f a sh:SPARQLFunction ; sh:parameter [ sh:path ex:x ] ; sh:prefixes ex: ; sh:returnType xsd:boolean ;
    sh:ask "ASK {{ FILTER (STRLEN(STR($x)) = 2) }}" .
ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] ;
    sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK {{ FILTER (STRLEN(STR($value)) < $most) }}" ] .
ex:Kind a sh:SPARQLTargetType ; rdfs:subClassOf sh:Target ; sh:parameter [ sh:path ex:of ] ; sh:prefixes ex: ;
    sh:select "SELECT ?this {{ ?this a $of }}" .
ex:One {SHAPE[5:]}ex:most 3 ; sh:js [ sh:jsFunctionName "f" ] ; sh:expression [ sh:path ex:p ] ;
    sh:property [ sh:path ex:p ; sh:pattern "(?=b)b" ; sh:flags "i" ; sh:nodeKind sh:IRI ; sh:class ex:D ] ;
    sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:q ; sh:object 1 ] ;
    sh:sparql [ sh:prefixes ex: ; sh:message "{{?v}}" ; sh:select '''SELECT $this ?v {{ FILTER (ex:f(12))
        BIND (CONCAT(STR(NOW()), STR(UUID()), SHA256("a"), REPLACE("a", "(?=a)a", "b")) AS ?v) }} LIMIT 9''' ] .
ex:Two a sh:NodeShape ; sh:target [ a ex:Kind ; ex:of ex:C ] ;
    sh:property [ sh:path ( ex:p [ sh:inversePath ex:p ] ) ] .
ex:Three a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this {{ ?this a <http://e/C> }}" ] .
"""


def test_nothing_is_opened_when_all_is_read(tmp_path: Path) -> None:
    """Whatever the shapes use; else it would fail in a process that can open nothing."""
    prefix = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    written(tmp_path, {"d.ttl": DATA, "s.ttl": prefix + FEATURES})
    command = [sys.executable, "-c", LOCKED]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    rules, _, opened = told.partition("] ")
    assert opened == "[]\n"
    assert {"'Ok'", "'One'"} <= {*rules[1:].split(", ")}
    report = destgraph.validate(["d.ttl"], shapes=["s.ttl"], folder=tmp_path)
    assert str([finding.rule for finding in report.findings]) == f"{rules}]"


# Processes


def children(process: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


@pytest.mark.linux("/proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left(tmp_path: Path, number: signal.Signals) -> None:
    """However the command ends."""
    written(tmp_path, {"s.ttl": SHAPES, "d.ttl": DATA} | ENDLESS)
    command = [str(DESTGRAPH), "validate", "--shapes", "s.ttl", "d.ttl"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    started: list[int] = []
    while len(started) < 2:
        assert process.poll() is None
        started = [pid for child in children(process.pid) for pid in (child, *children(child))]
    ended = [os.pidfd_open(pid) for pid in started]
    process.send_signal(number)
    output, errors = process.communicate()
    assert (output, errors.strip()) == (b"", b"")
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    for one in ended:
        assert select.select([one], [], [], 300)[0]
        os.close(one)


PROGRAM = """
import os, sys, threading, time
print("main")
import destgraph

def rules():
    report = destgraph.validate(["d.ttl"], shapes=["s.ttl"], folder=sys.argv[1])
    return sorted({finding.rule for finding in report.findings if finding.severity == "error"})

if sys.argv[2] == "threads":
    found = []
    threads = [threading.Thread(target=lambda: found.append(rules())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(found)
else:
    print([rules() for _ in range(3)])
sys.stdout.flush()
if os.fork() == 0:
    print("child", rules(), flush=True)
    os._exit(0)
os.wait()
print("parent", rules())
"""


@pytest.mark.slow
@pytest.mark.linux("forks")
@pytest.mark.parametrize("how", ["alone", "threads"])
def test_in_threads_and_forks_of_a_program(tmp_path: Path, how: str) -> None:
    """The program is not run again, and each call gets its report."""
    written(tmp_path, {"s.ttl": SHAPES, "d.ttl": DATA})
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), how]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == (
        "main\n[['Ok'], ['Ok'], ['Ok']]\nchild ['Ok']\nparent ['Ok']\n",
        "",
    )


@pytest.mark.slow
def test_validation_where_processes_cannot_be_forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There each is a new Python; it has the limits that the system has."""
    monkeypatch.setattr(processes, "launcher", processes.Spawner)
    bounded._workers.cache_clear()
    try:
        report = validated(tmp_path, ENDLESS)
    finally:
        bounded._workers.cache_clear()
    assert ("s.ttl", "not_finished", TOO_LONG) in in_short(report.findings)
    assert "Ok" in {finding.rule for finding in report.findings}


@pytest.mark.linux("exit statuses")
def test_a_process_that_the_system_has_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does when the machine has no memory left: that is told."""
    told: list[str] = []

    def kill(doing: str) -> None:
        told.append(doing)
        if told.count("applying shapes") == 1 and doing == "applying shapes":
            worker = running[-1]
            os.kill(worker._number, signal.SIGKILL)  # type: ignore[attr-defined]

    running: list[processes.Worker] = []
    start = processes.Zygote.start

    def started(self: processes.Zygote, locked: bool) -> processes.Worker:
        running.append(start(self, locked))
        return running[-1]

    monkeypatch.setattr(processes.Zygote, "start", started)
    written(tmp_path, {"d.ttl": DATA} | ENDLESS)
    report = destgraph.validate(["d.ttl"], shapes=["s.ttl"], folder=tmp_path, timeout=100, progress=kill)
    stops = [message for _, rule, message in in_short(report.findings) if rule == "not_finished"]
    assert "takes too much memory" in stops[0]
    assert report.unfinished
