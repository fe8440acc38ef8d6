"""What is validated, what is reported, and what a broken, foreign or hostile file does to a validation."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import NamedNode
from rdflib import SH, Graph
from small import FILES, HEAD, ONE, ONTOLOGY, RULE, SHAPES, written

import destgraph
from destgraph import files
from destgraph.validation import engine, reading, reports, rules
from destgraph.validation.findings import Finding, Report
from destgraph.validation.scope import scope
from destgraph.vocabulary import PREFIXES, shorten

Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Give a function that writes a small graph in which nothing is wrong, with files changed or added."""
    return lambda **changed: written(tmp_path / "graph", FILES | changed)


def lines(report: Report) -> list[str]:
    """Return the findings in short."""
    return [f"{f.place.file}:{f.place.line}:{f.place.column} {f.severity} {f.rule}" for f in report.findings]


def only(report: Report) -> Finding:
    """Return the one finding of a report."""
    assert len(report.findings) == 1, lines(report)
    return report.findings[0]


def test_right_graph(tree: Tree) -> None:
    """Nothing is found, and the report says what was looked at by which rule."""
    report = destgraph.validate(folder=tree())
    assert lines(report) == []
    assert not report.unreadable
    assert report.scope == "the graph in ."
    counts = {rule.id: rule.looked_at for rule in report.rules}
    assert (counts["StatusShape"], counts["no_label"], counts["turtle_syntax"]) == (1, 1, 4)
    (rule,) = (rule for rule in report.rules if rule.id == "StatusShape")
    assert rule.query.startswith("shapes:StatusShape a sh:PropertyShape ;")
    assert rule.query.endswith('"dg:status: say ga or beta."@en .')


def test_shape_and_rule(tree: Tree) -> None:
    """The value is pointed at, and the subject where something is missing; the profile gives the severity."""
    two = HEAD + "destination:two a dg:Connection .\n\n"
    two += 'destination:three a dg:Connection ;\n  dg:status "ga" , "old" ;\n  rdfs:label "3"@en .'
    report = destgraph.validate(folder=tree(**{"data/two.ttl": two}))
    assert lines(report) == [
        "data/two.ttl:5:1 error StatusShape",
        "data/two.ttl:5:1 warning no_label",
        "data/two.ttl:8:20 error StatusShape",
    ]
    finding = report.findings[2]
    assert (finding.entity, finding.property, finding.value) == ("destination:three", "dg:status", '"old"')
    assert finding.message == "dg:status: say ga or beta."
    assert (finding.place.end_line, finding.place.end_column) == (8, 25)
    assert report.findings[1].message == "No label. Add one."


def test_nearest_parent_folder(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph is looked for upwards; files are named from where the reader stands."""
    root = tree(**{"data/two.ttl": HEAD + "destination:two a dg:Connection ."})
    monkeypatch.chdir(root / "ontology")
    report = destgraph.validate()
    assert report.scope == "the graph in .."
    assert {finding.place.file for finding in report.findings} == {"../data/two.ttl"}


def test_paths_decide_what_is_reported(tree: Tree) -> None:
    """The rest of the graph is read as context: without it the reference would be wrong."""
    two = (
        HEAD + 'destination:two a dg:Connection ; dg:status "old" ; rdfs:label "2"@en ; rdfs:seeAlso destination:one .'
    )
    three = HEAD + "destination:three a dg:Connection ."
    root = tree(**{"data/two.ttl": two, "data/three.ttl": three})
    assert lines(destgraph.validate(["data/two.ttl"], folder=root)) == ["data/two.ttl:5:45 error StatusShape"]
    assert len(destgraph.validate(["data"], folder=root).findings) == 3
    assert len(destgraph.validate(["."], folder=root).findings) == 3
    assert lines(destgraph.validate(["ontology/shapes"], folder=root)) == []


def test_paths_elsewhere_are_read_with_the_installed_graph(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file outside any graph; an edited copy of an installed file takes its place."""
    root = tree()
    monkeypatch.setattr(files, "root", lambda: root)
    mine = written(
        tmp_path / "mine", {"new.ttl": HEAD + 'destination:new a dg:Connection ; dg:status "x" ; rdfs:label "n"@en .'}
    )
    report = engine.run(scope(["new.ttl"], mine))
    assert lines(report) == ["new.ttl:5:45 error StatusShape"]
    assert report.scope == f"1 file, as own data, together with the installed graph, {root.as_posix()}"

    written(mine, {"one.ttl": ONE.replace('"ga"', '"beta"')})
    assert lines(engine.run(scope(["one.ttl"], mine))) == []
    written(mine, {"one.ttl": ONE.replace('"ga"', '"old"')})
    assert lines(engine.run(scope(["one.ttl"], mine))) == ["one.ttl:7:15 error StatusShape"]
    assert lines(engine.run(scope([root / "data" / "one.ttl"], mine))) == []


def test_nothing_of_ours(tmp_path: Path) -> None:
    """Shapes of somebody else, over data in four formats, with an ontology that knows a subclass."""
    ns = "http://example.org/"
    written(
        tmp_path,
        {
            "s.ttl": f"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <{ns}> .
e:Named a sh:NodeShape ; sh:targetClass e:Thing ;
  sh:property [ sh:path ( e:part [ sh:inversePath e:of ] ) ; sh:maxLength 1 ] .
e:Idle a sh:NodeShape ; sh:targetClass e:Nothing .""",
            "o.ttl": f"@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . <{ns}Sub> rdfs:subClassOf <{ns}Thing> .",
            "d.ttl": f"@prefix dg: <{ns}> . dg:x a dg:Sub ;\n dg:part dg:p . dg:long dg:of dg:p .",
            "d.nt": f"<{ns}y> <{ns}part> <{ns}p> .\n<{ns}y> a <{ns}Thing> .".replace(
                " a ", " <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
            ),
            "d.jsonld": json.dumps({"@id": f"{ns}z", "@type": f"{ns}Thing", f"{ns}part": {"@id": f"{ns}p"}}),
        },
    )
    report = destgraph.validate(["d.ttl", "d.nt", "d.jsonld"], shapes=["s.ttl"], ontology=["o.ttl"], folder=tmp_path)
    assert report.scope == "3 files with shapes from 1 file"
    assert lines(report) == [
        "d.ttl:2:31 error Named",
        "d.ttl:2:31 error Named",
        "d.ttl:2:31 error Named",
        "s.ttl:4:1 note shape_without_focus_nodes",
    ]
    assert {finding.property for finding in report.findings[:3]} == {"e:part/^e:of"}
    (without,) = [
        f for f in destgraph.validate(["o.ttl"], shapes=["s.ttl"], folder=tmp_path).findings if f.severity == "error"
    ]
    assert (without.rule, without.place.file) == ("nothing_looked_at", "o.ttl")


def test_shapes_without_messages(tmp_path: Path) -> None:
    """The texts of pySHACL, with terms as Turtle writes them, and with the details that they point to."""
    written(
        tmp_path,
        {
            "s.ttl": """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix e: <https://example.org/> .
e:A sh:targetClass e:Thing ; sh:property [ sh:path skos:related ; sh:node e:B ] .
e:B a sh:NodeShape ; sh:property
  [ sh:path skos:notation ; sh:maxInclusive 7 ] , [ sh:path skos:example ; sh:in ( "a" "b"@en 3 ) ] ,
  [ sh:path skos:note ; sh:minCount 1 ; sh:message "nichts"@de , "a note"@en ] .
[] sh:targetClass e:Thing ; sh:closed true ; sh:ignoredProperties ( rdf:type ) .""",
            "d.ttl": """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix e: <https://example.org/> .
e:x a e:Thing ; skos:related e:y . e:y skos:notation 8 ; skos:example "c"@fr .""",
        },
    )
    report = destgraph.validate(["d.ttl"], shapes=["s.ttl"], folder=tmp_path)
    assert [(f.rule, f.message, f.help) for f in report.findings] == [
        ("shape", "Node e:x is closed. It cannot have value: e:y", ""),
        (
            "A",
            "Value does not conform to Shape e:B."
            ' skos:example: Value "c"@fr not in list ( "a" "b"@en 3 ); skos:notation: Value is not <= 7;'
            " skos:note: a note",
            "https://example.org/A",
        ),
    ]


def test_a_part_of_a_thing_is_named_whole(tmp_path: Path) -> None:
    """As prefixed name it would be the thing and a comment; the report in Turtle names the part."""
    part = PREFIXES["destination"] + "bing#identity-ecid"
    data = f'<{part}> a <{PREFIXES["dg"]}PersonalDataUse> ; <{PREFIXES["dg"]}rawName> "ECID"@en .'
    shapes = (files.root() / "ontology" / "shapes" / "personal-data.ttl").read_text(encoding="utf-8")
    written(tmp_path, {"d.ttl": data, "s.ttl": shapes})
    report = destgraph.validate(["d.ttl"], shapes=["s.ttl"], folder=tmp_path, rules=["UseRawNameShape"])
    assert only(report).entity == f"<{part}>"
    graph = Graph().parse(data=reports.to_turtle(report), format="turtle")
    assert list(map(str, graph.objects(None, SH.focusNode))) == [part]


def test_terms_of_schema_org(tmp_path: Path) -> None:
    """A slip is found with http and https; a term that is newer than rdflib's list is none."""
    data = """@prefix s: <http://schema.org/> . @prefix t: <https://schema.org/> .
<urn:x:a> s:name "a" ; s:hasCertification <urn:x:b> ; s:descripton "a" ; t:descripton "a" ; a t:MemberProgramTier ."""
    written(tmp_path, {"d.ttl": data, "s.ttl": "<urn:x:s> <http://www.w3.org/ns/shacl#targetNode> <urn:x:a> ."})
    report = destgraph.validate(["d.ttl"], shapes=["s.ttl"], folder=tmp_path)
    assert [(line, f.fix.text) for line, f in zip(lines(report), report.findings, strict=True) if f.fix] == [
        ("d.ttl:2:55 error unknown_term", "s:description"),
        ("d.ttl:2:74 error unknown_term", "t:description"),
    ]
    assert len(report.findings) == 2


def test_remote_contexts_and_missing_shapes(tmp_path: Path) -> None:
    """The message says what to do about them."""
    context = '{"@context": "https://example.org/", "@id": "https://example.org/x", "name": "x"}'
    written(tmp_path, {"d.jsonld": context, "d.ttl": "<urn:x:a> <urn:x:b> <urn:x:c> .", "s.ttl": ""})
    remote = only(destgraph.validate(["d.jsonld"], shapes=["s.ttl"], folder=tmp_path))
    assert remote.message == "a remote @context is not fetched; write it into the file"
    none = only(destgraph.validate(["d.ttl"], shapes=["s.ttl"], folder=tmp_path))
    assert (none.rule, none.message) == (
        "nothing_looked_at",
        "there is no shape with a target; name the files that hold the shapes",
    )


def test_all_broken_files_are_reported(tree: Tree) -> None:
    """Each with its place; the others are still checked, but for what the broken ones may say."""
    two = (
        HEAD + 'destination:two a dg:Connection ; dg:status "old" ; rdfs:label "2"@en ; rdfs:seeAlso destination:four .'
    )
    root = tree(
        **{
            "data/two.ttl": two,
            "data/three.ttl": HEAD + 'destination:three a dg:Connection ;\n  dg:status "ga" "beta" .',
            "data/four.ttl": "\ufeff" + HEAD + "destination:four a dg:Connection ;;\r\n\tdg:status 'ga'",
            "queries/broken.rq": "SELECT * WHERE {\n  ?s ?p ; }",
        }
    )
    (root / "data" / "five.ttl").write_bytes(b"# \xc3\xa4\n# caf\xe9")
    report = destgraph.validate(folder=root)
    assert report.unreadable
    assert lines(report) == [
        "data/five.ttl:2:6 error turtle_syntax",
        "data/four.ttl:6:16 error turtle_syntax",
        "data/three.ttl:6:18 error turtle_syntax",
        "data/two.ttl:5:45 error StatusShape",
        "queries/broken.rq:1:1 error question_not_usable",
        "queries/broken.rq:2:11 error query_syntax",
    ]
    assert report.findings[2].message == '"beta" is not a valid subject or graph name; correct the syntax'
    assert report.findings[5].message.startswith("} cannot stand here")


UNION = "\ndg:P owl:equivalentClass [ owl:unionOf () ] ; rdfs:subClassOf dg:Connection ."
RULE_FILE = "queries/rules/no_label/rule.rq"
PROFILE = "queries/rules/profile.toml"


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("ontology/o.ttl", ONTOLOGY + UNION, "ontology/o.ttl:15:1 error pattern_not_usable"),
        (
            "ontology/shapes/s.ttl",
            SHAPES.replace("Count 1", 'Count "one"'),
            "ontology/shapes/s.ttl:8:17 error shapes_not_usable",
        ),
        (RULE_FILE, RULE.replace('dg:Connection"', 'dg:Extension"'), f"{RULE_FILE}:0:0 error rule_looks_at_nothing"),
        (RULE_FILE, RULE.replace("#+ solution: Add one.\n", ""), f"{RULE_FILE}:4:1 error rule_not_usable"),
        (RULE_FILE, RULE.replace("SELECT ?entity", "SELECT"), f"{RULE_FILE}:0:0 error rule_not_usable"),
        (PROFILE, '[severity]\nno_label = "bad"', f"{RULE_FILE}:0:0 error rule_not_usable"),
        (PROFILE, "severity", f"{PROFILE}:0:0 error rule_not_usable"),
        (RULE_FILE, RULE.replace("#+ source", "#+ sourcee"), f"{RULE_FILE}:4:1 error rule_not_usable"),
        (
            RULE_FILE,
            RULE.replace(": Add", ": Now: add"),
            f"{RULE_FILE}:3:1 error rule_not_usable",
        ),
        ("queries/rules/lost.rq", RULE, "queries/rules/lost.rq:0:0 error rule_not_usable"),
        ("queries/rules/empty/bad.ttl", ONE, "queries/rules/empty/rule.rq:0:0 error rule_not_usable"),
    ],
)
def test_rules_that_cannot_be_applied(tree: Tree, file: str, text: str, expected: str) -> None:
    """They are findings, not silence."""
    assert lines(destgraph.validate(folder=tree(**{file: text}))) == [expected]


def test_examples_of_rules_are_not_data(tree: Tree) -> None:
    """They are wrong on purpose: a folder stands for the files that are read, an example is read when it is named."""
    example = "queries/rules/no_label/bad.ttl"
    root = tree(**{example: HEAD + "destination:two a dg:Connection ."})
    for paths in ([], ["."], ["queries"], ["queries/rules/no_label"]):
        assert lines(destgraph.validate(paths, folder=root)) == []
    assert {f.place.file for f in destgraph.validate([example], folder=root).findings} == {example}
    (rule,) = (rule for rule in rules(folder=root) if rule.id == "no_label")
    assert (rule.bad, rule.good) == ((root / example).read_text(), "")


def test_rules_are_listed_without_reading_the_data(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what says something about rules is read, and the list is that of a report."""
    root = tree()
    listed = destgraph.validate(folder=root).rules
    monkeypatch.setattr(reading, "read", None)
    (root / "data" / "one.ttl").unlink()
    assert rules(folder=root) == tuple(replace(rule, looked_at=None) for rule in listed)


def test_file_without_anything_to_look_at(tree: Tree) -> None:
    """A misspelt class leaves a file unchecked, which is an error of its own."""
    root = tree(**{"data/two.ttl": HEAD + "destination:two rdfs:label 'two'@en ."})
    assert lines(destgraph.validate(["data/two.ttl"], folder=root)) == ["data/two.ttl:0:0 error nothing_looked_at"]


def test_fixes_put_things_right(tree: Tree) -> None:
    """What is suggested, applied to the text, leaves nothing to find."""
    two = HEAD.replace("rdf-schema#", "rdf-schema") + (
        '@prefix owl: <http://www.w3.org/2002/07/owl#> .\n@prefix s: <http://www.w3.org/2000/01/rdf-schema#> .\n'
        'destination:two a dg:Connection ; dg:status "ga" ; s:Label "2"@en ;'
        " <http://www.w3.org/2000/01/rdf-schema#seealso> dg:status .\n"
        "destination:two owl:sameas destination:two ; rdfs:comment ' two  words '@en ."
    )  # fmt: skip
    root = tree(
        **{"data/two.ttl": two, "queries/rules/q/rule.rq": RULE.replace("a dg:Connection .", "a dg:Connexion .")}
    )
    blanks = "queries/rules/stray_blanks/rule.rq"
    written(root, {blanks: (files.root() / blanks).read_text(encoding="utf-8")})
    for _ in ("the prefix and what does not depend on it", "its names"):
        report = destgraph.validate(folder=root)
        assert sum(finding.fix is not None for finding in report.findings) == 3, lines(report)
        for name in ("data/two.ttl", "queries/rules/q/rule.rq"):
            text = (root / name).read_text().splitlines(keepends=True)
            fixes = [f.fix for f in report.findings if f.fix and f.place.file == name]
            for fix in sorted(fixes, key=lambda fix: fix.place, reverse=True):
                place = fix.place
                line = text[place.line - 1]
                assert place.end_line == place.line
                text[place.line - 1] = line[: place.column - 1] + fix.text + line[place.end_column - 1 :]
            (root / name).write_text("".join(text))
    assert lines(destgraph.validate(folder=root)) == [
        "data/two.ttl:6:9 error prefix_differs",
        "data/two.ttl:8:1 error split_subject",
    ]


def test_chosen_rules(tree: Tree) -> None:
    """Only the findings of these rules are kept; an unknown one is named, with a similar one."""
    root = tree(**{"data/two.ttl": HEAD + "destination:two a dg:Connection ."})
    assert only(destgraph.validate(folder=root, rules=["no_label"])).rule == "no_label"
    assert only(destgraph.validate(folder=root, rules=["StatusShape"])).rule == "StatusShape"
    with pytest.raises(destgraph.InputError, match="no rule 'no_labels'; did you mean no_label"):
        destgraph.validate(folder=root, rules=["no_labels"])


@pytest.mark.parametrize(
    ("before", "after"),
    [("?entity ?property ?value", "?entity ?property"), ('looks-at: "', 'looks-at: "FILTER (f(1)) . ')],
)
def test_a_chosen_rule_that_cannot_be_used(tree: Tree, before: str, after: str) -> None:
    """It is told, and others that cannot be used either are not."""
    assert before in RULE
    rule = RULE.replace(before, after)
    root = tree(**{f"queries/rules/{name}/rule.rq": rule for name in ("one", "two")})
    found = only(destgraph.validate(folder=root, rules=["one"]))
    assert (found.place.file, found.rule) == ("queries/rules/one/rule.rq", "rule_not_usable")


@pytest.mark.parametrize("constraint", ["sh:pattern '[a'", "sh:datatype ex:q , ex:r", "sh:path ex:p"])
def test_a_chosen_shape_that_cannot_be_used(tmp_path: Path, constraint: str) -> None:
    """It is told, and others that cannot be used either are not."""
    shape = f"a sh:PropertyShape ; sh:targetNode ex:x ; sh:path ex:c ; {constraint} .\n"
    head = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix ex: <http://example.org/> .\n"
    written(tmp_path, {"s.ttl": f"{head}ex:One {shape}ex:Two {shape}", "d.ttl": f'{head}ex:x ex:c "text" .'})
    found = only(destgraph.validate([tmp_path / "d.ttl"], shapes=[tmp_path / "s.ttl"], rules=["One"]))
    assert (found.entity, found.rule) == ("ex:One", "shapes_not_usable")


@pytest.mark.parametrize(
    ("constraint", "rule"),
    [
        ("sh:path dg:status ; sh:maxCount 'one'", "shapes_not_usable"),
        ("sh:node shapes:ZzShape", "shape_not_applied"),
        ("sh:path dg:status ; sh:node [ sh:pattern '[a' ]", "shapes_not_usable"),
    ],
)
def test_a_shape_alone_that_cannot_be_used(tree: Tree, constraint: str, rule: str) -> None:
    """A path that is the file of a shape tells it as the whole graph does, although its focus nodes are elsewhere."""
    text = f"shapes:ZzShape sh:targetClass dg:Connection ; {constraint} .\n"
    prefixes = SHAPES.partition("\n\n")[0]
    root = tree(**{"ontology/shapes/zz.ttl": f"{prefixes}\n\n{text}"})
    path = root / "ontology" / "shapes" / "zz.ttl"
    whole, alone = destgraph.validate(folder=root), destgraph.validate([path], folder=root)
    in_file = [line for line in lines(whole) if line.startswith("ontology/shapes/zz.ttl")]
    assert lines(alone) == in_file
    assert rule in {line.rpartition(" ")[2] for line in in_file}


def test_paths_that_cannot_be_used(tree: Tree, tmp_path: Path) -> None:
    """Each is one clear error."""
    root = tree()
    other = written(
        tmp_path / "other", {"ontology/a.ttl": ONTOLOGY, "data/a.ttl": "", "queries/a.rq": "", "empty/a.txt": ""}
    )
    cases = {
        "there is no such file": {"paths": ["data/none.ttl"]},
        "holds no RDF": {"paths": [other / "empty"]},
        "belong to different graphs": {"paths": ["data", other / "data"]},
        "name the shapes as well": {"paths": ["data"], "ontology": ["ontology/o.ttl"]},
        "no data": {"shapes": ["ontology/shapes"]},
    }
    for message, arguments in cases.items():
        with pytest.raises(destgraph.InputError, match=message):
            destgraph.validate(folder=root, **arguments)  # type: ignore[arg-type]


PROGRAM = """
import sys
calls = []
def watch(event, arguments):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.", "http.", "ftplib.")):
        calls.append((event, str(arguments)))
        raise ConnectionRefusedError(event)
sys.addaudithook(watch)
import destgraph
report = destgraph.validate([".", "data/context.jsonld"], folder=sys.argv[1])
for f in report.findings:
    print(f.place, f.severity, f.rule, f.entity, f.property, f.value, f.message, f.fix, f.fingerprint)
print(calls)
"""


def program(root: Path, seed: str) -> str:
    """Return what a process without network prints about a graph."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, root], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
    ).stdout


def test_nothing_is_fetched_and_nothing_depends_on_the_hash_seed(tree: Tree) -> None:
    """Imports, remote contexts, SERVICE and FROM stay unused, and are found where they ask for something."""
    root = shutil.copytree(Path(__file__).with_name("hostile"), tree(), dirs_exist_ok=True)
    output = program(root, "1")
    assert output.endswith("\n[]\n"), output
    report = destgraph.validate([".", "data/context.jsonld"], folder=root)
    reaching = [line for line in lines(report) if line.endswith("query_reaches_out")]
    assert reaching == [
        "ontology/shapes/remote.ttl:12:19 error query_reaches_out",
        "ontology/shapes/remote.ttl:17:27 error query_reaches_out",
        "ontology/shapes/remote.ttl:21:27 error query_reaches_out",
        "queries/remote.rq:0:0 error query_reaches_out",
        "queries/rules/remote/rule.rq:0:0 error query_reaches_out",
    ]
    assert [line for line in lines(report) if line.endswith("turtle_syntax")] == [
        "data/context.jsonld:0:0 error turtle_syntax"
    ]
    assert program(root, "2") == output


def test_the_graph_itself(kg: destgraph.KnowledgeGraph) -> None:
    """The files of the checkout have notes only, among them one for each difference that a card explains."""
    report = destgraph.validate(folder=Path(__file__).parents[2])
    assert {finding.severity for finding in report.findings} == {"note"}, lines(report)
    told = {
        f.entity
        for f in report.findings
        if f.rule in ("EnterpriseLicenseExplainedShape", "TypeDisagreementExplainedShape")
    }
    query = "SELECT ?card { ?card dg:classificationNote ?why FILTER NOT EXISTS { ?card a dg:Connection } }"
    explained = {shorten(NamedNode(card)) for (card,) in kg.select(query)}
    assert told == explained
    assert [rule.id for rule in report.rules if rule.looked_at is None and rule.id.endswith("Shape")] == []
