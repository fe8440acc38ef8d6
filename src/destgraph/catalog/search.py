"""Find things and questions by words: SQLite's full text search over one document for each of them.

`documents` and `STOP_WORDS` are what any other index, such as that of a page, is made of, so that all find the same.
"""

import re
import shlex
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from destgraph.errors import InputError
from destgraph.results import Select, Solutions, Term, plain
from destgraph.vocabulary import SCHEMES, local_name, shorten

if TYPE_CHECKING:
    from destgraph.catalog.questions import Question

FIELDS = {"name": 8.0, "alternative": 6.0, "keywords": 4.0, "summary": 2.0, "text": 1.0}
"""The fields of a document's texts, each with what a word found in it weighs."""

_STOP_WORDS = (
    "a about all also am an and any are as at be been but by can could did do does each for from get gets "
    "getting had has have how i if in into is it its just let me my of on only or our should so than that the "
    "their them then there these they this those to us was we were what when where which while who whom whose "
    "why will with would you your"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that say nothing about what is looked for."""

KINDS = ("question", "destination", *SCHEMES, "platform", "vendor")
"""The kinds of what is found; of equally good ones the first comes first."""

_OF_KIND = {"question": 2.0, "platform": 0.5, "vendor": 0.5}  # the last two mostly repeat a destination
_OF_WHOLE_NAME = 2.0
_OF_EXTENSION = 0.7  # where "extension" was not said, a connection of the same name is meant

COLUMNS = ("name", "kind", "resource", "command")

_WORD = re.compile(r"\w+")
_LANGUAGES = ("en", None)
_SHOWN_ONLY = ("destination", "edition")
_KIND_WORDS = frozenset({"connection", "connector", "destination", "extension"})
_WHERE = """
  { ?thing skos:inScheme ?scheme . ?scheme a skos:ConceptScheme . BIND (REPLACE(STR(?scheme), "^.*/", "") AS ?kind) }
  UNION { ?thing a/rdfs:subClassOf* dg:Destination BIND ("destination" AS ?kind) }
  UNION { ?thing a dg:Platform BIND ("platform" AS ?kind) }
  UNION { ?thing a dg:Vendor BIND ("vendor" AS ?kind) }"""
_TEXTS = """
  { ?thing skos:prefLabel|rdfs:label ?text BIND ("name" AS ?field) }
  UNION { ?thing skos:altLabel|skos:hiddenLabel ?text BIND ("alternative" AS ?field) }
  UNION { ?thing dg:platform|dg:vendor ?offer . ?offer rdfs:label|skos:altLabel ?text
          BIND ("alternative" AS ?field) }
  UNION { ?thing dg:editionEntry ?entry . ?entry rdfs:label|skos:prefLabel ?text BIND ("alternative" AS ?field) }
  UNION { ?thing dcterms:description|skos:definition ?text BIND ("summary" AS ?field) }
  UNION { ?thing dg:useCase|skos:scopeNote|skos:example ?text BIND ("text" AS ?field) }
  UNION { ?thing dg:behaviour ?behaviour . ?behaviour dg:text ?text BIND ("text" AS ?field) }
  UNION { ?feature dg:appliesTo ?scope . ?thing ?feature ?value . ?value skos:prefLabel ?text
          BIND ("text" AS ?field) }
  UNION { ?thing dg:identityUse ?use . ?use dg:identity ?identity . ?identity skos:prefLabel ?text
          BIND ("text" AS ?field) }"""


@dataclass(frozen=True)
class Document:
    """What is searched about one thing or question.

    `id` is the last part of `iri`; `texts` holds the texts of each of FIELDS; `parameters` are those of a question,
    by name with their kind; `command` goes on from there.
    """

    id: str
    kind: str
    iri: str
    name: str
    texts: Mapping[str, Sequence[str]]
    command: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def documents(select: Select, asked: Sequence["Question"]) -> list[Document]:
    """Return a document for each question, destination, platform, vendor and concept, by kind and IRI."""
    kinds = {thing: plain(kind) for thing, kind in select(f"SELECT DISTINCT ?thing ?kind {{ {_WHERE} }}").terms}
    texts: dict[Term, dict[str, list[Literal]]] = defaultdict(lambda: defaultdict(list))
    rows = select(f"SELECT DISTINCT ?thing ?field ?text {{ {_TEXTS} }}").terms
    for thing, of_field, text in sorted(rows, key=lambda row: tuple(map(str, row))):
        if thing in kinds and isinstance(text, Literal):
            texts[thing][plain(of_field)].append(text)
    goes_on = _going_on(asked)
    found = [*map(question_document, asked)]
    for thing, kind in kinds.items():
        if isinstance(thing, NamedNode) and kind in KINDS:
            found.append(_document(thing, kind, texts[thing], goes_on))
    return sorted(found, key=lambda document: (KINDS.index(document.kind), document.iri))


def question_document(asked: "Question") -> Document:
    """Return the document of a question."""
    needed = asked.needs_parameter or any(p.required for p in asked.parameters)
    texts = {
        "name": [asked.summary],
        "alternative": [asked.name],
        "keywords": [asked.keywords],
        "summary": [asked.description],
        "text": [*(p.description for p in asked.parameters), *asked.columns.values()],
    }
    command = f"destgraph ask {asked.name}{' --help' if needed else ''}"
    parameters = {p.name: p.kind for p in asked.parameters}
    return Document(asked.name, "question", asked.iri.value, asked.summary, texts, command, parameters)


def find(found: Sequence[Document], words: str, limit: int | None = None) -> Solutions:
    """Return what the words are about, the best first: a row a thing, with the command that goes on from there.

    At most `limit` rows. A word that is nowhere stands for those that begin with it or are close to it. A question is
    followed by the values that the words name. Raises InputError for words of which none can be looked for.
    """
    typed = [word for word in _words(words) if word not in STOP_WORDS] or _words(words)
    if not has_words(words):
        raise InputError("there is no word to look for; write for example: destgraph find csv files")
    known = {word for document in found for texts in document.texts.values() for text in texts for word in _words(text)}
    index = _Index(found)
    meant = [[word] if index.has(word) else _close(word, known) for word in typed]
    every = [word for several in meant for word in several]
    scores = index.scores(every)
    named = _named(found, {_stem(word) for word in every})
    whole = {thing.iri for things in named.values() for thing in things}
    for number in scores:
        document = found[number]
        scores[number] *= max(len(_values(document, named)), 1)
        scores[number] *= _OF_KIND.get(document.kind, 1.0)
        scores[number] *= _OF_WHOLE_NAME if document.iri in whole else 1.0
        scores[number] *= _OF_EXTENSION if _is_extension(document) and "extension" not in every else 1.0
    best = [found[number] for number in sorted(scores, key=lambda number: -scores[number])]
    rows = [_filled(document, named) if document.kind == "question" else document for document in best[:limit]]
    return Solutions(COLUMNS, tuple(map(_row, rows)))


def has_words(text: str) -> bool:
    """Tell whether there is something in a text that can be looked for."""
    return bool(_words(text))


def _is_extension(document: Document) -> bool:
    return document.kind == "destination" and "extension" in _words(document.name)


def _row(document: Document) -> tuple[Term, ...]:
    return (
        Literal(document.name),
        Literal(document.kind),
        NamedNode(document.iri),
        Literal(document.command),
    )


def _document(
    thing: NamedNode, kind: str, texts: Mapping[str, Sequence[Literal]], goes_on: Mapping[str, tuple[str, str]]
) -> Document:
    """Return the document of a thing; names in all languages are among the alternatives, other texts are English."""
    id_ = local_name(thing.value)
    names = sorted(texts.get("name", ()), key=lambda name: (not _english(name), name.language is not None, name.value))
    values = {name: [text.value for text in of_field if _english(text)] for name, of_field in texts.items()}
    values["name"] = [name.value for name in names[:1]]
    others = [text.value for text in (*names[1:], *texts.get("alternative", ()))]
    values["alternative"] = [*dict.fromkeys([*others, id_])]
    question, parameter = goes_on.get(kind, ("", ""))
    if question and kind not in _SHOWN_ONLY:
        command = f"destgraph ask {question} {parameter}={shlex.quote(id_)}"
    else:
        command = f"destgraph show {shlex.quote(shorten(thing))}"
    return Document(id_, kind, thing.value, next(iter(values["name"]), "") or shorten(thing), values, command)


def _english(text: Literal) -> bool:
    return text.language is None or text.language.partition("-")[0] == "en"


def _going_on(asked: Iterable["Question"]) -> dict[str, tuple[str, str]]:
    """Return for kinds of things the question, and its parameter, that can be asked with nothing else."""
    choices: dict[str, list[tuple[bool, int, str, str]]] = defaultdict(list)
    for question in asked:
        for parameter in question.parameters:
            if not any(p.required and p is not parameter for p in question.parameters):
                choice = (not parameter.required, len(question.parameters), question.name, parameter.name)
                choices[parameter.kind].append(choice)
    return {kind: min(several, key=lambda choice: choice[:3])[2:] for kind, several in choices.items()}


class _Index:
    """The documents in a table of SQLite."""

    def __init__(self, found: Sequence[Document]) -> None:
        import sqlite3  # asking needs it only on the way to an error

        self.table = sqlite3.connect(":memory:")
        try:
            self.table.execute(
                f"CREATE VIRTUAL TABLE documents USING fts5 ({', '.join(FIELDS)}, tokenize = 'porter unicode61')"
            )
        except sqlite3.OperationalError as error:
            raise InputError(f"finding by words needs SQLite with FTS5, which this Python lacks: {error}") from None
        self.table.executemany(
            f"INSERT INTO documents (rowid, {', '.join(FIELDS)}) VALUES (?{', ?' * len(FIELDS)})",  # noqa: S608
            (
                (number, *(" ".join(_words(" ".join(document.texts.get(name, ())))) for name in FIELDS))
                for number, document in enumerate(found)
            ),
        )

    def has(self, word: str) -> bool:
        """Tell whether a word is in any document."""
        return bool(self.table.execute("SELECT 1 FROM documents (?) LIMIT 1", [f'"{word}"']).fetchall())

    def scores(self, words: Sequence[str]) -> dict[int, float]:
        """Return how well each document fits that holds any of the words, by its place."""
        if not words:
            return {}
        weights = ", ".join(map(str, FIELDS.values()))
        statement = f"SELECT rowid, -bm25(documents, {weights}) FROM documents (?) ORDER BY rowid"  # noqa: S608
        return dict(self.table.execute(statement, [" OR ".join(f'"{word}"' for word in words)]))


def _close(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words that a word which is none of them may stand for."""
    from difflib import get_close_matches

    longer = sorted(other for other in known if len(word) > 2 and other.startswith(word))
    return longer or get_close_matches(word[:100], sorted(known), n=3, cutoff=0.75)


def _named(found: Iterable[Document], typed: set[str]) -> dict[str, list[Document]]:
    """Return by kind the things of which a whole name was typed, the longest name first."""
    named: dict[str, list[tuple[int, Document]]] = defaultdict(list)
    for document in found:
        longest = 0
        for name in (*document.texts.get("name", ()), *document.texts.get("alternative", ())):
            words = {_stem(word) for word in _words(name)} - _KIND_WORDS
            if words and words <= typed:
                longest = max(longest, len(words))
        if longest:
            named[document.kind].append((-longest, document))
    return {kind: [thing for _, thing in sorted(things, key=lambda pair: pair[0])] for kind, things in named.items()}


def _filled(asked: Document, named: Mapping[str, Sequence[Document]]) -> Document:
    """Return the document of a question whose command has the values that were named, if it then can be asked."""
    values = _values(asked, named)
    return replace(asked, command=" ".join(["destgraph", "ask", asked.id, *values])) if values else asked


def _values(asked: Document, named: Mapping[str, Sequence[Document]]) -> list[str]:
    """Return the parameters of a question that have a value among what was named, with it."""
    left = {kind: iter(things) for kind, things in named.items()}
    given = [(name, next(left.get(kind, iter(())), None)) for name, kind in asked.parameters.items()]
    return [f"{name}={shlex.quote(thing.id)}" for name, thing in given if thing is not None]


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case, without accents."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _WORD.findall(text.replace("_", " ").casefold())


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
