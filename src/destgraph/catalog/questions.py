"""Canned questions: `.rq` files whose `#+` header says what they answer and what they need.

The header is YAML of mappings and text only, in the manner of grlc (https://github.com/CLARIAH/grlc).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode

from destgraph import files
from destgraph.catalog import names
from destgraph.errors import InputError
from destgraph.shown import shown
from destgraph.wording import suggestion

_NAME = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Parameter:
    """What a question asks for: `kind` is one of `destgraph.catalog.names.KINDS`, or text, language or date."""

    name: str
    kind: str
    description: str
    example: str
    required: bool

    @property
    def variable(self) -> str:
        """The variable of the parameter's VALUES line, with grlc's suffix for an IRI."""
        return f"?_{self.name.replace('-', '_')}" + ("_iri" if self.kind in names.KINDS else "")


@shown
@dataclass(frozen=True)
class Question:
    """A canned question; `query` answers its example as it stands, on any SPARQL 1.1 engine.

    `columns` maps each column to its description, in the order of the answer.
    """

    name: str
    summary: str
    description: str
    topic: str
    parameters: tuple[Parameter, ...]
    columns: Mapping[str, str]
    query: str

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
        value loses its line. Raises InputError when a required parameter is missing.
        """
        query = self.query
        for parameter in self.parameters:
            terms = values.get(parameter.name, ())
            if parameter.required and not terms:
                raise InputError(
                    f"question {self.name} needs {parameter.name}=..., for example {parameter.name}={parameter.example}"
                )
            variable = parameter.variable
            line = f"VALUES {variable} {{ {' '.join(map(str, terms))} }}" if terms else ""
            parts = re.split(rf"VALUES {re.escape(variable)} \{{.*\}}$", query, flags=re.MULTILINE)
            if len(parts) != 2:
                raise InputError(f"{self.name}.rq: parameter {parameter.name} needs exactly one line VALUES {variable}")
            query = line.join(parts)
        return query


def question(name: str, root: Path | None = None) -> Question:
    """Return the question called `name` of the graph in the folder `root`, by default the installed one.

    Raises InputError, with similar names, when there is none.
    """
    path = folder(root) / f"{name}.rq"
    if not (_NAME.fullmatch(name) and path.is_file()):
        known = [file.stem for file in folder(root).glob("*.rq")]
        raise InputError(f"no question {name!r}; {suggestion(name, known)}")
    return parse(path)


@shown
class Questions(dict[str, Question]):
    """Questions by name, which a notebook shows as a table."""


def every(root: Path | None = None) -> list[Question]:
    """Return all questions of the graph in the folder `root`, by default the installed one, by name."""
    return [parse(path) for path in sorted(folder(root).glob("*.rq"))]


def folder(root: Path | None = None) -> Path:
    """Return the folder of the question files."""
    return (root or files.root()) / "queries"


def parse(path: Path) -> Question:
    """Read a question file; raises InputError when its header lacks a field."""
    query = path.read_text(encoding="utf-8")
    fields = header(query)
    try:
        return Question(
            name=path.stem,
            summary=fields["summary"],
            description=fields["description"],
            topic=fields["tags"],
            parameters=tuple(
                Parameter(name, field["kind"], field["description"], field["example"], field["required"] == "true")
                for name, field in fields.get("parameters", {}).items()
            ),
            columns=fields["columns"],
            query=query,
        )
    except KeyError as error:
        raise InputError(f"{path}: the header lacks {error.args[0]}; add a line '#+ {error.args[0]}: ...'") from None


def named_values(arguments: Iterable[str]) -> dict[str, list[str]]:
    """Return the values of each name in NAME=VALUE arguments; raises InputError for one that is not so."""
    values: dict[str, list[str]] = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals:
            raise InputError(
                f"{argument!r} is not NAME=VALUE; write for example type=connection, and put a value with blanks in"
                ' quotes, as in type="Edge personalization destination"'
            )
        values.setdefault(name, []).append(value)
    return values


def header(query: str) -> dict[str, Any]:
    """Read the nested `key: text` lines after `#+`; a key without text holds the deeper lines that follow it."""
    fields: dict[str, Any] = {}
    levels = [(-1, fields)]
    for line in re.findall(r"^#\+ (.*\S)", query, re.MULTILINE):
        key, _, text = line.strip().partition(":")
        depth = len(line) - len(line.lstrip())
        while levels[-1][0] >= depth:
            levels.pop()
        if text:
            levels[-1][1][key] = text.strip()
        else:
            levels.append((depth, levels[-1][1].setdefault(key, {})))
    return fields
