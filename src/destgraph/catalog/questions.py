"""Canned questions: `.rq` files whose `#+` header says what they answer and what they need.

The fields of the header are those of grlc (https://github.com/CLARIAH/grlc) as far as it has them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from destgraph import files, inputs
from destgraph.catalog import headers, names
from destgraph.catalog.headers import Fault, Field
from destgraph.errors import InputError
from destgraph.shown import shown
from destgraph.vocabulary import BASE
from destgraph.wording import close, suggestion

TOPICS = ("types", "guidance", "catalog", "data", "audiences", "identities", "access", "status", "provenance")
"""What a question may be about, its only tag, in the order of the list of questions."""

_NAME = re.compile(r"[\w-]+")
_VALUES = re.compile(r"^\s*VALUES (\?_\w+) \{.*\}$")
_FIELDS = ("summary", "description", "tags", "columns")
_PARAMETER_FIELDS = ("kind", "required", "example", "description")
_NEEDS = ("inferred", "parameter")


class Parameter(NamedTuple):
    """What a question asks for: `kind` is one of `destgraph.catalog.names.PARAMETER_KINDS`.

    `choices` are the values of a parameter of the kind choice, of which there are no others.
    """

    name: str
    kind: str
    description: str
    example: str
    required: bool
    choices: tuple[str, ...] = ()

    @property
    def takes(self) -> str:
        """What it takes, for people: its choices, or its kind."""
        return " or ".join(self.choices) or self.kind

    @property
    def variable(self) -> str:
        """The variable of the parameter's VALUES line, with grlc's suffix for an IRI."""
        return f"?_{self.name.replace('-', '_')}" + ("_iri" if self.kind in names.KINDS else "")


@shown
@dataclass(frozen=True)
class Question:
    """A canned question; `query` answers its example as it stands, on any SPARQL 1.1 engine.

    `columns` maps each column to its description, in the order of the answer. A question that `needs_parameter` has
    no answer when none is given, although each of them is optional. `keywords` are other words that people use.
    """

    name: str
    summary: str
    description: str
    topic: str
    parameters: tuple[Parameter, ...]
    columns: Mapping[str, str]
    query: str
    needs_parameter: bool = False
    keywords: str = ""

    @property
    def iri(self) -> NamedNode:
        """The name of the question in RDF."""
        return NamedNode(f"{BASE}query/{self.name}")

    @property
    def sole(self) -> Parameter | None:
        """The parameter that may be given without its name: the only one that is required, else the only one."""
        for parameters in ([p for p in self.parameters if p.required], self.parameters):
            if len(parameters) == 1:
                return parameters[0]
        return None

    @property
    def titled(self) -> tuple[str, ...]:
        """The columns for one destination each: those with the name of a parameter that tells which."""
        return tuple(p.name for p in self.parameters if p.kind == "destination" != p.name and p.name in self.columns)

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called `name`; raises InputError when there is none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        known = [p.name for p in self.parameters]
        advice = suggestion(name, known) if known else "it takes none"
        raise InputError(f"question {self.name} has no parameter {name!r}; {advice}")

    def bind(self, values: Mapping[str, Sequence[NamedNode | Literal]]) -> str:
        """Return the query with the example terms of each parameter's VALUES line replaced by `values`.

        The terms are written by the library's own serialiser, never pasted. An optional parameter without
        value loses its line. Raises InputError when a required parameter is missing, or every one of a question that
        needs one.
        """
        if self.needs_parameter and not any(values.values()):
            some = ", ".join(f"{p.name}=..." for p in self.parameters)
            first = self.parameters[0]
            raise InputError(
                f"question {self.name} needs at least one of {some}, for example {first.name}={first.example}"
            )
        query = self.query
        for parameter in self.parameters:
            terms = values.get(parameter.name, ())
            if parameter.required and not terms:
                raise InputError(
                    f"question {self.name} needs {parameter.name}=..., for example {parameter.name}={parameter.example}"
                )
            variable = parameter.variable
            line = f"VALUES {variable} {{ {' '.join(map(str, terms))} }}" if terms else ""
            before, after = re.split(rf"VALUES {re.escape(variable)} \{{.*\}}$", query, flags=re.MULTILINE)
            query = before + line + after
        return query


def question(name: str, root: Path | None = None) -> Question:
    """Return the question called `name` of the graph in the folder `root`, by default the installed one.

    Raises InputError, with those of a similar name or about the words, when there is none.
    """
    path = folder(root) / f"{name}.rq"
    if not (_NAME.fullmatch(name) and path.is_file()):
        shown = name if len(name) <= 100 else f"{name[:100]}..."
        raise InputError(f"no question {shown!r}; {_meant(name, usable(root)[0])}")
    return parse(path)


def _meant(name: str, known: Sequence[Question]) -> str:
    """Return "did you mean ..." with the questions that a name which is none may mean, else some names."""
    by_name = {question.name: question for question in known}
    meant = close(name, by_name)
    if not meant:
        from destgraph.catalog import search

        found = search.find(list(map(search.question_document, known)), name, 3) if search.has_words(name) else ()
        meant = [row.resource.rpartition("/")[2] for row in found]
    if not meant:
        return suggestion(name, by_name)
    return f"did you mean {' or '.join(f'{asked} ({by_name[asked].summary})' for asked in meant)}?"


@shown
class Questions(dict[str, Question]):
    """Questions by name, which a notebook shows as a table."""


def every(root: Path | None = None) -> list[Question]:
    """Return all questions of the graph in the folder `root`, by default the installed one, by name.

    Raises InputError for one that cannot be used.
    """
    return [parse(path) for path in _paths(root)]


def usable(root: Path | None = None) -> tuple[list[Question], list[InputError]]:
    """Return the questions that can be used, by name, and what is wrong with the others."""
    found, errors = [], []
    for path in _paths(root):
        try:
            found.append(parse(path))
        except InputError as error:
            errors.append(error)
    return found, errors


def _paths(root: Path | None) -> list[Path]:
    return sorted(folder(root).glob("*.rq"))


def folder(root: Path | None = None) -> Path:
    """Return the folder of the question files."""
    return (root or files.root()) / "queries"


def parse(path: Path) -> Question:
    """Read a question file; raises InputError, with file and line, when its header or a line VALUES is not right."""
    question, faults = examine(path.stem, inputs.read_query(path))
    if question is None:
        raise InputError(f"{path}:{faults[0].line}: {faults[0].message}")
    return question


def examine(name: str, query: str) -> tuple[Question | None, list[Fault]]:
    """Return the question that a file's text holds, None when there are faults, and these in the order of lines."""
    header, faults = headers.read(query)
    whole = not faults
    faults += headers.wrong_fields(
        header,
        "the header",
        _FIELDS,
        ("parameters", "needs", "keywords"),
        mappings=("parameters", "columns"),
        whole=whole,
    )
    fields = header.fields
    parameters = fields.get("parameters", Field(0)).fields
    for parameter, field in parameters.items():
        faults += _wrong_parameter(parameter, field, whole)
    if (topic := fields.get("tags")) and topic.text and topic.text not in TOPICS:
        faults.append(Fault(topic.line, f"no tag {topic.text!r}; {suggestion(topic.text, TOPICS)}"))
    if needs := fields.get("needs"):
        faults += _wrong_needs(needs, parameters)
    for column in fields.get("columns", Field(0)).fields.items():
        faults += _wrong_column(*column)
    if faults:
        return None, sorted(faults)
    question = Question(
        name=name,
        summary=fields["summary"].text,
        description=fields["description"].text,
        topic=fields["tags"].text,
        parameters=tuple(_parameter(name, field.fields) for name, field in parameters.items()),
        columns={name: field.text for name, field in fields["columns"].fields.items()},
        query=query,
        needs_parameter=fields.get("needs", Field(0)).text == "parameter",
        keywords=fields.get("keywords", Field(0)).text,
    )
    faults = _wrong_values(question, parameters)
    return (None if faults else question), sorted(faults)


def _parameter(name: str, fields: Mapping[str, Field]) -> Parameter:
    kind, required, example, description = (fields[field].text for field in _PARAMETER_FIELDS)
    choices = _choices(fields["choices"]) if "choices" in fields else ()
    return Parameter(name, kind, description, example, required == "true", choices)


def _choices(field: Field) -> tuple[str, ...]:
    return tuple(choice.strip() for choice in field.text.split(","))


def _wrong_parameter(name: str, field: Field, whole: bool) -> list[Fault]:
    """Return what is wrong with the fields of a parameter; see `headers.wrong_fields`."""
    if not field.fields:
        return [
            Fault(field.line, f"parameter {name} holds fields, indented below it; write {_PARAMETER_FIELDS[0]}: ...")
        ]
    kind, required = (field.fields.get(part, Field(0)) for part in ("kind", "required"))
    fields = (*_PARAMETER_FIELDS, *(["choices"] if kind.text == names.CHOICE else []))
    faults = headers.wrong_fields(field, f"parameter {name}", fields, whole=whole)
    if kind.text and kind.text not in names.PARAMETER_KINDS:
        faults.append(Fault(kind.line, f"no kind {kind.text!r}; {suggestion(kind.text, names.PARAMETER_KINDS)}"))
    if "choices" in field.fields and not all(_choices(field.fields["choices"])):
        faults.append(Fault(field.fields["choices"].line, "a choice is empty; write words with commas between them"))
    if required.text not in ("true", "false", ""):
        faults.append(Fault(required.line, f"required is {required.text!r}; write true or false"))
    return faults


def _wrong_needs(needs: Field, parameters: Mapping[str, Field]) -> list[Fault]:
    if needs.text not in (*_NEEDS, ""):
        return [Fault(needs.line, f"needs is {needs.text!r}; write {' or '.join(_NEEDS)}, or leave it out")]
    optional = [field.fields["required"].text == "false" for field in parameters.values() if "required" in field.fields]
    if needs.text == "parameter" and not (optional and all(optional)):
        return [Fault(needs.line, "needs is 'parameter' where all parameters are optional; leave it out")]
    return []


def _wrong_column(name: str, field: Field) -> list[Fault]:
    return (
        [Fault(field.line, f"column {name} holds fields; write what it holds after the colon")] if field.fields else []
    )


def _wrong_values(question: Question, parameters: Mapping[str, Field]) -> list[Fault]:
    """Return what is wrong with the lines VALUES of the parameters."""
    lines: dict[str, list[int]] = {}
    for number, line in enumerate(question.query.split("\n"), start=1):
        if found := _VALUES.match(line):
            lines.setdefault(found[1], []).append(number)
    faults = []
    for parameter in question.parameters:
        if len(lines.pop(parameter.variable, ())) != 1:
            message = f"parameter {parameter.name} needs exactly one line VALUES {parameter.variable} {{ ... }}"
            faults.append(Fault(parameters[parameter.name].line, f"{message}; write it"))
    faults += [
        Fault(number, f"VALUES {variable} belongs to no parameter; name the parameter, or the variable without _")
        for variable, numbers in lines.items()
        for number in numbers
    ]
    return faults


def named_values(arguments: Iterable[str], asked: Question | None = None) -> dict[str, list[str]]:
    """Return the values of each name in NAME=VALUE arguments; values without names are those of the sole parameter.

    Raises InputError for an argument that is neither, such as the rest of a value with blanks that are not quoted.
    """
    values: dict[str, list[str]] = {}
    named = set()
    for argument in arguments:
        name, equals, value = argument.partition("=")
        sole = asked.sole if asked is not None else None
        if equals:
            named.add(name)
        elif sole is not None and sole.name not in named:
            name, value = sole.name, argument
        else:
            first = asked.parameters[0] if asked and asked.parameters else None
            example = f"{first.name}={first.example}" if first else "type=connection"
            raise InputError(
                f"{argument!r} is not NAME=VALUE; write for example {example}, and put a value with blanks in"
                ' quotes, as in type="Edge personalization destination"'
            )
        values.setdefault(name, []).append(value)
    return values
