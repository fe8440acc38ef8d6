"""Positions of Turtle: random documents whose every position is known, and what they mean."""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, RdfFormat, parse
from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node

from destgraph import files, inputs
from destgraph.validation import turtle
from destgraph.validation.documents import Document
from destgraph.validation.findings import RELATIVE, Place

EX = "http://example.org/"
BLANKS = (" ", "  ", "\t", "\n", "\r\n", "\r\n\t", " # comment: . ; , \" 'ä 😀\n", "\n\n    ")
TEXTS = (
    "",
    "x",
    "ä 😀 \U0001d11e",
    "a\tb",
    'say \\"hi\\"',
    "back\\\\slash",
    "\\u00e4\\U0001F600",
    "# no comment",
    "a . b ; c , d",
)
LONG_TEXTS = (*TEXTS, "two\nlines", "a\r\nb", 'a "quoted" word\n', "\n\n", "'")
TAILS = ("", "@en", "@pt-BR", "^^xsd:string", f"^^<{EX}type>")
PLAIN = ("12", "-3", "+4.50", "1e3", "-.5E-2", "true", "false")


@dataclass
class Writer:
    """Writes random Turtle, and notes the place of everything that it writes."""

    random: Random
    file: str
    text: str = ""
    line: int = 1
    column: int = 1
    number: int = 0
    predicates: dict[str, Place] = field(default_factory=dict)
    objects: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    items: list[Place] = field(default_factory=list)
    subjects: list[Place] = field(default_factory=list)

    def write(self, text: str) -> None:
        """Write text, counting lines and columns."""
        for character in text:
            if character == "\n" and self.text.endswith("\r"):
                pass  # the second half of a line end
            elif character in "\r\n":
                self.line, self.column = self.line + 1, 1
            else:
                self.column += 1
            self.text += character

    def blank(self) -> None:
        """Write white space, perhaps with a comment."""
        self.write(self.random.choice(BLANKS))

    def chance(self, share: float) -> bool:
        """Tell yes in a share of the cases."""
        return self.random.random() < share

    def placed(self, text: str) -> Place:
        """Write a term, and return its place."""
        line, column = self.line, self.column
        self.write(text)
        return Place(self.file, line, column, self.line, self.column)

    def name(self) -> str:
        """Return a new name, in one of its spellings."""
        self.number += 1
        return self.random.choice(
            (f"ex:n{self.number}", f"<{EX}ä{self.number}>", f"ex:a.{self.number}\\#b", f"_:b{self.number}")
        )

    def document(self) -> str:
        """Write and return a document."""
        self.write(f"@prefix ex: <{EX}> .\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\r\n")
        for _ in range(self.random.randint(1, 4)):
            if self.chance(0.1):
                self.write(f"@prefix ex: <{EX}> .")
            self.blank()
            self.statement()
            self.blank()
            self.write(".")
        if self.chance(0.5):
            self.blank()
        return self.text

    def statement(self) -> None:
        """Write a subject and what is said of it."""
        line, column = self.line, self.column
        if self.chance(0.1):
            self.bracket(0, empty=False)
            end = (self.line, self.column)
            if self.chance(0.5):
                self.blank()
                self.properties(0)
        else:
            self.bracket(0) if self.chance(0.1) else self.write(self.name())
            end = (self.line, self.column)
            self.blank()
            self.properties(0)
        self.subjects.append(Place(self.file, line, column, *end))

    def properties(self, depth: int) -> None:
        """Write predicates with their objects."""
        for index in range(self.random.randint(1, 3)):
            if index:
                self.blank()
                self.write(";")
                self.blank()
            self.number += 1
            name = f"p{self.number}"
            self.predicates[name] = self.placed(f"ex:{name}")
            for position in range(self.random.randint(1, 3)):
                if position:
                    if self.chance(0.5):
                        self.blank()
                    self.write(",")
                self.blank()
                self.objects[name].append(self.term(depth))
        if self.chance(0.2):
            self.blank()
            self.write(";")

    def term(self, depth: int) -> Place:
        """Write an object, and return its place."""
        line, column = self.line, self.column
        kind = self.random.random()
        if kind < 0.15 and depth < 3:
            self.bracket(depth + 1)
        elif kind < 0.3 and depth < 3:
            self.collection(depth + 1)
        elif kind < 0.5:
            self.write(self.name())
        elif kind < 0.6:
            self.write(self.random.choice(PLAIN))
        else:
            self.literal()
        return Place(self.file, line, column, self.line, self.column)

    def literal(self) -> None:
        """Write a literal in one of its spellings."""
        quote = self.random.choice(('"', "'", '"""', "'''"))
        text = self.random.choice(TEXTS if len(quote) == 1 else LONG_TEXTS)
        if len(quote) == 1 and quote in text.replace(f"\\{quote}", ""):
            text = "x"
        if text.endswith(quote[0]):
            text += " "
        self.write(quote + text + quote + self.random.choice(TAILS))

    def bracket(self, depth: int, empty: bool = True) -> None:
        """Write a blank node in brackets."""
        self.write("[")
        self.blank()
        if not empty or self.chance(0.7):
            self.properties(depth)
            self.blank()
        self.write("]")

    def collection(self, depth: int) -> None:
        """Write a list."""
        self.write("(")
        for _ in range(self.random.randint(0, 3)):
            self.blank()
            self.items.append(self.term(depth))
        self.blank()
        self.write(")")


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.booleans())
def test_positions_of_random_documents(random: Random, mark: bool) -> None:
    """Each predicate, object, list item and subject stands where it was written, in two files read into one graph."""
    graph = Graph()
    for file in ("data/one.ttl", "two.ttl"):
        writer = Writer(random, file)
        raw = ("\ufeff" if mark else "") + writer.document()
        document = Document(file, raw.encode().decode("utf-8-sig"))
        turtle.parse(document, graph)
        objects: dict[str, list[Place]] = defaultdict(list)
        for statement in document.statements:
            name = str(statement.triple[1]).removeprefix(EX)
            if name in writer.predicates:
                assert document.place(*statement.predicate) == writer.predicates[name]
                objects[name].append(statement.place)
        assert objects == writer.objects
        items = [s.place for s in document.statements if s.triple[1] == RDF.first]
        assert sorted(items) == sorted(writer.items)
        written = {(place.line, place.column) for place in writer.subjects}
        found = {(place.line, place.column) for place in (document.place(*span) for span in document.subjects.values())}
        assert written <= found
        assert len(document.statements) == sum(map(len, objects.values())) + 2 * len(items)
        assert list(parse(document.text, RdfFormat.TURTLE)), "the document is valid Turtle"


def test_blank_nodes_are_named_after_file_and_offset() -> None:
    """A second parse agrees with the first, and two files do not share blank nodes."""
    text = "<http://e/a> <http://e/p> [ <http://e/q> ( 1 [] ) ] , _:a ."
    first, second, other = Graph(), Graph(), Graph()
    turtle.parse(Document("a.ttl", text), first)
    turtle.parse(Document("a.ttl", text), second)
    turtle.parse(Document("b.ttl", text), other)
    nodes = {node for node in first.all_nodes() if isinstance(node, BNode)}
    assert len(nodes) == 5
    assert set(first) == set(second)
    assert not nodes & {node for node in other.all_nodes() if isinstance(node, BNode)}
    assert isomorphic(first, other)


def test_real_files_are_read_as_rdflib_reads_them() -> None:
    """The parser yields the same triples as rdflib's own, spellings and normalised literals included."""
    for path in [files.root() / "ontology" / "destgraph.ttl", files.root() / "ontology" / "shapes" / "card.ttl"]:
        graph = Graph()
        turtle.parse(Document(path.name, path.read_text(encoding="utf-8")), graph)
        assert len(graph) > 250
        assert isomorphic(graph, Graph().parse(path))


@pytest.mark.parametrize("text", ["<http://e/a> <http://e/p> 1", '<http://e/a> <http://e/p> "x"@en--ltr .'])
def test_what_is_no_turtle_has_a_place(text: str) -> None:
    """Its errors carry line and column."""
    with pytest.raises(SyntaxError) as error:
        turtle.parse(Document("a.ttl", "\n" + text), Graph())
    assert error.value.lineno == 2
    assert (error.value.offset or 0) > 20


def test_relative_iris_keep_their_mark() -> None:
    """Relative IRIs are resolved against the base that tells them apart."""
    graph = Graph()
    turtle.parse(Document("a.ttl", "<a> <http://e/p> <#b> ."), graph)
    assert set(graph) == {(URIRef(f"{RELATIVE}a"), URIRef("http://e/p"), URIRef(f"{RELATIVE}#b"))}


@pytest.mark.parametrize(
    ("reference", "resolved"),
    [
        ("?y", "b/c/d;p?y"),
        ("../g", "b/g"),
        ("./g/.", "b/c/g/"),
        ("#s", "b/c/d;p?q#s"),
        ("", "b/c/d;p?q"),
        ("/./g", "g"),
    ],
)
def test_relative_iris_are_resolved_as_rfc_3986_has_them(reference: str, resolved: str) -> None:
    """Against the base that the file declares (the examples of section 5.4)."""
    graph = Graph()
    turtle.parse(Document("a.ttl", f"@base <http://a/b/c/d;p?q> . <{reference}> <http://e/p> 1 ."), graph)
    assert [*graph.subjects()] == [URIRef(f"http://a/{resolved}")]


def test_names_and_texts_in_all_their_spellings() -> None:
    """Escapes, dots inside names, several quotes in long texts, and prefixes that change their meaning."""
    graph = Graph()
    text = (
        "PREFIX : <http://e/> prefix x: <http://x/> @prefix y.z: <http://y/> .\n"
        ":a.b :p\\~q y.z:%41 , :a:b , <http://e/\\u00e4> ; a x: . # a <comment> .\n"
        ':t :u """ a "quote" and ""two"" \\" """ , \'\'\'\'b\'\'\' , "\\t" , 1.5 .\n'
        "@prefix : <http://f/> . :c<http://e/p>_:b.1.[]:d()."
    )
    turtle.parse(Document("a.ttl", text), graph)
    assert isomorphic(graph, Graph().parse(data=text, format="turtle"))
    assert {URIRef("http://e/a.b"), URIRef("http://f/c")} <= {*graph.subjects()}


PARTS = [*" \n.;,[]()<>\"'#:@^_\\-+05aeEé%", '"""', "'''", "^^", "_:b", "@en", ":a", "\\,", "@prefix", ".5", "e1"]
SEEDS = [
    '@prefix : <http://e/> . :a :b :c , [ :d ( 1 2.5 -3e4 "x"@en ) ] ; a :t ; :s "q\\n"^^:dt , """l"o\n""" , _:x.y .\n',
    "@base <http://e/> . PREFIX x: <#> x:a.b x:\\,c true. [] x: () .",
]


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 130), st.integers(0, 3), st.sampled_from(PARTS)), max_size=3),
)
@example("@prefix : <a:> . :a :b :c+1 .", [])
@example("@prefix : <a:> . :a :b ( 1:.5 2:-3 ) .", [])
@example("@prefix : <a:> . _:b:a _:c.d.", [])
def test_what_the_store_accepts_has_the_same_triples(text: str, edits: list[tuple[int, int, str]]) -> None:
    """However its tokens touch each other: text with a few edits is refused by the store, or read as it reads it."""
    for at, length, part in edits:
        text = text[:at] + part + text[at + length :]
    document = Document("a.ttl", text)
    try:
        quads = [*inputs.parse(text, RdfFormat.TURTLE, RELATIVE)]
    except SyntaxError:
        return
    turtle.parse(document, Graph())

    def shown(*terms: object) -> list[str]:
        texts = (str(term) if isinstance(term, Node) else str(term.value) for term in terms)  # type: ignore[attr-defined]
        return ["_" if isinstance(term, BNode | BlankNode) else text for term, text in zip(terms, texts, strict=True)]

    ours = sorted(shown(*statement.triple) for statement in document.statements)
    assert ours == sorted(shown(quad.subject, quad.predicate, quad.object) for quad in quads)


def test_numbers_and_booleans() -> None:
    """Plain values become typed literals."""
    graph = Graph()
    turtle.parse(Document("a.ttl", "<http://e/a> <http://e/p> 1 , true , 1.5 , 1e0 ."), graph)
    datatypes = [str(value.datatype) for value in graph.objects() if isinstance(value, Literal)]
    assert sorted(datatype.rpartition("#")[2] for datatype in datatypes) == ["boolean", "decimal", "double", "integer"]
