"""Finding by words: phrases of people, documents, commands that go on, and what is odd."""

import csv
import sqlite3
import subprocess
import sysconfig
from pathlib import Path

import pytest

import destgraph
from destgraph.catalog import names, questions, search
from destgraph.results import Solutions
from destgraph.vocabulary import PREFIXES

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
PHRASES = Path(__file__).parent / "phrases.csv"
MISSED = ["send an email newsletter"]
"""Of 45 phrases; it is one of the first 15."""


@pytest.fixture(scope="module")
def documents(kg: destgraph.KnowledgeGraph) -> list[search.Document]:
    """The documents of the graph."""
    return search.documents(kg.select, [*kg.questions.values()])


def found(answer: Solutions) -> list[str]:
    """Return what was found, as kind and id."""
    return [f"{row.kind}/{row.resource.rpartition('/')[2]}" for row in answer]


def test_phrases_lead_to_what_is_meant(documents: list[search.Document]) -> None:
    """One of the first ten rows, and of the first three of its kind, is right.

    What is meant was written down before anything was searched: 15 phrases, 15 more, then names and typing errors.
    """
    with PHRASES.open(encoding="utf-8", newline="") as file:
        phrases = [(row["words"], row["means"].split()) for row in csv.DictReader(file)]
    missed = []
    for words, means in phrases:
        best = found(search.find(documents, words, 10))
        of_kind = [
            thing for n, thing in enumerate(best) if sum(t.split("/")[0] == thing.split("/")[0] for t in best[:n]) < 3
        ]
        if not set(means) & set(of_kind):
            missed.append((words, best))
    known = {f"{document.kind}/{document.id}" for document in documents}
    assert {thing for _, means in phrases for thing in means} <= known
    assert len(phrases) == 45
    assert [words for words, _ in missed] == MISSED


def test_whole_answer(kg: destgraph.KnowledgeGraph) -> None:
    """A row a thing, the best first, each with the command that goes on, of a question with what was named."""
    answer = kg.find("kinesis versus event hubs", limit=5)
    assert answer.to_records() == [
        {
            "name": "Two destinations side by side",
            "kind": "question",
            "resource": "https://w3id.org/destgraph/query/compare",
            "command": "destgraph ask compare a=azure-event-hubs b=amazon-kinesis",
        },
        {
            "name": "Azure Event Hubs connection",
            "kind": "destination",
            "resource": PREFIXES["destination"] + "azure-event-hubs",
            "command": "destgraph show destination:azure-event-hubs",
        },
        {
            "name": "Amazon Kinesis connection",
            "kind": "destination",
            "resource": PREFIXES["destination"] + "amazon-kinesis",
            "command": "destgraph show destination:amazon-kinesis",
        },
        {
            "name": "Azure Event Hubs",
            "kind": "platform",
            "resource": PREFIXES["platform"] + "azure-event-hubs",
            "command": "destgraph ask on-platform platform=azure-event-hubs",
        },
        {
            "name": "Amazon Kinesis Data Streams",
            "kind": "platform",
            "resource": PREFIXES["platform"] + "amazon-kinesis",
            "command": "destgraph ask on-platform platform=amazon-kinesis",
        },
    ]


def test_everything_that_has_a_name_has_a_document(
    kg: destgraph.KnowledgeGraph, documents: list[search.Document]
) -> None:
    """Questions, destinations, platforms, vendors and concepts, each once, with texts in the fields there are."""
    things = {thing.iri.value for kind in names.KINDS for thing in names.named(kg.select, kind)}
    asked = {question.iri.value for question in kg.questions.values()}
    assert sorted(document.iri for document in documents) == sorted(things | asked)
    assert {document.kind for document in documents} == {"question", *names.KINDS}
    assert all(document.texts.keys() <= search.FIELDS.keys() for document in documents)
    assert all(any(document.texts["name"]) for document in documents)


def test_each_command_goes_on(kg: destgraph.KnowledgeGraph, documents: list[search.Document]) -> None:
    """What a row says to type names a question with parameters that it has, or one thing."""
    counted = 0
    for document in documents:
        _, command, what, *rest = document.command.split(" ")
        if command == "show":
            assert names.resolve(kg.select, names.KINDS, what).iri.value == document.iri
            continue
        question = questions.question(what)
        if rest == ["--help"]:
            assert document.kind == "question"
            continue
        for name, (value,) in questions.named_values(rest).items():
            kind = question.parameter(name).kind
            assert names.term(kg.select, kind, value) in {thing.query_term for thing in names.named(kg.select, kind)}
            counted += 1
    assert counted > 200


def test_a_question_alone_can_be_asked_as_its_row_says(kg: destgraph.KnowledgeGraph) -> None:
    """With no value named, one that needs none is asked, and of the others the help is shown."""
    commands = {row.resource.rpartition("/")[2]: row.command for row in kg.find("license limits of", limit=None)}
    assert commands["license"] == "destgraph ask license"
    assert commands["limits"] == "destgraph ask limits --help"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("instgram", "instagram"), ("LICENCE", "license"), ("publicite", "publicité")],
)
def test_typing_errors_are_looked_past(documents: list[search.Document], typed: str, meant: str) -> None:
    """The best of what is meant is the best of what was typed."""
    assert found(search.find(documents, typed, 1)) == found(search.find(documents, meant, 1)) != []


HOSTILE = [
    '"',
    "'); DROP TABLE documents; --",
    "name:x",
    "a NEAR/2 b",
    "NOT",
    "*",
    "{name}:s3",
    "\0",
    "a" * 10_000,
    "ß☃",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_words_are_only_words(documents: list[search.Document], text: str) -> None:
    """Nothing of them is taken for the language of the index; without a word there is nothing to look for."""
    if search.has_words(text):
        assert search.find(documents, text, 3).columns == search.COLUMNS
    else:
        with pytest.raises(destgraph.InputError, match="there is no word to look for"):
            search.find(documents, text)


def test_without_full_text_search_one_line_says_so(
    documents: list[search.Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """FTS5 is a part of SQLite that may be left out."""

    class Lacking:
        def execute(self, _statement: str) -> None:
            raise sqlite3.OperationalError("no such module: fts5")

    monkeypatch.setattr(sqlite3, "connect", lambda _name: Lacking())
    with pytest.raises(destgraph.InputError, match="needs SQLite with FTS5, which this Python lacks: no such module"):
        search.find(documents, "license")


OWN = """
<https://example.org/own#nameless> a dg:Destination ; dg:useCase "Zyzzyva insurance"@en .
<https://example.org/own#ziel> a dg:Destination ; rdfs:label "Mein Zyzzyva-Ziel"@de .
"""


def test_own_destinations_are_found(tmp_path: Path) -> None:
    """Whatever they are called, in any language, or without any name."""
    path = tmp_path / "own.ttl"
    path.write_text("".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + OWN, encoding="utf-8")
    rows = [tuple(row) for row in destgraph.load([path]).find("zyzzyva")]
    assert rows == [
        (name, "destination", f"https://example.org/own#{id_}", f"destgraph show 'https://example.org/own#{id_}'")
        for name, id_ in (("Mein Zyzzyva-Ziel", "ziel"), ("https://example.org/own#nameless", "nameless"))
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("which need ultimate?", "license (Licenses of destinations) or when-to-use"),
        ("destinations-of-typ", "destinations-of-type (Destinations of a type)"),
        ("what is still beta", "with-status (Destinations by release status)"),
    ],
)
def test_an_unknown_question_shows_the_best(kg: destgraph.KnowledgeGraph, name: str, meant: str) -> None:
    """Those of a similar name, then those about the words."""
    with pytest.raises(destgraph.InputError) as caught:
        kg.ask(name)
    assert str(caught.value).startswith(f"no question {name!r}; did you mean {meant}")


def test_command_line() -> None:
    """Words need no quotes; how many rows there are is told; nothing found is fine."""

    def run(*arguments: str) -> tuple[int, str, str]:
        result = subprocess.run(
            [DESTGRAPH, "find", *arguments], capture_output=True, text=True, check=False, encoding="utf-8"
        )
        return result.returncode, result.stdout, result.stderr

    code, out, told = run("csv", "files", "--limit", "2", "--format", "csv")
    assert (code, out.count("\n"), told) == (0, 3, "")
    assert out.startswith("name,kind,resource,command\n")
    assert run("csv", "files", "--limit", "2")[2].startswith("the best 2 of ")
    assert run("qqqqzzzz") == (0, "name  kind  command\n----  ----  -------\n0 rows\n",
                               "no rows: nothing in the graph matches\n")  # fmt: skip
    assert run("?!") == (
        2,
        "",
        "destgraph: there is no word to look for; write for example: destgraph find csv files\n",
    )
