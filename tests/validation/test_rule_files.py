"""The rules in queries/rules: each finds what its bad fixture holds, and nothing in its good one or in the graph."""

import tomllib
from pathlib import Path

import pytest
import yaml
from expected import ADVICE, Expected
from pyoxigraph import BlankNode as OxBlankNode
from pyoxigraph import QuerySolutions, RdfFormat, Store
from rdflib import BNode, Graph
from rdflib.plugins.sparql import prepareQuery

from destgraph import files
from destgraph.vocabulary import PREFIXES

ROOT = Path(__file__).parents[2]
FOLDER = files.root() / "queries" / "rules"
RULES = sorted(path.parent.name for path in FOLDER.glob("*/rule.rq"))
FIELDS = ("summary", "problem", "solution", "source", "checklist", "looks-at")
OPTIONAL_FIELDS = ("adapted", "may-look-at-nothing")
COLUMNS = ("entity", "property", "value")

Row = tuple[str, ...]


def text_of(rule: str) -> str:
    """Return the rule file."""
    return (FOLDER / rule / "rule.rq").read_text(encoding="utf-8")


def header(rule: str) -> dict[str, str]:
    """Return the fields in the `#+` lines of a rule."""
    lines = (line[3:] for line in text_of(rule).splitlines() if line.startswith("#+ "))
    return dict(yaml.safe_load("\n".join(lines)))


def fixture_path(rule: str, name: str) -> Path:
    """Return the path of a fixture of a rule."""
    return FOLDER / rule / f"{name}.ttl"


def rows_in_rdflib(rule: str, graph: Graph) -> list[Row]:
    """Return the rows of a rule on an rdflib graph as plain text: nothing for unbound, `_:` for a blank node."""
    result = graph.query(prepareQuery(text_of(rule)))
    assert tuple(map(str, result.vars or ())) == COLUMNS
    return sorted(
        tuple("" if term is None else "_:" if isinstance(term, BNode) else str(term) for term in row)
        for row in result
        if isinstance(row, tuple)
    )


def rows_in_store(rule: str, store: Store) -> list[Row]:
    """Return the rows of a rule on a store, in the same form."""
    return sorted(
        tuple("" if term is None else "_:" if isinstance(term, OxBlankNode) else term.value for term in row)
        for row in solutions(store, text_of(rule))
    )


def looked_at(rule: str, store: Store) -> set[str]:
    """Return the nodes that a rule looks at, by the pattern in its header."""
    prologue = "\n".join(line for line in text_of(rule).splitlines() if line.startswith("PREFIX "))
    query = f"{prologue} SELECT DISTINCT ?entity WHERE {{ {header(rule)['looks-at']} }}"
    return {str(row["entity"]) for row in solutions(store, query)}


def solutions(store: Store, query: str) -> QuerySolutions:
    """Run a SELECT query."""
    result = store.query(query)
    assert isinstance(result, QuerySolutions)
    return result


def table(store: Store) -> str:
    """Return the table of docs/rules.md for the graph in `store`."""
    lines = ["| Q | rule | | nodes looked at | reason |", "| --- | --- | --- | ---: | --- |"]
    for rule in sorted(RULES, key=lambda rule: header(rule)["checklist"]):
        fields = header(rule)
        count = len(looked_at(rule, store))
        outcome = "adapted" if "adapted" in fields else "ran"
        reason = fields.get("adapted", "")
        if not count:
            outcome, reason = "does not apply", fields["may-look-at-nothing"]
        lines.append(f"| {fields['checklist']} | `{rule}` | {outcome} | {count:,} | {reason} |")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def merged_graph(catalog_graph: Graph, shapes_graph: Graph) -> Graph:
    """Ontology, schemes, catalog and shapes in one rdflib graph."""
    return catalog_graph + shapes_graph


def test_profile_has_every_rule() -> None:
    """The profile gives each rule one of the three severities, and names no other rule."""
    profile = tomllib.loads((FOLDER / "profile.toml").read_text(encoding="utf-8"))["severity"]
    assert sorted(profile) == RULES
    assert set(profile.values()) <= {"error", "warning", "note"}


@pytest.mark.parametrize("rule", RULES)
def test_header_is_complete(rule: str) -> None:
    """A header has every field, one line each, and the prefixes are those of the table."""
    fields = header(rule)
    assert set(FIELDS) <= set(fields) <= {*FIELDS, *OPTIONAL_FIELDS}
    assert all(isinstance(value, str) and value.strip() for value in fields.values())
    prefixes = dict(line.split(maxsplit=2)[1:] for line in text_of(rule).splitlines() if line.startswith("PREFIX "))
    assert prefixes.items() <= {f"{name}:": f"<{iri}>" for name, iri in PREFIXES.items()}.items()


@pytest.mark.parametrize("rule", RULES)
def test_good_fixture(rule: str) -> None:
    """The good fixture is looked at and gives no row, in both engines."""
    path = fixture_path(rule, "good")
    store = load(path)
    assert looked_at(rule, store)
    assert rows_in_store(rule, store) == []
    assert rows_in_rdflib(rule, Graph().parse(path)) == []


@pytest.mark.parametrize("rule", RULES)
def test_bad_fixture(rule: str, expected_files: Expected) -> None:
    """The bad fixture gives exactly the expected rows, in both engines, about nodes that are looked at."""
    path = fixture_path(rule, "bad")
    store = load(path)
    rows = rows_in_store(rule, store)
    assert rows
    assert rows == expected_files.table(ROOT / "tests" / "rules" / f"{rule}.csv", COLUMNS, rows), ADVICE
    assert rows_in_rdflib(rule, Graph().parse(path)) == rows
    assert {str(row["entity"]) for row in solutions(store, text_of(rule))} <= looked_at(rule, store)


def test_checklist_is_covered() -> None:
    """Each of the 57 ready queries is one rule, further items have one each, and no fixture is left over."""
    items = sorted(header(rule)["checklist"] for rule in RULES)
    assert [item for item in items if item.startswith("Q")] == [f"Q{number:02}" for number in range(1, 58)]
    assert len(items) == len(set(items))
    assert sorted(path.stem for path in (ROOT / "tests" / "rules").iterdir()) == RULES
    assert sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) == RULES


@pytest.mark.parametrize("rule", RULES)
def test_graph_passes(rule: str, store: Store) -> None:
    """The graph gives no row, and is looked at unless the header says why it cannot be."""
    assert rows_in_store(rule, store) == []
    assert bool(looked_at(rule, store)) != ("may-look-at-nothing" in header(rule))


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
def test_graph_passes_in_rdflib(rule: str, merged_graph: Graph) -> None:
    """The other engine gives no row either."""
    assert rows_in_rdflib(rule, merged_graph) == []


def test_documented_table(store: Store, expected_files: Expected) -> None:
    """The table in docs/rules.md is the one computed from headers and graph."""
    made = table(store)
    assert made == expected_files.part(ROOT / "docs" / "rules.md", r"^(\| Q \| rule \|.*)\Z", made), ADVICE


def load(path: Path) -> Store:
    """Return a store with one Turtle file."""
    store = Store()
    store.load(path=path, format=RdfFormat.TURTLE)
    return store
