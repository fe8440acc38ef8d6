"""Which texts belong to a datatype, by XSD 1.1 part 2, RDF 1.1 and JSON-LD 1.1, and how two values compare.

What a library can convert is another question: Python has no year 0 and no 24 o'clock, and reads "1_000" as a number.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from xml.etree import ElementTree

from pyoxigraph import Literal as OxLiteral
from pyoxigraph import NamedNode, Store
from rdflib import RDF, XSD, Literal, URIRef
from rdflib.term import Node

_YEAR = r"(?P<year>-?(?:[1-9][0-9]{3,}|0[0-9]{3}))"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_DAY = r"(?P<day>0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_YEARS = r"(?:[0-9]+Y(?:[0-9]+M)?|[0-9]+M)"
_CLOCK = r"T(?:[0-9]+H(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?|[0-9]+M(?:[0-9]+(?:\.[0-9]+)?S)?|[0-9]+(?:\.[0-9]+)?S)"
_DAYS = rf"(?:[0-9]+D(?:{_CLOCK})?|{_CLOCK})"
_DECIMAL = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_FLOAT = rf"{_DECIMAL}(?:[Ee][+-]?[0-9]+)?|[+-]?INF|NaN"
_NAME_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME_PART = rf"{_NAME_START}\-.0-9\u00b7\u0300-\u036f\u203f\u2040"
_NC_NAME = f"[{_NAME_START}][{_NAME_PART}]*"
_WORDS = r"(?:[^\s]+(?: [^\s]+)*)?"
_CHARACTER = "[\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"

# Where "collapse" is the rule for white space, as it is for most types, XSD takes blanks around a value away; but they
# are no part of the lexical space, which is what RDF 1.1 asks for.
_FORMS: Mapping[str, str] = {
    "anyURI": f"{_CHARACTER}*",
    "boolean": "true|false|1|0",
    "date": f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}?",
    "dateTime": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}?",
    "dateTimeStamp": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
    "dayTimeDuration": f"-?P{_DAYS}",
    "decimal": _DECIMAL,
    "double": _FLOAT,
    "duration": f"-?P(?:{_YEARS}(?:{_DAYS})?|{_DAYS})",
    "float": _FLOAT,
    "gDay": f"---{_DAY}{_ZONE}?",
    "gMonth": f"--{_MONTH}{_ZONE}?",
    "gMonthDay": f"--{_MONTH}-{_DAY}{_ZONE}?",
    "gYear": f"{_YEAR}{_ZONE}?",
    "gYearMonth": f"{_YEAR}-{_MONTH}{_ZONE}?",
    "hexBinary": "(?:[0-9A-Fa-f]{2})*",
    "language": "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    "Name": f"[:{_NAME_START}][:{_NAME_PART}]*",
    "NCName": _NC_NAME,
    "ENTITY": _NC_NAME,
    "ID": _NC_NAME,
    "IDREF": _NC_NAME,
    "NMTOKEN": f"[:{_NAME_PART}]+",
    "normalizedString": "[\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*",
    "string": f"{_CHARACTER}*",
    "time": f"{_TIME}{_ZONE}?",
    "token": _WORDS,
    "yearMonthDuration": f"-?P{_YEARS}",
}
# Least and greatest value of the types derived from xsd:integer.
_RANGES: Mapping[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    **{name: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for name, bits in
       {"long": 64, "int": 32, "short": 16, "byte": 8}.items()},
    **{f"unsigned{name}": (0, 2**bits - 1) for name, bits in
       {"Long": 64, "Int": 32, "Short": 16, "Byte": 8}.items()},
}  # fmt: skip
_INTEGER = re.compile("[+-]?[0-9]+")
_BASE64 = re.compile("(?:[A-Za-z0-9+/] ?)*(?:= ?){0,2}")


def is_valid(text: str, datatype: str) -> bool | None:
    """Tell whether a text is in the lexical space of a datatype; None for a datatype that is not known here."""
    check = _CHECKS.get(datatype)
    return check(text) if check else None


def literal(text: str, datatype: str | None = None, language: str | None = None) -> Literal:
    """Return a literal with its text as it stands; whether it is ill-typed is decided here, not by rdflib."""
    if datatype is None and language is None:
        return _made(text, None, text)
    if datatype is None or language is not None:
        return Literal(text, lang=language)
    valid = is_valid(text, datatype)
    if valid and datatype not in _WITHOUT_VALUE and len(text) < 4000:  # Python refuses longer numbers
        made = Literal(text, datatype=URIRef(datatype), normalize=False)
    else:
        made = _made(text, URIRef(datatype), None)
    made._ill_typed = None if valid is None else not valid
    return made


def _made(text: str, datatype: URIRef | None, value: str | None) -> Literal:
    """Return a literal as rdflib would make it, in a fraction of the time."""
    made = str.__new__(Literal, text)
    made._datatype, made._language, made._value, made._ill_typed = datatype, None, value, None
    return made


@lru_cache(4096)
def compared(left: Node, operator: str, right: Node) -> bool:
    """Tell whether a comparison of SPARQL, such as `<`, holds; it does not where two values cannot be compared."""
    if not (isinstance(left, Literal) and isinstance(right, Literal)) or left.ill_typed or right.ill_typed:
        return False
    numbers = _number(left), _number(right)
    if None not in numbers:
        return not any(map(_is_nan, numbers)) and bool(_OPERATORS[operator](*numbers))
    return bool(_STORE.query(f"ASK {{ FILTER ({_as_sparql(left)} {operator} {_as_sparql(right)}) }}"))


def _form(name: str, form: str) -> Callable[[str], bool]:
    """Return the check of a type that a regular expression, and the days of the months, tell."""
    pattern = cache(lambda: re.compile(form, re.ASCII))  # few types are met with
    has_day = _MONTH in form and _DAY in form

    def check(text: str) -> bool:
        found = pattern().fullmatch(text)
        if found is None or not has_day:
            return found is not None
        year = int(found["year"][-4:]) if _YEAR in form else 4
        return int(found["day"]) <= _days(year, int(found["month"]))

    check.__name__ = name
    return check


def _days(year: int, month: int) -> int:
    """Return the days of a month; the last four digits of the year are enough."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _integer(least: int | None, greatest: int | None) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        if not _INTEGER.fullmatch(text):
            return False
        value = Decimal(text)
        return (least is None or value >= least) and (greatest is None or value <= greatest)

    return check


def _is_base64(text: str) -> bool:
    if not _BASE64.fullmatch(text) or text.endswith(" "):
        return False
    try:
        b64decode(text.replace(" ", ""), validate=True)
    except ValueError:
        return False
    return True


def _is_json(text: str) -> bool:
    def refuse(constant: str) -> None:
        raise ValueError(f"JSON has no {constant}")

    try:
        json.loads(text, parse_constant=refuse, parse_int=Decimal)
    except ValueError:
        return False
    except RecursionError:  # too deep to tell
        return True
    return True


def _is_xml(text: str) -> bool:
    """Tell whether a text is well-formed content of an element; a DOCTYPE, and so an entity, cannot stand there."""
    try:
        ElementTree.fromstring(f"<content>{text}</content>")  # noqa: S314 - an entity cannot be declared there
    except (ElementTree.ParseError, ValueError):
        return False
    return True


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    **{f"{XSD}{name}": _form(name, form) for name, form in _FORMS.items()},
    **{f"{XSD}{name}": _integer(*range_) for name, range_ in _RANGES.items()},
    f"{XSD}base64Binary": _is_base64,
    f"{RDF}HTML": lambda _: True,
    f"{RDF}XMLLiteral": _is_xml,
    f"{RDF}JSON": _is_json,
    f"{RDF}langString": lambda _: False,  # it needs a language tag, and has no datatype then
}
KNOWN = frozenset(_CHECKS)
"""The datatypes whose literals are judged."""

# rdflib would parse these at length, and nothing here needs the result.
_WITHOUT_VALUE = {f"{RDF}HTML", f"{RDF}XMLLiteral", f"{RDF}JSON"}
_NUMBERS = {f"{XSD}{name}" for name in (*_RANGES, "decimal")}
_FLOATS = {f"{XSD}double", f"{XSD}float"}
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_STORE = Store()


def _number(term: Literal) -> Decimal | float | None:
    """Return the exact value of a number, which the store keeps to 64 bits and 18 decimals only."""
    datatype = str(term.datatype)
    if datatype in _NUMBERS:
        return Decimal(str(term))
    return float(str(term)) if datatype in _FLOATS else None


def _is_nan(number: Decimal | float | None) -> bool:
    return number != number  # nothing else differs from itself


def _as_sparql(term: Literal) -> OxLiteral:
    if term.language:
        return OxLiteral(str(term), language=term.language)
    return OxLiteral(str(term), datatype=NamedNode(str(term.datatype or XSD.string)))
