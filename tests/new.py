"""Write the skeleton of something new: `python tests/new.py KIND NAME ...`; CONTRIBUTING.md tells how to go on.

What it writes works as it stands, but for the texts marked TODO, which a test finds.
"""

import datetime
import re
from pathlib import Path
from string import Template

import click

from destgraph.vocabulary import PREFIXES

ROOT = Path(__file__).parents[1]
SKELETONS = Path(__file__).parent / "skeletons"

_SUBJECT = re.compile(r"^(\S+) a ", re.MULTILINE)
_PREFIX = re.compile(r"^@prefix ([\w-]*): .*\n", re.MULTILINE)
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>')


def hyphenated(_context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Return a name as in IRIs and in the names of questions."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", value):
        raise click.BadParameter(f"{value!r} is no name; write lower-case words joined by hyphens", param=parameter)
    return value


def underscored(_context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Return a name as in Python and in the names of rules."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", value):
        raise click.BadParameter(f"{value!r} is no name; write lower-case words joined by underscores", param=parameter)
    return value


@click.group()
def new() -> None:
    """Write the skeleton of something new."""


@new.command()
@click.argument("name", callback=hyphenated)
@click.argument("category", callback=hyphenated)
@click.argument("platform", callback=hyphenated)
@click.argument("vendor", callback=hyphenated)
def destination(name: str, category: str, platform: str, vendor: str) -> None:
    """Write a card with its source, and with its platform and vendor where these are new."""
    values = {"name": name, "category": category, "platform": platform, "vendor": vendor}
    values["today"] = datetime.datetime.now(datetime.UTC).date().isoformat()
    insert(f"data/{category}.ttl", f"destination:{name}", "card.ttl", values)
    insert("data/sources.ttl", f"source:{name}", "source.ttl", values)
    if not described("data/platforms.ttl", f"platform:{platform}"):
        insert("data/platforms.ttl", f"platform:{platform}", "platform.ttl", values | {"name": platform})
    if not described("data/vendors.ttl", f"vendor:{vendor}"):
        insert("data/vendors.ttl", f"vendor:{vendor}", "vendor.ttl", values | {"name": vendor})


@new.command()
@click.argument("scheme", callback=hyphenated)
@click.argument("name", callback=hyphenated)
def concept(scheme: str, name: str) -> None:
    """Write a concept of a scheme."""
    insert(f"ontology/schemes/{scheme}.ttl", f"{scheme}:{name}", "concept.ttl", {"scheme": scheme, "name": name})


@new.command()
@click.argument("name", callback=hyphenated)
def question(name: str) -> None:
    """Write a question, and the tiny graph on which it is tested."""
    create(f"queries/{name}.rq", "question.rq", name)
    create(f"tests/queries/{name}/tiny.ttl", "tiny.ttl", name)
    create(f"tests/queries/{name}/change.txt", "change.txt", name)


@new.command()
@click.argument("name", callback=underscored)
def rule(name: str) -> None:
    """Write a rule with its examples, its weight, and a defect that it finds."""
    for file in ("rule.rq", "bad.ttl", "good.ttl"):
        create(f"queries/rules/{name}/{file}", file, name)
    append("queries/rules/profile.toml", f'{name} = "warning"\n')
    append("tests/validation/defects.txt", filled("defect.txt", {"name": name}))


@new.command(name="format")
@click.argument("name", callback=underscored)
@click.argument("media_type")
def format_(name: str, media_type: str) -> None:
    """Write an export format: module, lines in the tables of formats and of names, row in the docs, test."""
    create(f"src/destgraph/export/{name}.py", "format.py.txt", name)
    create(f"tests/test_export_{name}.py", "test_format.py.txt", name)
    table = "src/destgraph/export/formats.py"
    edit(table, r"(?m)^(from destgraph\.export import .*)$", rf"\1, {name}")
    edit(
        table,
        r"(?m)^( +)(Format\(\"context\")",
        rf'\1_single("{name}", ".{name}", "{media_type}", {name}.{name}),\n\1\2',
    )
    titles = "src/destgraph/release/build.py"
    edit(titles, r"(?m)^    \"context\": \"which ", rf'    "{name}": "TODO name of the format",\n\g<0>')
    row = f"| `{name}` | `destgraph.{name}` | `{media_type}` | TODO for whom |\n"
    edit("docs/export.md", r"(?m)^\| `context` \|", rf"{row}\g<0>")


def insert(file: str, subject: str, skeleton: str, values: dict[str, str]) -> None:
    """Put a block into a Turtle file, before the first one of its kind with a later name, and the prefixes it needs."""
    path = ROOT / file
    if not path.is_file():
        known = ", ".join(sorted(known.stem for known in path.parent.glob("*.ttl")))
        raise click.UsageError(f"there is no {file}; known are {known}")
    if described(file, subject):
        raise click.UsageError(f"{file} describes {subject} already")
    block = filled(skeleton, values)
    text = path.read_text(encoding="utf-8")
    kind = subject.partition(":")[0]
    later = (
        found.start() for found in _SUBJECT.finditer(text) if found[1].startswith(f"{kind}:") and found[1] > subject
    )
    at = next(later, len(text))
    text = f"{text[:at]}{block}\n{text[at:]}" if at < len(text) else f"{text}\n{block}"
    used = set(re.findall(r"(?<![\w-])([\w-]+):(?=[\w-])", _TEXT.sub("", block)))
    for prefix in sorted(used - set(_PREFIX.findall(text))):
        after = (found.start() for found in _PREFIX.finditer(text) if found[1] > prefix)
        at = next(after, max(found.end() for found in _PREFIX.finditer(text)))
        text = f"{text[:at]}@prefix {prefix}: <{PREFIXES[prefix]}> .\n{text[at:]}"
    written(path, text)


def described(file: str, subject: str) -> bool:
    """Tell whether a Turtle file describes a subject."""
    return subject in _SUBJECT.findall((ROOT / file).read_text(encoding="utf-8"))


def create(file: str, skeleton: str, name: str) -> None:
    """Write a new file from a skeleton."""
    path = ROOT / file
    if path.exists():
        raise click.UsageError(f"{file} is there already")
    path.parent.mkdir(parents=True, exist_ok=True)
    written(path, filled(skeleton, {"name": name}))


def append(file: str, text: str) -> None:
    """Add a text to the end of a file."""
    path = ROOT / file
    written(path, path.read_text(encoding="utf-8") + text)


def edit(file: str, pattern: str, replacement: str) -> None:
    """Replace the one match of a pattern."""
    path = ROOT / file
    text, number = re.subn(pattern, replacement, path.read_text(encoding="utf-8"))
    assert number == 1, f"{file} has {number} places for {pattern}"
    written(path, text)


def filled(skeleton: str, values: dict[str, str]) -> str:
    """Return a skeleton with its names filled in."""
    return Template((SKELETONS / skeleton).read_text(encoding="utf-8")).substitute(values)


def written(path: Path, text: str) -> None:
    """Write a file, and say so."""
    path.write_text(text, encoding="utf-8", newline="")
    click.echo(path.relative_to(ROOT).as_posix())


if __name__ == "__main__":
    new()
