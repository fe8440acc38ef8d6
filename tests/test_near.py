"""What is told of names that several things have, of parameters, and of answers without rows."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

import destgraph
from destgraph.catalog import names, near, questions
from destgraph.rendering.html import html
from destgraph.results import Solutions

DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"


def run(*arguments: str) -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of a command."""
    result = subprocess.run([DESTGRAPH, *arguments], capture_output=True, text=True, check=False, encoding="utf-8")
    return result.returncode, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("question", "parameters", "why"),
    [
        ("labels", {"language": "de-AT"}, "nothing matches language=de-AT; near language=de-AT there are de (N rows)"),
        (
            "recent-changes",
            {"since": "2030", "destination": "bing"},
            "nothing matches since=2030 with destination=bing; without since=2030 there are N rows;"
            " destgraph show bing tells what is known",
        ),
        (
            "destinations-in-category",
            {"category": "crm", "kind": ["extension"]},
            "nothing matches category=crm with kind=extension; near category=crm there are advertising (N rows),"
            " analytics (N rows), data-management-platform (N rows), email-marketing (N rows); without kind=extension"
            " there are N rows; near kind=extension there are connection (N rows), destination (N rows),"
            " streaming-audience-export (N rows)",
        ),
        (
            "accepts-audiences",
            {"origin": "segmentation-service", "answer": "no"},
            "nothing matches origin=segmentation-service with answer=no; without origin=segmentation-service there are"
            " N rows; near origin=segmentation-service there are custom-upload (N rows), federated-composition (N"
            " rows), journey-optimizer (N rows), look-alike (N rows); without answer=no there are N rows; near"
            " answer=no there are yes (N rows), not documented (N rows)",
        ),
    ],
)
def test_why_there_are_no_rows(
    kg: destgraph.KnowledgeGraph, question: str, parameters: dict[str, str], why: str
) -> None:
    """Which value keeps all others out, and which near it does not."""
    assert len(kg.ask(question, **parameters)) == 0
    assert without_numbers(kg.why_no_rows(question, **parameters)) == why


def without_numbers(told: str) -> str:
    """Return a text without the numbers of rows, which change with the catalog."""
    return re.sub(r"\d+ rows?", "N rows", told)


def test_hashed_forms_are_near(kg: destgraph.KnowledgeGraph) -> None:
    """Of an identity that nothing accepts, those above, below and beside it come first."""
    asked = questions.question("accepts-identity")
    email = names.resolve(kg.select, ["identity"], "email").iri

    def answered(query: str) -> Solutions:
        return Solutions((), ()) if f"{{ {email} }}" in query else kg.select(query)

    told = near.why_no_rows(kg.select, answered, asked, {"identity": [email]}, {"identity": "E-Mail"})
    assert without_numbers(told) == (
        "nothing matches identity=E-Mail; near identity=E-Mail there are email-md5 (N rows), email-sha256 (N rows),"
        " hashed-email (N rows), aam-uuid (N rows)"
    )


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT * { ?s dg:licence ?o }", ["dg:licence is no term of the graph; did you mean dg:availableWith?"]),
        (
            "SELECT * { ?s rdfs:lable ?o ; a dg:Connection, dg:Conection ; foaf:qqq 1 }",
            [
                "rdfs:lable is no term of the graph; did you mean rdfs:label?",
                "dg:Conection is no term of the graph; did you mean dg:Connection or dg:section?",
                "foaf:qqq is no term of the graph",
            ],
        ),
        (
            "PREFIX d: <https://w3id.org/destgraph/destination/> SELECT * { d:amazon-s33 ?p ?o }",
            ["d:amazon-s33 is no term of the graph; did you mean d:amazon-s3 or d:amazon-ads?"],
        ),
        ('PREFIX ex: <https://example.org/> SELECT * { ?s ex:none "dg:licence" # dg:licence\n}', []),
        ("SELECT * { dg:exports a dg:Connection }", []),
    ],
)
def test_terms_that_do_not_exist(kg: destgraph.KnowledgeGraph, query: str, told: list[str]) -> None:
    """With those of the same namespace that have a name like theirs."""
    assert near.unknown_terms(kg.select, query) == told


def test_no_rows_on_the_command_line() -> None:
    """One line on standard error says why; it is no error."""
    why = "no rows: nothing matches language=de-AT; near language=de-AT there are de (N rows)\n"
    code, _, said = run("ask", "labels", "de-AT")
    assert (code, without_numbers(said)) == (0, why)
    told = "no rows: dg:licence is no term of the graph; did you mean dg:availableWith?\n"
    assert run("sparql", "SELECT * { ?s dg:licence ?o }")[::2] == (0, told)
    assert run("sparql", "ASK { ?s dg:licence ?o }") == (0, "false\n", told)
    assert run("sparql", "ASK { dg:exports a dg:Connection }") == (0, "false\n", "")
    assert run("sparql", "SELECT ?s { ?s a 1 }")[2] == "no rows: nothing in the graph matches\n"


NOTE = (
    "'adobe target' is taken as destination:adobe-target-connection;"
    " it is also the name of destination:adobe-target-extension"
)


def test_a_shared_name_is_told(kg: destgraph.KnowledgeGraph) -> None:
    """Of a connection and an extension of one name the connection is meant, and a note names the other."""
    answer = kg.ask("type-of", destination="adobe target")
    assert answer.notes == (NOTE,)
    assert str(answer).endswith(f"1 row\n{NOTE}")
    assert NOTE.replace("'", "&#x27;") in html(answer)
    assert kg.ask("type-of", destination="adobe target connection").notes == ()
    assert kg.explain("adobe target").others == ("destination:adobe-target-extension",)
    assert kg.describe("adobe target").others == (
        "destination:adobe-target-connection",
        "destination:adobe-target-extension",
    )
    assert run("ask", "type-of", "adobe target")[::2] == (0, f"{NOTE}\n")
    assert run("explain", "adobe target")[::2] == (0, f"{NOTE}\n")


@pytest.mark.parametrize(
    ("question", "sole"),
    [
        ("type-of", "destination"),
        ("labels", "language"),
        ("when-to-use", None),
        ("gaps", "destination"),
        ("compare", None),
    ],
)
def test_a_sole_parameter_needs_no_name(question: str, sole: str | None) -> None:
    """The only one that is required, else the only one."""
    asked = questions.question(question)
    assert (asked.sole and asked.sole.name) == sole
    if sole:
        assert questions.named_values(["a b", "c"], asked) == {sole: ["a b", "c"]}
        with pytest.raises(destgraph.InputError, match="'b' is not NAME=VALUE"):  # blanks without quotes
            questions.named_values([f"{sole}=a", "b"], asked)
    else:
        with pytest.raises(
            destgraph.InputError, match=f"'x' is not NAME=VALUE; write for example {asked.parameters[0].name}="
        ):
            questions.named_values(["x"], asked)


def test_values_of_a_parameter(kg: destgraph.KnowledgeGraph) -> None:
    """Help has some and the command that lists all; a choice has its words; what takes any text says so."""
    code, out, _ = run("ask", "exports-at", "--help")
    assert (code, "    values: batch, live-share, on-request, streaming\n" in out) == (0, True)
    code, out, _ = run("ask", "accepts-identity", "--help")
    assert out.count("    any-identity, apns-token, birth-date, city and 70 more:\n    destgraph ask") == 1
    assert out.count("    destgraph ask accepts-identity --values identity\n") == 1
    answer = kg.values("accepts-identity", "identity")
    assert (answer.columns, len(answer)) == (("identity", "name"), 82)
    assert answer[0] == ("https://w3id.org/destgraph/identity/aam-uuid", "Audience Manager UUID")
    assert run("ask", "exports-at", "--values", "frequency", "--format", "csv")[1].splitlines()[:2] == [
        "frequency,name",
        "https://w3id.org/destgraph/frequency/batch,batch",
    ]
    assert [row.answer for row in kg.values("accepts-audiences", "answer")] == ["yes", "no", "not documented"]
    with pytest.raises(destgraph.InputError, match="language takes any language, for example pt-BR"):
        kg.values("labels", "language")
