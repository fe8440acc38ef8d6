"""docs/commands.md and docs/python.md, made from what `--help` prints and from the docstrings.

`pytest tests/test_reference.py --update` writes them.
"""

import dataclasses
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from importlib import import_module
from types import FunctionType
from typing import Any

import click

import destgraph
from destgraph.cli import cli

WIDTH = 100
NOT_PUBLIC = {"Client"}  # how a RemoteGraph speaks HTTP

COMMANDS = """\
# Commands

What `--help` prints; `destgraph ask QUESTION --help` tells what a question takes and gives. Exit codes: 0 fine (no
rows too), 1 findings of `validate`, 2 wrong usage or unreadable input, 3 a bug of destgraph, 4 a store that fails, a
time limit or an incomplete answer, 130 interrupted. The same operations in Python: [python.md](python.md).
"""

PYTHON = """\
# Python

What `import destgraph` gives, and the classes that its functions return, in the words of their docstrings: functions,
then classes, then errors. The same operations on the command line: [commands.md](commands.md).
"""


def commands() -> str:
    """Return docs/commands.md."""
    top = click.Context(cli, info_name="destgraph", **cli.context_settings)
    parts = [COMMANDS, _block("text", _help(top))]
    for name in cli.list_commands(top):
        command = cli.get_command(top, name)
        assert command is not None
        parts += [f"## destgraph {name}\n", _block("text", _help(click.Context(command, top, name)))]
    return "\n".join(parts)


def python() -> str:
    """Return docs/python.md."""
    parts = [PYTHON]
    for name, value in documented().items():
        parts.append(f"## {name}\n")
        parts += _about_class(value) if inspect.isclass(value) else _about(_signature(value), value)
    return "\n".join(parts)


def documented() -> dict[str, Any]:
    """Return by name what docs/python.md describes: what is public, and each class that one of these mentions."""
    found: dict[str, Any] = {}
    waiting = [getattr(destgraph, name) for name in destgraph.__all__]
    classes = _classes()
    while waiting:
        value = waiting.pop(0)
        if value.__name__ not in found | dict.fromkeys(NOT_PUBLIC):
            found[value.__name__] = value
            waiting += [classes[name] for name in _mentioned(value) if name in classes]
    return dict(sorted(found.items(), key=lambda item: (_rank(item[1]), item[0])))


def _rank(value: Any) -> int:
    return inspect.isclass(value) + (inspect.isclass(value) and issubclass(value, Exception))


def _classes() -> dict[str, type]:
    """Return the classes of the package by name."""
    modules = (import_module(module.name) for module in pkgutil.walk_packages(destgraph.__path__, "destgraph."))
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


def _about_class(class_: type) -> Iterator[str]:
    """Yield the parts about a class: its fields and docstring, then each method and property of its own."""
    bases = [base.__name__ for base in class_.__bases__ if base.__module__.startswith("destgraph.")]
    if bases:
        yield f"Has what {' and '.join(bases)} has.\n"
    fields = ", ".join(f"{name}: {inspect.formatannotation(type_)}" for name, type_ in _fields(class_).items())
    yield from _about(_short(f"{class_.__name__}({fields})") if fields else "", class_)
    for name, member in _members(class_):
        yield f"### {class_.__name__}.{name}\n"
        is_method = isinstance(vars(class_)[name], (FunctionType, classmethod, staticmethod))
        yield from _about(_signature(member) if is_method else _signature(member).replace("() -> ", ": "), member)


def _about(signature: str, value: Any) -> Iterator[str]:
    text = inspect.getdoc(value)
    assert text, f"{value} has no docstring"
    if signature:
        kept = re.sub(r"(?<!,) ", "\0", signature)  # a line ends after a comma
        wrapped = textwrap.fill(kept, WIDTH, subsequent_indent="    ", break_on_hyphens=False)
        yield _block("python", wrapped.replace("\0", " "))
    yield text + "\n"


def _mentioned(value: Any) -> list[str]:
    """Return the names in the annotations of a function, or of a class, that may be classes of the package."""
    texts = [str(inspect.signature(value))] if inspect.isfunction(value) else []
    if inspect.isclass(value):
        texts += [str(inspect.signature(member)) for _, member in _members(value)]
        texts += map(inspect.formatannotation, _fields(value).values())
        texts += map(str, getattr(value, "__orig_bases__", ()))
    return re.findall(r"(?<![\w.])(?:destgraph\.[\w.]+\.)?([A-Z]\w+)", " ".join(texts))


def _members(class_: type) -> Iterator[tuple[str, Any]]:
    """Yield each public method of a class that it defines itself, and the function of each property."""
    for name, member in vars(class_).items():
        for function in (getattr(member, kind, None) for kind in ("__func__", "fget", "func")):
            member = function or member
        if inspect.isfunction(member) and not name.startswith("_"):
            yield name, member


def _signature(function: Any) -> str:
    signature = inspect.signature(function)
    parameters = [p for p in signature.parameters.values() if p.name not in ("self", "cls")]
    return _short(f"{function.__name__}{signature.replace(parameters=parameters)}")


def _fields(class_: type) -> dict[str, Any]:
    """Return the public fields of a dataclass or named tuple by name with their types, nothing for another class."""
    if dataclasses.is_dataclass(class_):
        fields = {field.name: field.type for field in dataclasses.fields(class_)}
    else:
        fields = {name: class_.__annotations__[name] for name in getattr(class_, "_fields", ())}
    return {name: type_ for name, type_ in fields.items() if not name.startswith("_")}


def _short(annotations: str) -> str:
    """Return annotations without modules, without quotes around names, and without functions as defaults."""
    text = re.sub(r"<function .*? at 0x\w+>", "...", re.sub(r"(?<=[:>] )'([^']*)'", r"\1", annotations))
    return re.sub(r"(?<![\w.])(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])", "", text)


def _help(context: click.Context) -> str:
    context.terminal_width = context.max_content_width = WIDTH
    return context.command.get_help(context)


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```\n"
