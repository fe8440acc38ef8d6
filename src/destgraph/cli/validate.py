"""`destgraph validate`: what is wrong in Turtle, shapes and queries, and where."""

import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

import click

import destgraph
from destgraph import files, inputs, validation
from destgraph.cli import output as printing
from destgraph.cli.common import own_root
from destgraph.validation import fixing, reports
from destgraph.validation.arguments import ENGINES, STORE
from destgraph.validation.bounded import MEMORY, TIMEOUT
from destgraph.validation.findings import SEVERITIES, Place, Report, Rule, Severity
from destgraph.wording import count, suggestion


@click.command(short_help="Find what is wrong in Turtle, shapes and queries.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--shapes", multiple=True, metavar="PATH", help="SHACL shapes to use instead of those of destgraph.")
@click.option("--ontology", multiple=True, metavar="PATH", help="Ontology to use instead of that of destgraph.")
@click.option("--format", "formats", multiple=True, metavar="FORMAT[=FILE]",
              help=f"{', '.join(reports.FORMATS)}; with =FILE to write a file. Can be repeated.")  # fmt: skip
@click.option("--fail-on", type=click.Choice(["error", "warning", "note", "never"]), default="error",
              show_default=True, help="The least severity that gives exit code 1.")  # fmt: skip
@click.option("--notes", is_flag=True, help="List the notes too.")
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Check this rule only. Can be repeated.")
@click.option("--describe", metavar="ID", help="Tell what a rule is about, and validate nothing.")
@own_root
@click.option(
    "--profile",
    type=click.Choice(["own", "catalog"]),
    help="own: what is not stated is a note, as in files outside of the graph; catalog: it weighs as in the graph.",
)
@click.option(
    "--whole",
    is_flag=True,
    help="Validate the whole graph that a PATH lies in; without a graph only the PATHs, and never the installed graph.",
)
@click.option("--fix", is_flag=True, help="Put the mechanical corrections into the files, and validate them again.")
@click.option("--diff", is_flag=True, help="With --fix: show what would change, and change nothing.")
@click.option("--new-since", metavar="REV", help="Report only what is new since this git revision.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=TIMEOUT, show_default=True,
              help="Seconds that the validation may take; one file, shape or rule half of what is left.")  # fmt: skip
@click.option("--memory", type=click.IntRange(min=1), default=MEMORY, show_default=True,
              help="Megabytes of memory that it may take.")  # fmt: skip
@click.option("--engine", type=click.Choice(ENGINES), default=STORE, show_default=True,
              help="What applies shapes; pyshacl is pySHACL alone: slower, and the reference.")  # fmt: skip
def validate(
    paths: Sequence[str],
    shapes: Sequence[str],
    ontology: Sequence[str],
    formats: Sequence[str],
    fail_on: Severity | Literal["never"],
    notes: bool,
    rules: Sequence[str],
    describe: str | None,
    root: Path | None,
    profile: Literal["own", "catalog"] | None,
    whole: bool,
    fix: bool,
    diff: bool,
    new_since: str | None,
    timeout: float,
    memory: int,
    engine: str,
) -> int:
    """Validate the graph in this folder, or report on each PATH: a Turtle file, a query or a folder of them.

    Exit codes: 0 fine, 1 findings at or above --fail-on, 2 wrong usage or an input that cannot be read or parsed, 4
    something was not finished within --timeout and --memory.
    """
    outputs = [_output(given) for given in formats]
    if len({file for _, file in outputs}) < len(outputs):
        raise destgraph.InputError("two formats cannot go to the same place; give each a file, as in json=FILE")
    if describe is not None:
        printing.write(_description(describe, shapes, root) + "\n")
        return 0
    if diff and not fix:
        raise destgraph.InputError("--diff shows what --fix would do; add --fix")

    def validated() -> Report:
        with _progress() as progress:
            return destgraph.validate(
                paths,
                root=root,
                shapes=shapes,
                ontology=ontology,
                rules=rules,
                profile=profile,
                whole=whole,
                new_since=new_since,
                timeout=timeout,
                memory=memory,
                engine=engine,
                progress=progress,
            )

    report = validated()
    changed = fixing.changes(report) if fix else ()
    if diff:
        printing.write_data("".join(change.diff() for change in changed))
        return _exit_code(report, fail_on)
    if changed:
        fixing.write(changed)
        click.echo(f"corrected {_corrected(changed)}", err=True)
        report = validated()
    _print(report, outputs, "error" if fail_on == "never" else fail_on, notes)
    return _exit_code(report, fail_on)


def _corrected(changed: Sequence[fixing.Change]) -> str:
    places = sum(len(change.fixes) for change in changed)
    return f"{count(places, 'place')} in {count(len(changed), 'file')}: {', '.join(change.file for change in changed)}"


def _exit_code(report: Report, fail_on: Severity | Literal["never"]) -> int:
    if report.unfinished:
        return 4
    if report.unreadable:
        return 2
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on != "never" else ()
    return int(any(report.count(severity) for severity in failing))


def _output(given: str) -> tuple[str, Path | None]:
    """Return the name of a format, and the file to write, if any."""
    name, equals, file = given.partition("=")
    if name not in reports.FORMATS:
        raise destgraph.InputError(f"no format {name!r}; {suggestion(name, reports.FORMATS)}")
    if equals and not file:
        raise destgraph.InputError(f"{given!r} names no file; write for example {name}=report.{name}")
    return name, Path(file) if file else None


def _print(report: Report, outputs: Sequence[tuple[str, Path | None]], fail_on: Severity, notes: bool) -> None:
    """Print the report as text or in the format without a file, and write the files; a full output is never lost."""
    if all(file for _, file in outputs):
        outputs = [("text", None), *outputs]
    for name, file in sorted(outputs, key=lambda chosen: chosen[1] is not None):
        match name:
            case "text":
                source = _line if file is None and sys.stdout.isatty() else None
                output = reports.to_text(report, notes, source)
            case "junit":
                output = reports.to_junit(report, fail_on)
            case _:
                output = reports.FORMATS[name](report)
        if file is None:
            (printing.write if name == "text" else printing.write_data)(output)
        else:
            with files.replacing(file) as opened:
                opened.write(output.encode())
        if name == "sarif" and (told := reports.left_out(report)):
            click.echo(f"{file or name}: {told}", err=True)
        if name == "github" and (summary := os.environ.get("GITHUB_STEP_SUMMARY")):
            try:
                with Path(summary).open("a", encoding="utf-8") as log:
                    log.write(reports.to_markdown(report))
            except OSError as error:
                raise destgraph.InputError(f"{summary}: {error.strerror}; correct GITHUB_STEP_SUMMARY") from None


def _description(id_: str, shapes: Sequence[str], root: Path | None) -> str:
    rules = {rule.id: rule for rule in validation.rules(shapes=shapes, root=root)}
    if id_ not in rules:
        raise destgraph.InputError(f"no rule {id_!r}; {suggestion(id_, rules)}")
    return _described(rules[id_])


def _described(rule: Rule) -> str:
    """Return what is known of a rule, its text, and its examples."""
    lines = [f"{rule.id} ({rule.severity})"]
    for title in ("problem", "solution", "source", "help"):
        if text := getattr(rule, title):
            lines.append(f"  {title}: {text}")
    if query := re.sub(r"^#\+.*\n", "", rule.query, flags=re.MULTILINE).strip():
        lines += ["", query]
    for title, example in (("wrong", rule.bad), ("right", rule.good)):
        if example:
            lines += ["", f"For example {title}:", "", example.strip()]
    return "\n".join(lines)


def _line(place: Place) -> str | None:
    """Return the line of a file at a place."""
    lines = _lines(place.file) if place.line else []
    return lines[place.line - 1] if 0 < place.line <= len(lines) else None


@cache
def _lines(file: str) -> list[str]:
    try:
        return inputs.read_bytes(Path(file)).decode("utf-8-sig", "replace").split("\n")
    except OSError:
        return []


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Give a function to say what is being done; from the first second on, a terminal shows it, and for how long.

    The thread for that starts when something is said first: then validation has forked what it forks.
    """
    doing: list[str] = []
    done = threading.Event()

    def show() -> None:
        seconds = 0
        while not done.wait(1):
            seconds += 1
            click.echo(f"\r{f'{doing[-1]}, {seconds} s':<40}", nl=False, err=True)
        if seconds:
            click.echo(f"\r{'':<40}\r", nl=False, err=True)

    thread = threading.Thread(target=show, daemon=True)

    def say(what: str) -> None:
        doing.append(what)
        if len(doing) == 1 and sys.stderr.isatty():
            thread.start()

    try:
        yield say
    finally:
        done.set()
        if thread.ident:
            thread.join()
