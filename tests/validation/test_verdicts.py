"""Verdicts on shapes and literals that SHACL, XSD and RDF decide: nothing that is not applied stays silent."""

import pickle
from importlib.resources import files
from pathlib import Path

import pytest
from rdflib import SH, Graph, URIRef
from rdflib.extras.shacl import parse_shacl_path
from small import written

import destgraph
from destgraph.errors import InputError
from destgraph.validation import reports, shacl_terms
from destgraph.validation.datatypes import KNOWN, is_valid, literal
from destgraph.validation.findings import Report
from destgraph.validation.xpath_patterns import PatternError, matching, replaced

HEAD = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
PROLOGUE = "@prefix sh: <http://www.w3.org/ns/shacl#> . "
ROOT = Path(__file__).parents[2]
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def found(folder: Path, shapes: str, data: str) -> list[tuple[str, str, str]]:
    """Return rule, place and message of what shapes find in data; both start in line 5."""
    return told(validated(folder, shapes, data))


def validated(folder: Path, shapes: str, data: str) -> Report:
    """Validate data with shapes."""
    written(folder, {"shapes.ttl": HEAD + shapes, "data.ttl": HEAD + data})
    return destgraph.validate(["data.ttl"], shapes=["shapes.ttl"], folder=folder)


def told(report: Report) -> list[tuple[str, str, str]]:
    """Return rule, place and message of the findings."""
    return [(f.rule, f"{f.place.file}:{f.place.line}:{f.place.column}", f.message) for f in report.findings]


def test_an_unusable_shape_takes_nothing_with_it(tmp_path: Path) -> None:
    """The other shapes are applied with what they refer to, and so are the other constraints of that shape."""
    shapes = """ex:Person sh:targetClass ex:P ; sh:property [ sh:path ex:address ; sh:node ex:AddressShape ] .
ex:AddressShape a sh:NodeShape ; sh:property [ sh:path ex:city ; sh:minCount 1 ] .
ex:Bad a sh:NodeShape ; sh:targetClass ex:P ;
 sh:property [ sh:path ( [ sh:inversePath ex:q ] ) ; sh:minCount 0 ] , [ sh:path ex:name ; sh:minCount 1 ] .
"""
    assert found(tmp_path, shapes, "ex:a a ex:P ; ex:address ex:h .\nex:h ex:zip 1 .") == [
        ("Bad", "data.ttl:5:1", "Less than 1 values on ex:a->ex:name"),
        (
            "Person",
            "data.ttl:5:26",
            "Value does not conform to Shape ex:AddressShape. ex:city: Less than 1 values on ex:h->ex:city",
        ),
        (
            "shapes_not_usable",
            "shapes.ttl:8:66",
            "A list of SHACL Paths must contain at least two path items.; correct the shape",
        ),
    ]


def test_a_shape_that_cannot_be_loaded(tmp_path: Path) -> None:
    """It is told, and not that nothing was looked at."""
    shapes = """ex:Bad a sh:NodeShape ; sh:path ex:a , ex:b ; sh:targetClass ex:P .
ex:Good a sh:NodeShape ; sh:targetClass ex:P ; sh:nodeKind sh:Literal ."""
    rules = [(rule, place) for rule, place, _ in found(tmp_path, shapes, "ex:a a ex:P .")]
    assert rules == [("Good", "data.ttl:5:1"), ("shapes_not_usable", "shapes.ttl:5:1")]


def test_a_target_that_cannot_be_used(tmp_path: Path) -> None:
    """It is told once, however many constraints the shape has."""
    shapes = """ex:S a sh:NodeShape ; sh:target [ a ex:OwnTarget ] ; sh:nodeKind sh:IRI ; sh:class ex:T .
ex:Unused a sh:NodeShape ; sh:nodeKind sh:IRI ."""
    ((rule, place, _), note) = found(tmp_path, shapes, "ex:a a ex:T .")
    assert (rule, place) == ("shapes_not_usable", "shapes.ttl:5:1")
    assert note == (
        "shape_not_applied", "shapes.ttl:6:1", "nothing leads to ex:Unused, so it checks nothing; give it a target"
    )  # fmt: skip


TARGET = 'sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this { ?this a <http://example.org/T> }" ]'
FUNCTION = """ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
ex:isBad a sh:SPARQLFunction ; sh:parameter [ sh:path ex:op ] ; sh:returnType xsd:boolean ;
 sh:select "SELECT (($op > 3) AS ?result) {}" .
"""
CALL = """ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql [ sh:prefixes ex: ; sh:message "bad" ;
 sh:select "SELECT $this { $this ex:p ?v . FILTER (ex:isBad(?v)) }" ] ."""


@pytest.mark.parametrize(
    ("shapes", "data", "expected"),
    [
        (f"ex:S a sh:NodeShape ; {TARGET} ; sh:nodeKind sh:Literal .", "ex:a a ex:T .", ["S data.ttl:5:1"]),
        (
            "ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ; "
            "sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:p ; sh:object 1 ] .",
            "ex:a a ex:T .",
            [],
        ),
        (FUNCTION + CALL, "ex:a a ex:T ; ex:p 5 . ex:b a ex:T ; ex:p 1 .", ["S data.ttl:5:1"]),
        (
            FUNCTION.replace("SPARQLFunction", "JSFunction") + CALL,
            "ex:a a ex:T ; ex:p 5 .",
            ["shape_not_applied shapes.ttl:6:12", "shape_not_applied shapes.ttl:9:12"],
        ),
        (
            'ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:js [ sh:jsFunctionName "f" ] .',
            "ex:a a ex:T .",
            ["shape_not_applied shapes.ttl:5:45", "shape_not_applied shapes.ttl:5:53"],
        ),
        (
            'ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:singleLine true ; sh:flags "i" .',
            "ex:a a ex:T .",
            ["shape_not_applied shapes.ttl:5:45", "shape_not_applied shapes.ttl:5:66"],
        ),
        (
            "ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql [ sh:select "
            '"SELECT $this { GRAPH $shapesGraph { $currentShape ?p ?o } }" ] .',
            "ex:a a ex:T .",
            ["shapes_not_usable shapes.ttl:5:55", "shape_not_applied shapes.ttl:5:67"],
        ),
    ],
    ids=["target", "rule", "function", "unknown function", "JavaScript", "draft and flags", "shapes graph"],
)
def test_applied_or_told(tmp_path: Path, shapes: str, data: str, expected: list[str]) -> None:
    """Advanced features are applied; what is not applied is told, and the graphs stay as they are."""
    assert [f"{rule} {place}" for rule, place, _ in found(tmp_path, shapes, data)] == expected


def test_recursion(tmp_path: Path) -> None:
    """A shape that asks for itself is followed as far as the data go, and told where they lead back."""
    shapes = """ex:S a sh:NodeShape ; sh:targetNode ex:n0 ;
 sh:property [ sh:path ex:next ; sh:node ex:S ] , [ sh:path ex:k ; sh:maxCount 1 ] ."""
    chain = " . ".join(f"ex:n{n} ex:next ex:n{n + 1}" for n in range(9))
    ((rule, place, _),) = found(tmp_path, shapes, f"{chain} . ex:n9 ex:k 1 , 2 .")
    assert (rule, place) == ("S", "data.ttl:5:15")
    ((rule, place, message),) = found(tmp_path, shapes, "ex:n0 ex:next ex:n1 . ex:n1 ex:next ex:n0 .")
    assert (rule, place) == ("shape_not_applied", "shapes.ttl:5:1")
    assert message.startswith("ex:S asks for itself of ex:n")


@pytest.mark.parametrize(
    ("constraint", "value", "is_met"),
    [
        ("sh:maxInclusive 5", '"P400D"^^xsd:duration', False),
        ("sh:maxInclusive 5", "true", False),
        ("sh:maxInclusive 5", '"1"^^ex:own', False),
        ("sh:maxInclusive 5", "ex:iri", False),
        ("sh:maxInclusive 5", '"5.0"^^xsd:decimal', True),
        ("sh:maxInclusive 5", '"x"^^xsd:integer', False),
        ("sh:maxInclusive 12345678901234567890123", "12345678901234567890122", True),
        ("sh:maxExclusive 1.00000000000000000000002", "1.00000000000000000000001", True),
        ('sh:maxInclusive "23:00:00"^^xsd:time', '"24:00:00"^^xsd:time', True),
        ('sh:minInclusive "2024-01-01"^^xsd:date', '"12024-01-01"^^xsd:date', True),
        ('sh:minInclusive "2024-01-01"^^xsd:date', '"-0044-03-15"^^xsd:date', False),
        ('sh:minInclusive "2024-01-01"^^xsd:date', '"2024-01-02T00:00:00"^^xsd:dateTime', False),
        ("sh:datatype xsd:date", '"12024-01-01"^^xsd:date', True),
        ("sh:datatype xsd:date", '"2024-W01-1"^^xsd:date', False),
        ("sh:in ( 1 )", "01", False),
        ("sh:minInclusive 1", '"NaN"^^xsd:double', False),
        ('sh:minInclusive "NaN"^^xsd:double', "1", False),
        ("sh:minLength 0", "[ ]", False),
        ("sh:not [ sh:minLength 0 ]", "[ ]", True),
        ("sh:minLength 0", '""', True),
        ('sh:pattern "^\\\\p{L}+$"', '"K\u00f6ln"', True),
        ('sh:pattern "^[a-z-[aeiou]]+$"', '"xyz"', True),
        ('sh:pattern "^[a-z-[aeiou]]+$"', '"aaa"', False),
        ('sh:pattern "a.b" ; sh:flags "q"', '"axb"', False),
        ('sh:pattern "^A B$" ; sh:flags "ix"', '"ab"', True),
        ('sh:pattern "^a.b$" ; sh:flags "s"', '"a\\nb"', True),
    ],
)
def test_values(tmp_path: Path, constraint: str, value: str, is_met: bool) -> None:
    """Comparisons, datatypes and patterns as SPARQL, XSD and XPath have them; what cannot be compared is a result."""
    shapes = f"ex:S a sh:PropertyShape ; sh:targetClass ex:T ; sh:path ex:p ; {constraint} ."
    findings = validated(tmp_path, shapes, f"ex:a a ex:T ; ex:p {value} .").findings
    rules = {rule for finding in findings for rule in (finding.rule, *finding.also)}
    assert rules - {"ill_typed_literal"} == (set() if is_met else {"S"})


@pytest.mark.parametrize(
    ("call", "matches"),
    [
        (r'REGEX(?v, "^\\\\p{L}+$")', True),
        (r'REGEX(?v, "^[a-zö-[b]]+$", "i")', True),
        (r'REGEX(?v, "k.ln", "q")', False),
    ],
)
def test_patterns_in_queries(tmp_path: Path, call: str, matches: bool) -> None:
    """A query of a shape reads them as XPath has them."""
    shapes = f"""ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql [ sh:prefixes ex: ; sh:message "found" ;
  sh:select '''SELECT $this {{ $this ex:p ?v . FILTER ({call}) }}''' ] ."""
    rules = [rule for rule, _, _ in found(tmp_path, shapes, 'ex:a a ex:T ; ex:p "Köln" .')]
    assert rules == (["S"] if matches else [])


def test_classes_far_below(tmp_path: Path) -> None:
    """More classes below each other than Python follows."""
    shapes = "ex:S a sh:PropertyShape ; sh:targetNode ex:a ; sh:path ex:p ; sh:class ex:c0 ."
    classes = "".join(f"ex:c{number + 1} rdfs:subClassOf ex:c{number} .\n" for number in range(1500))
    data = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n" + classes + "ex:a a ex:c0 ; ex:p ex:a , ex:b ."
    assert [rule for rule, _, _ in found(tmp_path, shapes, data)] == ["S"]


def test_pairs_that_cannot_be_compared(tmp_path: Path) -> None:
    """The message names both values."""
    shapes = "ex:S a sh:PropertyShape ; sh:targetClass ex:T ; sh:path ex:s ; sh:lessThan ex:t ."
    data = (
        'ex:a a ex:T; ex:s "2024-01-01"^^xsd:date; ex:t "2024-01-02T00:00:00"^^xsd:dateTime , "2025-01-02"^^xsd:date.'
    )
    message = 'Value "2024-01-01"^^xsd:date is not < "2024-01-02T00:00:00"^^xsd:dateTime of ex:t'
    assert found(tmp_path, shapes, data) == [("S", "data.ttl:5:19", message)]


def test_equal_results_are_counted(tmp_path: Path) -> None:
    """Two classes that are missing are two results, in one finding."""
    report = validated(tmp_path, "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:class ex:A , ex:B .", "ex:a ex:p 1 .")
    assert [(finding.rule, finding.times) for finding in report.findings] == [("S", 2)]
    assert report.findings[0].message.endswith(" (2 results)")


@pytest.mark.parametrize("target", ["sh:targetNode ex:nowhere", 'sh:targetNode "x"', "sh:targetObjectsOf ex:p"])
def test_literals_and_objects_are_looked_at(tmp_path: Path, target: str) -> None:
    """A shape that looks at what is no subject of the data looks at something."""
    assert found(tmp_path, f"ex:S a sh:NodeShape ; {target} ; sh:minLength 1 .", 'ex:a ex:p "text" .') == []


@pytest.mark.parametrize("literal", ['""', "0", "false"])
def test_literals_that_python_takes_for_nothing(tmp_path: Path, literal: str) -> None:
    """They are told as what is looked at, at their place."""
    report = validated(tmp_path, "ex:S sh:targetObjectsOf ex:p ; sh:nodeKind sh:IRI .", f"ex:a ex:p {literal} .")
    (finding,) = report.findings
    assert (finding.rule, finding.entity) == ("S", literal)
    assert (finding.place.file, finding.place.line, finding.place.column) == ("data.ttl", 5, 11)


def test_relative_iris_of_others_are_notes(tmp_path: Path) -> None:
    """They are written as they stand in the file."""
    report = validated(tmp_path, "ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:nodeKind sh:Literal .", "<x> a ex:T .")
    assert [(f.rule, f.severity, f.value) for f in report.findings] == [
        ("S", "error", "<x>"),
        ("relative_iri", "note", "<x>"),
    ]
    assert not [name for name, format_ in reports.FORMATS.items() if "relative:" in format_(report)]


def test_messages_of_authors(tmp_path: Path) -> None:
    """They stay as they are; only what is put in for a variable is written with prefixes."""
    shapes = """ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:property
 [ sh:path ex:k ; sh:minCount 1 ; sh:message "See [rule](https://wiki.example.org/a_(b))." ] ,
 [ sh:path ex:l ; sh:minCount 1 ; sh:message "Write Literal(\\"x\\"), not http://www.w3.org/2004/02/x#prefLabel" ] ;
 sh:sparql [ sh:prefixes ex: ; sh:message "{?value}, see http://example.org/b" ;
   sh:select "SELECT $this ?value { $this ex:v ?value }" ] ."""
    assert sorted(message for _, _, message in found(tmp_path, shapes, "ex:a a ex:T ; ex:v ex:b .")) == [
        "See [rule](https://wiki.example.org/a_(b)).",
        'Write Literal("x"), not http://www.w3.org/2004/02/x#prefLabel',
        "ex:b, see http://example.org/b",
    ]


def test_prefixes_of_queries(tmp_path: Path) -> None:
    """They come through owl:imports too, and from the data; one that is not declared is named where it stands."""
    select = 'sh:message "bad" ; sh:select "SELECT $this { $this ex:p ?v . FILTER (?v = 1 && ?v != ex:x) }"'
    declared = 'ex:onto sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .'
    imports = "ex:p2 <http://www.w3.org/2002/07/owl#imports> ex:onto ."
    shape = f"ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql [ sh:prefixes ex:p2 ; {select} ] ."
    data = "ex:a a ex:T ; ex:p 1 ."
    expected = [("S", "data.ttl:5:1", "bad")]
    assert found(tmp_path, f"{shape}\n{declared}\n{imports}", data) == expected
    assert found(tmp_path, f"{shape}\n{imports}", f"{data}\n{declared}") == expected
    wrong = [("query_syntax", "shapes.ttl:5:128", "prefix ex: is not declared; add sh:prefixes")]
    assert found(tmp_path, shape, data) == wrong
    ask = 'ex:R a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql [ sh:select "ASK { $this ?p ?o }" ] .'
    ((rule, _, message),) = found(tmp_path, ask, data)
    assert (rule, message) == ("query_syntax", "sh:select holds ASK, and SELECT is needed; correct the SPARQL")


VALID = {
    "anyURI": ["", "http://a/", "x y"],
    "base64Binary": ["", "YQ==", "YWI=", "Y W J j"],
    "boolean": ["true", "false", "1", "0"],
    "byte": ["-128", "127", "+01"],
    "date": ["2024-02-29", "-0044-03-15", "12024-01-01", "0000-01-01", "2024-01-01+14:00", "2024-01-01Z"],
    "dateTime": ["2024-01-01T24:00:00", "2024-01-01T00:00:00.5-05:30", "-0001-01-01T00:00:00Z"],
    "dateTimeStamp": ["2024-01-01T00:00:00Z"],
    "dayTimeDuration": ["P1D", "-PT1.5S", "P1DT2H3M4S"],
    "decimal": ["1", "-.5", "+1.", "007.10"],
    "double": ["1", "1e5", "-1.5E-3", "INF", "+INF", "-INF", "NaN"],
    "duration": ["P1Y", "P1Y2M3DT4H5M6.7S", "PT0S", "-P400D"],
    "float": ["INF", ".5e1"],
    "gDay": ["---31", "---01Z"],
    "gMonth": ["--12", "--01-05:00"],
    "gMonthDay": ["--02-29", "--12-31"],
    "gYear": ["2024", "-0001", "12024", "0000"],
    "gYearMonth": ["2024-12"],
    "hexBinary": ["", "0aFF"],
    "int": ["2147483647"],
    "integer": ["0", "-12345678901234567890", "+1"],
    "language": ["en", "de-CH-1996"],
    "long": ["-9223372036854775808"],
    "Name": ["a:b", "_x"],
    "NCName": ["a.b-c", "\u00e4"],
    "ENTITY": ["a"],
    "ID": ["a"],
    "IDREF": ["a"],
    "negativeInteger": ["-1"],
    "NMTOKEN": ["1a", "-"],
    "nonNegativeInteger": ["0", "-0"],
    "nonPositiveInteger": ["0"],
    "normalizedString": ["a  b"],
    "positiveInteger": ["1"],
    "short": ["32767"],
    "string": ["", "a\tb"],
    "time": ["24:00:00", "24:00:00.0", "23:59:59.999Z"],
    "token": ["", "a b"],
    "unsignedByte": ["255"],
    "unsignedInt": ["4294967295"],
    "unsignedLong": ["18446744073709551615"],
    "unsignedShort": ["65535"],
    "yearMonthDuration": ["P1Y", "-P13M", "P1Y1M"],
    "HTML": ["<b>x", "", "<b>" * 9],
    "XMLLiteral": ["<a>b</a>c", ""],
    "JSON": ['{"a": [1, null]}', "1", "1" * 5000],
}
INVALID = {
    "anyURI": ["\x0b"],
    "base64Binary": ["YQ", "=", "Y!=="],
    "boolean": ["yes", "TRUE", "", " true"],
    "byte": ["300", "128", "1.0"],
    "date": ["2024-W01-1", "2024-02-30", "2023-02-29", "02024-01-01", "24-01-01", "2024-1-1", "2024-01-01+14:01", ""],
    "dateTime": ["2024-01-01 00:00:00", "2024-01-01", "2024-01-01T00:00", "2024-01-01T00:00:00+15:00",
                 "2024-01-01T24:00:01", "2024-04-31T00:00:00"],
    "dateTimeStamp": ["2024-01-01T00:00:00"],
    "dayTimeDuration": ["P1Y", "P", "PT", "P1DT"],
    "decimal": ["1e5", "NaN", ".", "1_0", ""],
    "double": ["Infinity", "1_000", "nan", "inf", "1e", "-NaN"],
    "duration": ["P", "1Y", "P1S", "P1M1Y", "PT1.S"],
    "float": ["Infinity"],
    "gDay": ["---32", "---1"],
    "gMonth": ["--13", "--12--"],
    "gMonthDay": ["--02-30", "--04-31"],
    "gYear": ["24", "02024"],
    "gYearMonth": ["2024-13", "2024-1"],
    "hexBinary": ["0", "0g"],
    "int": ["2147483648"],
    "integer": ["1_000", "\u0661\u0662", "1.0", "", " 1"],
    "language": ["not a lang", "en_GB", "abcdefghi"],
    "long": ["9223372036854775808"],
    "Name": ["1a", "a b"],
    "NCName": ["a b", "a:b", ""],
    "ENTITY": ["1"],
    "ID": ["a:b"],
    "IDREF": [""],
    "negativeInteger": ["0"],
    "NMTOKEN": ["a b", ""],
    "nonNegativeInteger": ["-1"],
    "nonPositiveInteger": ["1"],
    "normalizedString": ["a\tb"],
    "positiveInteger": ["0"],
    "short": ["32768"],
    "string": ["\x0b"],
    "time": ["12:00", "24:00:01", "25:00:00", "12:60:00"],
    "token": [" a", "a  b"],
    "unsignedByte": ["256", "-1"],
    "unsignedInt": ["4294967296"],
    "unsignedLong": ["18446744073709551616"],
    "unsignedShort": ["65536"],
    "yearMonthDuration": ["P1D", "P", "P1Y1D"],
    "XMLLiteral": ["<a>", "a & b", "<!DOCTYPE a>"],
    "JSON": ["{bad", "", "NaN", "{'a': 1}"],
    "langString": ["x"],
}  # fmt: skip


def datatype(name: str) -> str:
    """Return the IRI of a datatype."""
    return (RDF if name in ("HTML", "XMLLiteral", "JSON", "langString") else XSD) + name


@pytest.mark.parametrize("name", sorted({*VALID, *INVALID}))
def test_datatypes(name: str) -> None:
    """Each text is judged as the type has it, and a literal keeps its text."""
    for text in VALID.get(name, []):
        assert is_valid(text, datatype(name)) is True, text
        assert str(literal(text, datatype(name))) == text
        assert literal(text, datatype(name)).ill_typed is False
    for text in INVALID.get(name, []):
        assert is_valid(text, datatype(name)) is False, text
        assert str(literal(text, datatype(name))) == text
        assert literal(text, datatype(name)).ill_typed is True


def test_every_datatype_has_cases() -> None:
    """No type is left out; of one that is not known nothing is said."""
    assert {datatype(name) for name in {*VALID, *INVALID}} == KNOWN
    assert is_valid("x", "http://example.org/own") is None
    assert literal("x", "http://example.org/own").ill_typed is None


def test_literals_are_told_as_they_stand(tmp_path: Path) -> None:
    """Not as Python would write them."""
    shapes = "ex:S a sh:PropertyShape ; sh:targetClass ex:T ; sh:path ex:p ; sh:nodeKind sh:IRI ."
    report = validated(tmp_path, shapes, 'ex:a a ex:T ; ex:p 01 , +4.50 , 1E3 , true , "yes"^^xsd:boolean .')
    assert {f.value for f in report.findings} == {
        "01",
        '"+4.50"^^xsd:decimal',
        '"1E3"^^xsd:double',
        "true",
        '"yes"^^xsd:boolean',
    }
    assert ("ill_typed_literal", '"yes" is no xsd:boolean; correct the value or its datatype') in {
        (f.rule, f.message) for f in report.findings
    }


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "matches"),
    [
        (r"^\i\c*$", "", "a-1", True),
        (r"^\i\c*$", "", "1a", False),
        (r"^[\i-[:]][\c-[:]]*$", "", "a:b", False),
        (r"^[^\C]$", "", "a", True),
        ("^[[]$", "", "[", True),
        ("^[a&&b]+$", "", "a&b", True),
        ("^a b$", "x", "ab", True),
        ("^a[ ]b$", "x", "a b", True),
        ("a$", "", "a\n", False),
        ("^b", "m", "a\nb", True),
        ("^(?!alpha)", "", "beta", True),
        (r"^(a)\1$", "", "aa", True),
        ("(a+)+$", "", "a" * 40 + "!", False),
        (r"^\w$", "", "€", True),
        (r"^\w$", "", "_", False),
        (r"^[\W]$", "", "_", True),
        (r"^[\w-[b]]$", "", "b", False),
        (r"^\d$", "", "٣", True),
        (r"^\D$", "", "٣", False),
        (r"^\s$", "", "\u00a0", False),
        (r"^\S\s$", "", "\u00a0\t", True),
        ("^.$", "", "\r", False),
        ("^.$", "s", "\r", True),
        ("^[.]$", "", "a", False),
        (r"^\p{IsGreek}$", "", "λ", True),
        (r"^\p{IsGreekandCoptic}$", "", "ἀ", False),
        (r"^[\p{IsBasicLatin}-[a]]$", "", "a", False),
        (r"^\P{IsBasicLatin}$", "", "é", True),
        (r"^\p{IsLatin-1Supplement}$", "", "é", True),
        (r"^(?!alpha)\w+$", "", "beta", True),
    ],
)
def test_patterns(pattern: str, flags: str, text: str, matches: bool) -> None:
    """Regular expressions of XPath; what only Python has is left to it."""
    assert (text in matching(pattern, flags, [text])) == matches


@pytest.mark.parametrize(("pattern", "flags"), [("(", ""), (r"\p{IsGrek}", ""), ("a", "g"), (r"[a-z-[b]](?!c)", "")])
def test_patterns_that_cannot_be_judged(pattern: str, flags: str) -> None:
    """They are told, not guessed."""
    with pytest.raises(PatternError):
        matching(pattern, flags, ["a"])


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("ex:a ex:p <<( ex:b ex:q 1 )>> .", 11),
        ("<< ex:a ex:p 1 >> ex:q 2 .", 1),
        ("ex:a ex:p 1 {| ex:q 2 |} .", 13),
        ("ex:a ex:p 1 ~ ex:r .", 13),
        ('ex:a ex:p "x"@ar--rtl .', 14),
        ('VERSION "1.2"', 1),
        ("ex:a ex:p 1 . version '1.1'", 15),
    ],
)
def test_rdf_12_is_refused_everywhere(tmp_path: Path, line: str, column: int) -> None:
    """With one sentence and the place, in validate and in load; the same characters in texts are no matter."""
    written(tmp_path, {"data.ttl": f'{HEAD}ex:ok ex:p "<< ~ {{| @ar--rtl" , <http://a/~b> . # << ~\n{line}\n'})
    message = "this is RDF 1.2, which is not read; write it in RDF 1.1"
    report = destgraph.validate(["data.ttl"], shapes=["data.ttl"], folder=tmp_path)
    assert ("turtle_syntax", f"data.ttl:6:{column}", message) in told(report)
    assert report.unreadable
    with pytest.raises(InputError, match=f"data.ttl:6:{column}: {message}"):
        destgraph.load([tmp_path / "data.ttl"])


def test_formats_by_content(tmp_path: Path) -> None:
    """Suffixes of OWL tools in any case; a file that is no RDF is told."""
    xml = f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about="urn:a"/></rdf:RDF>'
    turtle = HEAD + "ex:a a ex:T ."
    written(
        tmp_path,
        {
            "s.ttl": HEAD + "ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:nodeKind sh:Literal .",
            "in/a.OWL": turtle,
            "in/b.xml": xml,
            "in/c.n3": turtle.replace("ex:a", "ex:c"),
            "in/d.JSONLD": '{"@id": "http://example.org/d", "@type": "http://example.org/T"}',
            "in/e.owl": "Ontology(<urn:x>)",
            "in/notes.md": "text",
        },
    )
    report = destgraph.validate(["in"], shapes=["s.ttl"], folder=tmp_path)
    assert [(f.rule, f.place.file) for f in report.findings] == [
        ("S", "in/a.OWL"),
        ("S", "in/c.n3"),
        ("S", "in/d.JSONLD"),
        ("turtle_syntax", "in/e.owl"),
    ]
    assert report.scope == "5 files with shapes from 1 file; left out 1 file that is no RDF: in/notes.md"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ex:a ex:p " + "[ ex:p " * 500 + "1" + " ]" * 500 + " .", "data.ttl:5:1"),
        ("ex:a ex:p " + "(" * 500 + ")" * 500 + " .", "data.ttl:5:1"),
        ("ex:a ex:p " + "9" * 5000 + " .", ""),
    ],
    ids=["brackets", "lists", "digits"],
)
def test_no_input_ends_the_run(tmp_path: Path, text: str, place: str) -> None:
    """What goes beyond a limit of Python is a finding, or no fault."""
    written(tmp_path, {"more.ttl": HEAD + "ex:b a ex:T ."})
    written(tmp_path, {"s.ttl": HEAD + "ex:S sh:targetClass ex:T ; sh:nodeKind sh:Literal .", "data.ttl": HEAD + text})
    report = destgraph.validate(["data.ttl", "more.ttl"], shapes=["s.ttl"], folder=tmp_path)
    rules = [(rule, at) for rule, at, _ in told(report)]
    assert rules == [*([("turtle_syntax", place)] if place else []), ("S", "more.ttl:5:1")]


def test_terms_that_exist(tmp_path: Path) -> None:
    """Terms newer than rdflib's lists, those of the Advanced Features, and of a draft; a slip is still found."""
    terms = "xsd:anyType , xsd:anyAtomicType , rdf:langRange , sh:if , sh:Rules , sh:Debug , sh:nodeShape , "
    others = (
        "<http://www.w3.org/ns/dcat#inCatalog> , <https://schema.org/constraintProperty> , <https://schema.org/Error>"
    )
    report = validated(tmp_path, "ex:S sh:targetClass ex:T .", f"ex:a a ex:T ; ex:p {terms}{others} .")
    assert [(f.rule, f.severity, f.message.split(" ")[0]) for f in report.findings] == [
        ("unknown_term", "note", "sh:Debug"),
        ("unknown_term", "error", "sh:nodeShape"),
    ]


@pytest.mark.parametrize("name", ["shacl", "dash"])
def test_vocabularies_know_their_own_terms(tmp_path: Path, name: str) -> None:
    """The files of SHACL and DASH, as pySHACL has them, hold no unknown term and end no run."""
    (asset,) = (file for file in files("pyshacl").joinpath("assets").iterdir() if file.name == f"{name}.pickle")
    store, identifier = pickle.loads(asset.read_bytes())  # noqa: S301 - a file of an installed package
    Graph(store=store, identifier=identifier).serialize(tmp_path / f"{name}.ttl", format="turtle")
    report = destgraph.validate([f"{name}.ttl"], shapes=[f"{name}.ttl"], folder=tmp_path)
    assert [f.message for f in report.findings if f.rule == "unknown_term"] == []
    assert not report.unreadable


def test_examples_of_remote_queries_are_notes(tmp_path: Path) -> None:
    """Only what a constraint, target, rule or function leads to is run."""
    query = 'sh:select "SELECT $this { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }"'
    shapes = f"""ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:nodeKind sh:IRI ; sh:sparql [ {query} ] .
ex:E a sh:SPARQLExecutable ; {query} .
ex:f a sh:SPARQLFunction ; {query} ."""
    report = validated(tmp_path, shapes, "ex:a a ex:T .")
    assert [(f.severity, f.place.line) for f in report.findings if f.rule == "query_reaches_out"] == [
        ("error", 5),
        ("note", 6),
        ("error", 7),
    ]


def test_table_of_terms() -> None:
    """The page lists each term once, as it is applied, without effect, or not applied."""
    text = (ROOT / "docs" / "shacl.md").read_text(encoding="utf-8")
    table = shacl_terms.table()
    assert table in text, f"new table:\n\n{table}"
    groups = [shacl_terms.APPLIED, shacl_terms.WITHOUT_EFFECT, {*shacl_terms.NOT_APPLIED}]
    assert sum(map(len, groups)) == len(set().union(*groups))


def test_every_result_has_a_place(tmp_path: Path) -> None:
    """A literal stands where it is used, a target that the data lack in the shapes, and others where the shape is."""
    shapes = """ex:Used a sh:NodeShape ; sh:targetObjectsOf ex:p ; sh:datatype xsd:integer .
ex:Named a sh:NodeShape ; sh:targetNode "abc" , ex:missing ; sh:nodeKind sh:BlankNode .
ex:Made a sh:NodeShape ; sh:targetNode ex:missing ; sh:sparql [ sh:message "Made." ;
  sh:select "SELECT $this ?value { BIND (STR($this) AS ?value) }" ] .
ex:Elsewhere a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this { BIND (5 AS ?this) }" ] ;
  sh:nodeKind sh:IRI .
"""
    places = [(finding.rule, f"{finding.place.file}:{finding.place.line}:{finding.place.column}")
              for finding in validated(tmp_path, shapes, 'ex:a ex:p "x" .').findings]  # fmt: skip
    assert places == [
        ("Used", "data.ttl:5:11"),
        ("Named", "shapes.ttl:6:41"),
        ("Made", "shapes.ttl:6:49"),
        ("Named", "shapes.ttl:6:49"),
        ("Elsewhere", "shapes.ttl:9:1"),
    ]


def test_findings_carry_terms(tmp_path: Path) -> None:
    """Focus node, path, value, shape and component are those of the result, with what blank nodes of the shapes are."""
    shapes = """ex:S a sh:NodeShape ; sh:targetClass ex:T ;
  sh:property [ sh:path ( ex:p [ sh:inversePath ex:q ] ) ; sh:datatype xsd:integer ] ."""
    report = validated(tmp_path, shapes, "ex:a a ex:T ; ex:p ex:b . ex:c ex:q ex:b .")
    (finding,) = pickle.loads(pickle.dumps(report)).findings  # noqa: S301
    assert (finding.entity, finding.property, finding.value) == ("ex:a", "ex:p/^ex:q", "ex:c")
    terms = finding.terms
    assert [str(term) for term in (terms.focus, terms.value, terms.component)] == [
        "<http://example.org/a>",
        "<http://example.org/c>",
        "<http://www.w3.org/ns/shacl#DatatypeConstraintComponent>",
    ]
    graph = Graph().parse(data=reports.to_turtle(report), format="turtle")
    (result,) = graph.subjects(SH.focusNode)
    (path,) = graph.objects(result, SH.resultPath)
    assert str(parse_shacl_path(graph, path).n3()) == "<http://example.org/p>/^<http://example.org/q>"
    assert (graph.value(result, SH.sourceShape), SH.datatype, URIRef(f"{XSD}integer")) in graph


@pytest.mark.parametrize(
    ("text", "pattern", "new", "flags", "expected"),
    [
        ("abracadabra", "bra", "*", "", "a*cada*"),
        ("abracadabra", "a(.)", "a$1$1", "", "abbraccaddabbra"),
        ("AAAA", "A+?", "b", "", "bbbb"),
        ("darted", "^(.*?)d(.*)$", "$1c$2", "", "carted"),
        ("abcd", "(ab)|(a)", "[1=$1][2=$2]", "", "[1=ab][2=]cd"),
        ("abc", "(b)", "$1x$12", "", "abxb2c"),
        ("abc", "b", "$1", "", "ac"),
        ("abc", "[(]|b", r"\$\\", "", r"a$\c"),
        ("a.b", ".", "$1", "q", "a$1b"),
        ("aBc", "b", "-", "i", "a-c"),
        ("abracadabra", ".*?", "$1", "", None),
        ("abc", "b", "$", "", None),
        ("abc", "b", r"\n", "", None),
    ],
)
def test_replacing(text: str, pattern: str, new: str, flags: str, expected: str | None) -> None:
    """As the functions of XPath say; what is an error there is None."""
    assert replaced(text, pattern, new, flags) == expected


def test_queries_of_shapes_have_the_patterns_of_xpath(tmp_path: Path) -> None:
    """In EXISTS and in REPLACE too; a pattern that cannot be read is told."""
    shapes = r'''ex:Exists a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql [ sh:message "Not Greek." ; sh:select """
  SELECT $this { FILTER NOT EXISTS { $this <http://example.org/p> ?v FILTER (REGEX(?v, '^\\\\p{IsGreek}+$')) } }""" ] .
ex:Replace a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql [ sh:message "{?value}" ; sh:select """
  SELECT $this ?value { $this <http://example.org/p> ?v BIND (REPLACE(?v, '\\\\p{L}', 'x') AS ?value) }""" ] .
ex:Wrong a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql [ sh:message "Wrong." ; sh:select """
  SELECT $this { $this <http://example.org/p> ?v FILTER (REPLACE(?v, '(?=a)b', 'x') = 'x') }""" ] .
'''
    assert found(tmp_path, shapes, 'ex:a a ex:T ; ex:p "αβ" . ex:b a ex:T ; ex:p "a1" .') == [
        ("Replace", "data.ttl:5:1", "xx"),
        ("Exists", "data.ttl:5:27", "Not Greek."),
        ("Replace", "data.ttl:5:27", "x1"),
        (
            "shapes_not_usable",
            "shapes.ttl:9:59",
            "the pattern (?=a)b cannot be read as a regular expression of XPath; correct the shape",
        ),
        (
            "regex_look_around",
            "shapes.ttl:9:93",
            "sh:select uses look-around, which engines refuse or get wrong; avoid it",
        ),
    ]


def test_rules_of_others_hold_where_a_shape_cannot_be_used(tmp_path: Path) -> None:
    """What a rule adds is seen by all shapes, also when these are applied one by one; a wrong rule is told alone."""
    shapes = """ex:Rule a sh:NodeShape ; sh:targetClass ex:T ; sh:minLength 99 ; sh:message "Short." ;
  sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:made ; sh:object 1 ] .
ex:Sees a sh:NodeShape ; sh:targetClass ex:T ; sh:property [ sh:path ex:made ; sh:maxCount 0 ; sh:message "Made." ] .
"""
    wrong = "ex:Bad a sh:NodeShape ; sh:targetClass ex:T ; sh:property [ sh:path ex:q ; sh:minCount 1 , 2 ] .\n"
    wrong_rule = """ex:Other sh:targetClass ex:T ;
  sh:rule [ a sh:TripleRule ; sh:subject ex:a ; sh:predicate "p" ] .
"""
    expected = [("Rule", "data.ttl:5:1", "Short."), ("Sees", "data.ttl:5:1", "Made.")]
    data = "ex:a a ex:T ."
    assert found(tmp_path, shapes, data) == expected
    with_wrong = found(tmp_path, shapes + wrong, data)
    assert (with_wrong[:2], [rule for rule, *_ in with_wrong[2:]]) == (expected, ["shapes_not_usable"])
    with_wrong_rule = found(
        tmp_path, shapes + wrong_rule.replace("ex:Rule", "ex:Other") + "ex:Other sh:targetClass ex:T .", data
    )
    assert with_wrong_rule[:2] == expected
    assert [(rule, place) for rule, place, _ in with_wrong_rule[2:]] == [("shapes_not_usable", "shapes.ttl:9:11")]


def test_a_rule_with_a_condition_adds_what_it_should(tmp_path: Path) -> None:
    """Only for the nodes that meet its condition."""
    shapes = """ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:ok ; sh:minCount 1 ; sh:message "No." ] ;
  sh:rule [ a sh:TripleRule ; sh:condition ex:Met ; sh:subject sh:this ; sh:predicate ex:ok ; sh:object true ] .
ex:Met a sh:NodeShape ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .
"""
    assert found(tmp_path, shapes, "ex:a a ex:C ; ex:p 1 .\nex:b a ex:C .") == [("S", "data.ttl:6:1", "No.")]


def test_blank_nodes_of_files_with_like_names_stay_apart(tmp_path: Path) -> None:
    """Whatever stands in the names of the files: the same in both, the one in a folder."""
    shapes = "ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] .\n"
    names = ["a-x.ttl", "a_x.ttl", "a/x.ttl", "\u00e9.ttl", "\u00e8.ttl"]
    texts = {name: f"{HEAD}ex:s{n} ex:q [ ex:p {n} ] , _:a . _:a ex:p {n} .\n" for n, name in enumerate(names)}
    written(tmp_path, {"shapes.ttl": HEAD + shapes} | texts)
    report = destgraph.validate(names, shapes=["shapes.ttl"], folder=tmp_path)
    assert told(report) == []
    (rule,) = (rule for rule in report.rules if rule.id == "S")
    assert rule.looked_at == 2 * len(names)
