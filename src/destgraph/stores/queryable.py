"""What can be asked of a graph, wherever it is."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from destgraph import files
from destgraph.catalog import names, questions
from destgraph.errors import InputError
from destgraph.results import Solutions, Term, Triples, plain
from destgraph.vocabulary import shorten

if TYPE_CHECKING:
    from destgraph.catalog.description import Description
    from destgraph.catalog.explanation import Explanation
    from destgraph.diagram import Picture
    from destgraph.stores.info import Info
    from destgraph.stores.own_data import OwnData


TIMEOUT = 60.0
"""Seconds that a query may take where nothing else is said; reading its answer counts."""

MEMORY = 512
"""Megabytes that a query in memory may take, and its answer, where nothing else is said."""


class Queryable(ABC):
    """A graph that answers SPARQL, with the questions that can be asked of it.

    `root` is the folder whose `queries` hold the questions, `own` what own files bring to the graph.
    """

    root: Path
    own: "OwnData | None" = None

    @abstractmethod
    def select(self, query: str) -> Solutions:
        """Answer a SELECT query of the program's own; its prefixes need no declaration."""

    @abstractmethod
    def query(
        self, text: str, *, timeout: float | None = None, memory: int = MEMORY, federate: bool = False
    ) -> bool | Solutions | Triples:
        """Answer a SPARQL query: ASK gives a bool, SELECT Solutions, CONSTRUCT and DESCRIBE Triples.

        The prefixes of the table need not be declared. `timeout` is in seconds: if not given 60, or that of `connect`;
        `memory` is in megabytes, where the query runs on this machine, for the query and for its answer each. Raises
        InputError for a query that is not well-formed, with line and column, that calls a function which does not
        exist, or that is nested too deeply; ReachingError when it would reach for other data than the graph's while
        `federate` is false; TimeLimitError and MemoryLimitError at the limits.
        """

    @abstractmethod
    def save(
        self,
        text: str,
        path: Path,
        format_: str,
        *,
        timeout: float | None = None,
        memory: int = MEMORY,
        federate: bool = False,
    ) -> int:
        """Write the answer of a SELECT query to a file as "csv", "tsv" or "json", and return the number of rows.

        "excel-csv" is CSV of which no spreadsheet takes a cell for a formula.

        The file appears, or takes the place of the old one, when all is written. Errors are those of `query`, and
        InputError for a query of another form and for a file that cannot be written.
        """

    def ask(self, question: str, /, **parameters: str | Iterable[str]) -> Solutions:
        """Answer a canned question, one of `questions`.

        Each parameter takes an IRI, a prefixed name, an id, a label or an alternative label, or several of them,
        meaning any; an underscore in its name stands for a hyphen. Raises InputError for a question, parameter or
        name that is not known, and for a parameter that is missing. The answer carries the day the catalog was read,
        notes that tell of names that several things have, and the names of destinations that have a column each.
        """
        asked = questions.question(question, self.root)
        terms, notes = self._terms(asked, parameters)
        answer = self._dated(self._answered(asked.bind(terms)))
        return replace(answer, notes=notes, titles=self._titles(asked, terms))

    def bind(self, question: str, /, **parameters: str | Iterable[str]) -> str:
        """Return the SPARQL query that `ask` would send, with the same parameters and errors."""
        asked = questions.question(question, self.root)
        return asked.bind(self._terms(asked, parameters)[0])

    def _terms(
        self, asked: questions.Question, parameters: Mapping[str, str | Iterable[str]]
    ) -> tuple[dict[str, list[NamedNode | Literal]], tuple[str, ...]]:
        """Return the terms that the texts given for parameters name, and what is to be told about these names."""
        terms: dict[str, list[NamedNode | Literal]] = {}
        notes = []
        for name, value in parameters.items():
            parameter = asked.parameter(name.replace("_", "-"))
            found = terms[parameter.name] = []
            for text in [value] if isinstance(value, str) else value:
                if parameter.kind in names.KINDS:
                    thing, others = names.meant(self.select, [parameter.kind], text)
                    found.append(thing.query_term)
                    if others:
                        notes.append(names.also_named(text, thing.iri, sorted(shorten(o.iri) for o in others)))
                else:
                    found.append(names.term(self.select, parameter.kind, text, parameter.choices))
        return terms, tuple(notes)

    def _titles(self, asked: questions.Question, terms: Mapping[str, Sequence[NamedNode | Literal]]) -> dict[str, str]:
        """Return the names of the destinations that columns of a question are for, by column."""
        of = {column: found[0] for column in asked.titled if len(found := terms.get(column, ())) == 1}
        return {column: names.name(self.select, term) for column, term in of.items() if isinstance(term, NamedNode)}

    def values(self, question: str, parameter: str) -> Solutions:
        """Return the values that a parameter of a question may have, each with its English name, by id.

        Raises InputError for a question or parameter that is not known, and for a parameter that takes any text.
        """
        wanted = questions.question(question, self.root).parameter(parameter)
        if wanted.choices:
            return Solutions((wanted.name,), tuple((Literal(choice),) for choice in wanted.choices))
        if wanted.kind not in names.KINDS:
            raise InputError(f"{wanted.name} takes any {wanted.kind}, for example {wanted.example}")
        shown = names.english(self.select)
        things = sorted(names.named(self.select, wanted.kind), key=lambda thing: thing.id)
        rows = ((thing.iri, Literal(shown.get(thing.iri, thing.id))) for thing in things)
        return Solutions((wanted.kind, "name"), tuple(rows))

    def why_no_rows(self, question: str, /, **parameters: str | Iterable[str]) -> str:
        """Tell which of the values that a question without rows was asked with match nothing, and what is near them.

        Takes what `ask` takes, and raises what it raises; empty where there is nothing to tell.
        """
        from destgraph.catalog import near

        asked = questions.question(question, self.root)
        return near.why_no_rows(self.select, self._answered, asked, self._terms(asked, parameters)[0], parameters)

    def _answered(self, question: str) -> Solutions:
        """Answer the text of a question; what another folder than the installed one holds is a stranger's query."""
        if self.root == files.root():
            return self.select(question)
        answer = self.query(question)
        if not isinstance(answer, Solutions):
            raise InputError("a question is a SELECT query; correct its file")
        return answer

    def _dated(self, answer: Solutions) -> Solutions:
        """Return an answer that tells how old the catalog is, and what own data bring."""
        return replace(answer, as_read=self.as_read, texts=self.texts, own=str(self.own or ""))

    def explain(self, destination: str, wanted: str | None = None) -> "Explanation":
        """Explain the types of a destination, or why it has or has not the type `wanted`.

        Both are named as in `ask`. Raises InputError for a name that is not known.
        """
        from destgraph.catalog.explanation import explain

        card, others = names.meant(self.select, ["destination"], destination)
        told = explain(self.select, card, names.resolve(self.select, ["type"], wanted) if wanted else None)
        return replace(told, others=tuple(sorted(shorten(other.iri) for other in others)))

    def describe(self, name: str) -> "Description":
        """Describe one thing: a destination, platform, vendor or concept, named as in `ask`.

        Of things of the same name the destination is described, if it is one that `ask` would take. Raises InputError
        for a name that is not known, and with the candidates for one that several things have and no destination, or
        several.
        """
        from destgraph.catalog.description import describe

        found = names.find(self.select, names.KINDS, name)
        aside: Sequence[names.Named] = ()
        with suppress(InputError):
            destination, aside = names.meant(self.select, ["destination"], name)
            if sum(names.is_exact(thing.iri, name) for thing in found) == 1:
                aside = [destination, *aside]
            else:
                found = [destination, *found]
        destinations = {thing for thing in found if thing.kind == "destination"} - {*aside}
        thing = destinations.pop() if len(destinations) == 1 else names.one(self.select, names.KINDS, name, found)
        others = tuple(sorted({shorten(other.iri) for other in (*found, *aside) if other != thing}))
        return replace(describe(self.select, thing), others=others)

    def find(self, words: str, *, limit: int | None = 10) -> Solutions:
        """Find destinations, types, other concepts, platforms, vendors and questions by words of any text about them.

        The best come first, at most `limit`: a row a thing with its name, kind and IRI, and the command that goes on
        from there, with the values that the words name. Typing errors are looked past. Raises InputError where no word
        is given, and where Python's SQLite has no full text search (FTS5).
        """
        from destgraph.catalog import search

        return search.find(search.documents(self.select, [*self.questions.values()]), words, limit)

    def hierarchy(self, edition: str = "2023") -> "Picture":
        """Return the types of destinations as a picture, each with its number of destinations.

        Names and hierarchy are those of an edition of the documentation, named as in `ask`; "current" is the newest.
        Raises InputError for one that is not known.
        """
        from destgraph.catalog.diagrams import hierarchy

        return hierarchy(self._answered, questions.question("types", self.root), edition)

    def neighbourhood(self, destination: str) -> "Picture":
        """Return a destination, named as in `ask`, with its types and features as a picture.

        Raises InputError for a name that is not known.
        """
        from destgraph.catalog.diagrams import neighbourhood

        return neighbourhood(self.select, names.resolve(self.select, ["destination"], destination))

    @cached_property
    def questions(self) -> questions.Questions:
        """The canned questions by name; a warning tells what is wrong with a file that cannot be used."""
        usable, errors = questions.usable(self.root)
        for error in errors:
            warnings.warn(str(error), stacklevel=3)
        return questions.Questions((question.name, question) for question in usable)

    @cached_property
    def info(self) -> "Info":
        """Version, dates and counts."""
        (row,) = self.select(
            """SELECT ?version ?destinations ?connections ?extensions ?triples ?inferred WHERE {
                 { SELECT (SAMPLE(?v) AS ?version) { ?o a owl:Ontology ; owl:versionInfo ?v } }
                 { SELECT (COUNT(*) AS ?triples) { ?a ?b ?c } }
                 { SELECT (COUNT(*) AS ?inferred) { ?e dg:inferredType|dg:typeAgreement ?f } }
                 { SELECT (COUNT(DISTINCT ?d) AS ?destinations) { ?d a/rdfs:subClassOf* dg:Destination } }
                 { SELECT (COUNT(DISTINCT ?d) AS ?connections) { ?d a/rdfs:subClassOf* dg:Connection } }
                 { SELECT (COUNT(DISTINCT ?d) AS ?extensions) { ?d a/rdfs:subClassOf* dg:Extension } } }"""
        )
        from destgraph.stores.info import Info
        from destgraph.stores.own_data import OwnData

        own = self.own or OwnData()
        return Info(
            **row._asdict(),
            as_read=self.as_read,
            texts=self.texts,
            own_destinations=own.destinations,
            changed=own.changed,
        )

    @property
    def as_read(self) -> str:
        """The day on which the newest source was read, as YYYY-MM-DD, or empty without sources."""
        return self._dates[0]

    @property
    def texts(self) -> str:
        """The months of the oldest and the newest text of a source, "2023-05 to 2026-09", or empty if none is dated.

        The last day that a text can be of makes none the newest.
        """
        return self._dates[1]

    @cached_property
    def _dates(self) -> tuple[str, str]:
        """The day of the newest reading, and the months of the texts."""
        read: dict[Term, str] = {}
        sure, dated = set[str](), dict[Term, str]()
        for source, day, modified, not_before, not_after in self.select(
            """SELECT ?source ?read ?modified ?not_before ?not_after { ?source dg:retrievedOn ?read
                 OPTIONAL { ?source dcterms:modified ?modified } OPTIONAL { ?source dg:textNotBefore ?not_before }
                 OPTIONAL { ?source dg:textNotAfter ?not_after } }"""
        ).terms:
            read[source] = plain(day)
            known = [plain(term) for term in (modified, not_before, not_after) if term is not None]
            if known:
                dated[source] = min([*known, dated.get(source, known[0])])
            sure.update(plain(term) for term in (modified, not_before) if term is not None)
        some = "" if read.keys() == dated.keys() else ", some undated"
        texts = f"{min(dated.values())[:7]} to {max(sure)[:7]}{some}" if sure else ""
        return max(read.values(), default=""), texts
