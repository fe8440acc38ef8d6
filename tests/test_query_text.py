"""What the text of a query says: what it reaches for, and how deep it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reaching import DATASETS, ELSEWHERE, HARMLESS, SPELLINGS, UNREADABLE

import destgraph
from destgraph.query_text import form, refuse_deep, refuse_remote, syntax_error, without_text


@pytest.mark.parametrize("query", [*SPELLINGS, *ELSEWHERE])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_service_is_found_in_every_spelling(query: str, elsewhere: bool) -> None:
    """The message says what is wrong, and nothing of a command line."""
    with pytest.raises(destgraph.ReachingError) as error:
        refuse_remote(query.replace("URL", "http://127.0.0.1:9000/q"), elsewhere=elsewhere)
    assert str(error.value) == "SERVICE reaches other data than the graph's"


@pytest.mark.parametrize("query", UNREADABLE)
def test_what_cannot_be_parsed_is_refused_where_another_engine_answers(query: str) -> None:
    """The own engine does not run it, so here it is only an error of syntax."""
    query = query.replace("URL", "http://127.0.0.1:9000/q")
    with pytest.raises(destgraph.ReachingError, match=r"^query:1:\d+: .*cannot be parsed may reach other data"):
        refuse_remote(query)
    refuse_remote(query, elsewhere=False)
    assert syntax_error(query)


@pytest.mark.parametrize("query", DATASETS)
def test_from_is_refused_only_where_another_engine_answers(query: str) -> None:
    """Engines such as rdflib fetch what FROM names; the one of this package reads its own graphs."""
    query = query.replace("URL", "http://127.0.0.1:9000/q")
    with pytest.raises(destgraph.ReachingError, match=r"^FROM reaches other data than the graph's$"):
        refuse_remote(query)
    refuse_remote(query, elsewhere=False)


@pytest.mark.parametrize("query", HARMLESS)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_words_are_free_in_text_iris_names_and_comments(query: str, elsewhere: bool) -> None:
    """Only a keyword is refused."""
    assert syntax_error(query) is None
    refuse_remote(query, elsewhere=elsewhere)


def test_a_relative_iri_does_not_hide_a_keyword() -> None:
    """What is parsed is what is run, with the same base."""
    with pytest.raises(destgraph.ReachingError):
        refuse_remote("SELECT * { SERVICE <q> {} }", elsewhere=False, base_iri="http://127.0.0.1:9000/")


def test_no_word_can_be_put_in_the_place_of_one_that_is_everywhere() -> None:
    """A text that holds every word the check could take instead is refused, whatever it says."""
    names = " ".join(f"?SE{letter}VICE" for letter in "abcdefghijklmnopqrstuvwxyz")
    with pytest.raises(destgraph.ReachingError):
        refuse_remote(f"SELECT {names} {{}}", elsewhere=False)


@given(st.text(max_size=30), st.sampled_from(["SERVICE", "Service", "from", "LOAD"]))
def test_a_keyword_is_found_after_any_closed_text(text: str, word: str) -> None:
    """Whatever a string before it holds, the keyword is seen."""
    quoted = text.translate({ord(c): None for c in '"\\\n\r'})
    with pytest.raises(destgraph.InputError):
        refuse_remote(f'SELECT * {{ ?s ?p "{quoted}" . {word} <http://127.0.0.1:1/> {{}} }}')


def test_parsing_runs_nothing() -> None:
    """A query that would take for ever is parsed at once."""
    values = " ".join(map(str, range(3000)))
    rows = " ".join(f"VALUES ?{name} {{ {values} }}" for name in "abcdef")
    assert syntax_error(f"SELECT (COUNT(*) AS ?n) {{ {rows} }}") is None


@pytest.mark.parametrize(
    "deep",
    [
        "SELECT * { ?s ?p " + "[ ?p " * 99 + "1" + "]" * 99 + "}",
        "SELECT * " + "{" * 100 + "}" * 100,
        "SELECT * { ?s ?p ?o } # " + "(" * 200,
        "SELECT * { ?s ?p '" + "{" * 200 + "' }",
        "SELECT * { " + "<http://example.org/(> ?p ?o . " * 200 + "}",
    ],
)
def test_a_hundred_brackets_are_enough(deep: str) -> None:
    """Those of strings, comments and names do not add up, so that just the hundred and first is refused."""
    refuse_deep(deep)
    with pytest.raises(destgraph.InputError, match="nested more than 100 deep"):
        refuse_deep(deep.partition("#")[0] + "(" * 101)


@pytest.mark.parametrize("bracket", ["{", "(", "["])
def test_deeper_is_refused_with_its_place(bracket: str) -> None:
    """Nested brackets cost the parser exponential time, or its stack."""
    with pytest.raises(destgraph.InputError, match=r"^query:2:101: brackets are nested more than 100 deep; write the"):
        refuse_deep("ASK\n" + bracket * 20_000)


def test_brackets_between_comparisons_count() -> None:
    """What looks like an IRI is none here."""
    with pytest.raises(destgraph.InputError, match="nested more than 100 deep"):
        refuse_deep("ASK { FILTER (1<" + "(" * 101 + "2" + ")" * 101 + ">1) }")


@pytest.mark.parametrize("text", ['"', "'", '"""', "'''"])
def test_strings_that_are_not_closed_are_read_once(text: str) -> None:
    """Looked for from each mark anew, the end of a text of a megabyte would take hours to be missed."""
    query = f"ASK {{ ?s ?p {text}" + f"\\{text}" * (1_000_000 // len(text)) + "\n" + "{" * 200
    assert form(query) == "ASK"
    if len(text) == 3:
        refuse_deep(query)
        return
    with pytest.raises(destgraph.InputError, match=r"^query:2:100: brackets are nested more than 100 deep"):
        refuse_deep(query)


def test_an_escaped_sign_of_a_name_begins_no_text() -> None:
    """What comes behind it is code."""
    assert without_text(r"ex:it\'s ?p ex:a\#b . # 'c'") == r"ex:it\'s ?p ex:a\#b .      "


def test_a_comment_ends_at_a_carriage_return() -> None:
    """SPARQL 1.1, section 19.4."""
    assert form("# SELECT\rASK {}") == "ASK"
