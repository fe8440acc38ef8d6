"""Question files that cannot be used: found with file and line, refused when asked, and no harm to the others."""

import re
import warnings
from pathlib import Path

import pytest
from small import written

import destgraph
from destgraph import cli, files
from destgraph.catalog import questions
from destgraph.validation.findings import Report

GOOD = """#+ summary: Destinations of a status
#+ description: Lists the destinations in one stage of release, first line
#+   and what goes on.
#+ tags: status
#+ parameters:
#+   frequency:
#+     kind: frequency
#+     required: true
#+     example: batch
#+     description: The rhythm.
#+   word:
#+     kind: text
#+     required: false
#+     example: "a"
#+     description: A word.
#+ columns:
#+   destination: IRI of the destination
#+   name: Its name
PREFIX dg: <https://w3id.org/destgraph/ontology#>
PREFIX frequency: <https://w3id.org/destgraph/frequency/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT DISTINCT ?destination ?name WHERE {
  VALUES ?_frequency_iri { frequency:batch }
  VALUES ?_word { "a" }
  ?destination dg:exportFrequency ?_frequency_iri ; rdfs:label ?name .
  FILTER (CONTAINS(?name, ?_word))
}
ORDER BY ?name ?destination
"""
KIND = "#+     kind: frequency\n"
COLUMNS = "#+ columns:\n#+   destination: IRI of the destination\n#+   name: Its name\n"

# What is changed in the good file, the line, what is told, and whether reading the file alone tells it.
WRONG = {
    "no header": (
        re.sub(r"^#\+.*\n", "", GOOD, flags=re.MULTILINE),
        1,
        "the header lacks summary, description, tags, columns; add a line '#+ summary: ...'",
        True,
    ),
    "text below its key that is a list": (
        GOOD.replace("tags: status", "tags:\n#+   - status"),
        5,
        "a list is not read here; write one text after the colon",
        True,
    ),
    "empty summary": (GOOD.replace(" Destinations of a status", ""), 1, "summary is empty; write something", True),
    "required: yes": (
        GOOD.replace("required: true", "required: yes"),
        8,
        "required is 'yes'; write true or false",
        True,
    ),
    "no blank after the mark": (GOOD.replace("#+ tags", "#+tags"), 4, "no blank stands after #+; add one", True),
    "unknown kind": (
        GOOD.replace("kind: frequency", "kind: frequenzy"),
        7,
        "no kind 'frequenzy'; did you mean frequency?",
        True,
    ),
    "another variable": (
        GOOD.replace("VALUES ?_frequency_iri", "VALUES ?_rhythm_iri"),
        6,
        "parameter frequency needs exactly one line VALUES ?_frequency_iri { ... }; write it",
        True,
    ),
    "two lines": (
        GOOD.replace('  VALUES ?_word { "a" }\n', '  VALUES ?_word { "a" }\n' * 2),
        11,
        "parameter word needs exactly one line VALUES ?_word { ... }; write it",
        True,
    ),
    "line in several": (
        GOOD.replace('{ "a" }', '{\n "a" }'),
        11,
        "parameter word needs exactly one line VALUES ?_word { ... }; write it",
        True,
    ),
    "values of no parameter": (
        GOOD.replace("  VALUES ?_word", "  VALUES ?_more { 1 }\n  VALUES ?_word"),
        25,
        "VALUES ?_more belongs to no parameter; name the parameter",
        True,
    ),
    "unknown tag": (GOOD.replace("tags: status", "tags: statuses"), 4, "no tag 'statuses'; did you mean status?", True),
    "unknown field": (
        GOOD.replace("#+ tags", "#+ endpoint: x\n#+ tags"),
        4,
        "the header has no field endpoint; ",
        True,
    ),
    "unknown need": (
        GOOD.replace("#+ tags", "#+ needs: inference\n#+ tags"),
        4,
        "needs is 'inference'; write inferred or parameter, or leave it out",
        True,
    ),
    "needs a parameter and has a required one": (
        GOOD.replace("#+ tags", "#+ needs: parameter\n#+ tags"),
        4,
        "needs is 'parameter' where all parameters are optional; leave it out",
        True,
    ),
    "choice without choices": (
        GOOD.replace("kind: text", "kind: choice"),
        11,
        "parameter word lacks choices; add a line '#+ choices: ...'",
        True,
    ),
    "choices of another kind": (
        GOOD.replace("kind: text", "kind: text\n#+     choices: a, b"),
        13,
        "parameter word has no field choices; ",
        True,
    ),
    "empty choice": (
        GOOD.replace("kind: text", "kind: choice\n#+     choices: a,, b"),
        13,
        "a choice is empty; write words with commas between them",
        True,
    ),
    "missing columns": (GOOD.replace(COLUMNS, ""), 15, "the header lacks columns; add a line", True),
    "columns as text": (
        GOOD.replace(COLUMNS, "#+ columns: name\n"),
        16,
        "columns holds fields, indented below it; ",
        True,
    ),
    "summary as fields": (
        GOOD.replace("#+ summary: ", "#+ summary:\n#+   en: "),
        1,
        "summary holds a text, after the colon; write it so",
        True,
    ),
    "column as fields": (GOOD.replace("name: Its", "name:\n#+     text: Its"), 18, "column name holds fields; ", True),
    "parameter as text": (
        GOOD.replace("#+   word:", "#+   more: x\n#+   word:"),
        11,
        "parameter more holds fields, indented below it; ",
        True,
    ),
    "parameter without kind": (
        GOOD.replace(KIND, ""),
        6,
        "parameter frequency lacks kind; add a line '#+ kind: ...'",
        True,
    ),
    "unknown field of a parameter": (
        GOOD.replace(KIND, KIND + "#+     default: x\n"),
        8,
        "parameter frequency has no field default; ",
        True,
    ),
    "example that is no choice": (
        GOOD.replace("kind: text", "kind: choice\n#+     choices: b, c"),
        15,
        "the example cannot be asked for: no value 'a'; it is b or c",
        False,
    ),
    "column of another name": (
        GOOD.replace("#+   name: Its name", "#+   label: Its name"),
        16,
        "the header has the columns destination, label, the SELECT destination, name; ",
        False,
    ),
    "columns in another order": (
        GOOD.replace("?destination ?name W", "?name ?destination W"),
        16,
        "the header has the columns destination, name, the SELECT name, destination; ",
        False,
    ),
    "another form": (
        GOOD.replace("SELECT DISTINCT ?destination ?name", "ASK").replace("ORDER BY ?name ?destination\n", ""),
        16,
        "a question is a SELECT query; write one",
        False,
    ),
    "example that is none": (
        GOOD.replace("example: batch", "example: batsch"),
        9,
        "the example cannot be asked for: no frequency 'batsch'; did you mean batch (batch)?",
        False,
    ),
    "empty example": (
        GOOD.replace('example: "a"', 'example: " "'),
        14,
        "the example cannot be asked for: the text is empty",
        False,
    ),
    "another example": (
        GOOD.replace("{ frequency:batch }", "{ frequency:streaming }"),
        9,
        "the example is <https://w3id.org/destgraph/frequency/batch>, and VALUES ?_frequency_iri holds"
        " another; write the same",
        False,
    ),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped graph with every one of the wrong files, and the good one."""
    root = tmp_path_factory.mktemp("tree")
    for path in (*files.turtle(), *files.turtle("shapes")):
        written(root, {path.relative_to(files.root()).as_posix(): path.read_text(encoding="utf-8")})
    texts = {f"queries/wrong-{number:02}.rq": text for number, (text, *_) in enumerate(WRONG.values())}
    marked = {"queries/mark.rq": "\ufeff" + GOOD, "queries/windows.rq": GOOD.replace("\n", "\r\n")}
    return written(root, texts | marked | {"queries/good.rq": GOOD})


@pytest.fixture(scope="module")
def report(tree: Path) -> Report:
    """The findings in it of the one rule."""
    return destgraph.validate(folder=tree, rules=["question_not_usable"])


@pytest.mark.parametrize("number", range(len(WRONG)), ids=list(WRONG))
def test_wrong_question(tree: Path, report: Report, number: int) -> None:
    """Validating tells file and line, and the message alone; so does asking where it can know."""
    _, line, message, static = [*WRONG.values()][number]
    file = f"queries/wrong-{number:02}.rq"
    found = [finding for finding in report.findings if finding.place.file == file]
    assert [(finding.rule, finding.place.line, finding.place.column) for finding in found[:1]] == [
        ("question_not_usable", line, 1)
    ]
    assert len(found) == (2 if "_rhythm_iri" in found[-1].message else 1)
    assert found[0].message.startswith(message)
    assert ";" in found[0].message or "?" in found[0].message
    if static:
        with pytest.raises(destgraph.InputError, match=re.escape(f"{tree / file}:{line}: {message}")):
            questions.question(f"wrong-{number:02}", tree)
        assert questions.usable(tree)[1][number]
    else:
        assert questions.question(f"wrong-{number:02}", tree)


def test_right_questions(tree: Path, report: Report) -> None:
    """Wrapped texts are read whole; a byte order mark and lines of Windows do not matter."""
    right = {"queries/good.rq", "queries/mark.rq", "queries/windows.rq"}
    assert right.isdisjoint(finding.place.file for finding in report.findings)
    for name in ("good", "mark", "windows"):
        question = questions.question(name, tree)
        assert question.description == "Lists the destinations in one stage of release, first line and what goes on."
        assert [p.example for p in question.parameters] == ["batch", "a"]
        assert len(destgraph.load(root=tree).ask(name, frequency="batch", word="Amazon")) == 1
    (rule,) = report.rules
    assert rule.looked_at == len(WRONG) + len(right)


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    """Each with its line; asking tells the first."""
    text = GOOD.replace("tags: status", "tags: statuses").replace("required: false", "required: no")
    _, faults = questions.examine("q", text)
    assert [fault.line for fault in faults] == [4, 13]
    path = written(tmp_path, {"q.rq": text}) / "q.rq"
    with pytest.raises(destgraph.InputError, match=r"q\.rq:4: no tag"):
        questions.parse(path)


def test_a_bad_question_takes_no_other_down(
    tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list shows the others, and a line on standard error each bad one; completion is silent about them."""
    bad = [f"wrong-{number:02}" for number, (*_, static) in enumerate(WRONG.values()) if static]
    monkeypatch.setattr("sys.argv", ["destgraph", "ask", "--root", str(tree)])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    output, errors = capsys.readouterr()
    assert not exited.value.code
    assert "  good frequency= [word=]" in output
    assert not [name for name in bad if f"  {name} " in output]
    told = [line for line in errors.splitlines() if "/queries/" in line]
    assert [Path(line.removeprefix("destgraph: ").partition(".rq:")[0]).name for line in told] == bad

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        known = destgraph.load(root=tree).questions
    assert {"good", "mark", "windows"} <= known.keys()
    assert known.keys().isdisjoint(bad)
    assert len(caught) == len(bad)

    monkeypatch.setattr("sys.argv", ["destgraph", "ask", "--root", str(tree), bad[0]])
    with pytest.raises(SystemExit) as exited:
        cli.main()
    assert exited.value.code == 2
    assert f"/queries/{bad[0]}.rq:1: the header lacks summary" in capsys.readouterr()[1]


def test_all_shipped_questions_are_right() -> None:
    """Headers, lines VALUES, columns and examples; the rule looks at each."""
    report = destgraph.validate(folder=files.root(), rules=["question_not_usable"])
    assert report.findings == ()
    assert report.rules[0].looked_at == len(list(questions.folder().glob("*.rq"))) > 30
