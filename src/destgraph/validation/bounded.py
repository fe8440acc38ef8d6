"""A validation in a process of its own, with limits: whatever the files hold, it ends, and with a report.

What does not end in its time, takes too much memory or crashes is one step (see `destgraph.validation.steps`). The
process is ended then, and another one begins anew and avoids that step.
"""

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from destgraph import files
from destgraph.errors import InputError, TimeLimitError
from destgraph.stores.processes import Clock, Worker, Workers, used_up
from destgraph.stores.zygote import SIZE
from destgraph.validation import child
from destgraph.validation.arguments import Arguments
from destgraph.validation.built_in import HELP
from destgraph.validation.child import Request, Validation
from destgraph.validation.findings import Finding, Place, Report, Rule, in_order
from destgraph.validation.steps import NOT_FINISHED, Step

TIMEOUT = 600.0
"""The seconds that a validation may take if nothing is said."""
MEMORY = 4096
"""The megabytes of memory that it may take if nothing is said."""

_SHARE = 0.5
"""How much of the time that is left one step may take."""
_ATTEMPTS = 10

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Limits:
    """The seconds and the megabytes of memory that a validation may take."""

    timeout: float = TIMEOUT
    memory: int = MEMORY


def rules(arguments: Arguments) -> tuple[Rule, ...]:
    """Return the rules there are; raises InputError when they cannot be read within the limits."""
    report = Course(arguments, Limits(), only_rules=True).report()
    for finding in report.findings:
        raise InputError(f"{finding.place.file}: {finding.message}")
    return report.rules


def start() -> None:
    """Start now what validates; in a program with one thread that is quicker than later."""
    _workers().start()


class _Validators(Workers):
    def _work(self) -> Validation:
        return Validation()


@cache
def _workers() -> Workers:
    return _Validators()


@dataclass
class _Stop(Exception):  # noqa: N818 - caught here
    """Where and why a process did not come to its end."""

    step: Step
    place: Place | None
    reason: str


class Course:
    """A validation, or with `only_rules` the reading of rules, in as many processes as it takes."""

    def __init__(
        self, arguments: Arguments, limits: Limits, progress: Progress = lambda _: None, *, only_rules: bool = False
    ) -> None:
        """Start nothing; `progress` is told, in a word or two, what is being done."""
        self._arguments, self._limits, self._progress, self._only_rules = arguments, limits, progress, only_rules
        self._stops: dict[Step, Finding] = {}
        self._network: dict[Finding, None] = {}
        self._found: dict[Finding, None] = {}
        self._looked_at: dict[str, int] = {}
        self._begun = Report("", (), ())
        self._worker: Worker | None = None
        self._is_over = False

    def report(self) -> Report:
        """Return the report of the process that came to its end, or of what is known when there is none.

        Raises InputError for arguments that cannot be used.
        """
        start()
        clock = Clock(self._limits.timeout)
        while True:
            try:
                return self._with_stops(self._attempt(clock))
            except _Stop as stop:
                last = stop.step in self._stops or len(self._stops) == _ATTEMPTS or _is_up(clock) or self._is_over
                self._stops[stop.step] = self._not_finished(stop, last)
                if last:
                    return self._with_stops(self._so_far())

    def stop(self) -> None:
        """Let it end, from another thread."""
        self._is_over = True
        if self._worker is not None:
            self._worker.stop()

    def _attempt(self, clock: Clock) -> Report:
        """Validate in a new process, which is ended in any case; raises _Stop, with the step that is under way."""
        step, place = Step("starting"), None
        worker, _ = _workers().worker(locked=False)
        self._worker = worker
        try:
            if self._is_over:
                raise _Stop(step, place, "time")
            share = Clock(clock.left())
            worker.send(self._request(), share)
            while frame := worker.frame(share):
                letter, content = frame[0], pickle.loads(frame[1])  # noqa: S301 - of a process that runs this package
                if letter == child.STEP:
                    step, place = content, content.place
                    share = Clock(clock.left() * _SHARE)
                    self._progress(step.doing)
                elif letter == child.AT:
                    place = Place(content)
                elif report := self._heard(letter, content, step, place):
                    return report
            status = worker.stop()
            raise _Stop(step, place, used_up(status) or f"the process ended with status {status}")
        except TimeLimitError:
            raise _Stop(step, place, "time") from None
        finally:
            worker.stop()
            worker.close()

    def _heard(self, letter: bytes, content: Any, step: Step, place: Place | None) -> Report | None:
        """Keep what a process has told, and return the report when it is that; raises _Stop and InputError."""
        match letter:
            case child.FOUND:
                self._begun = content
                self._found |= dict.fromkeys(content.findings)
                self._looked_at |= {rule.id: rule.looked_at for rule in content.rules if rule.looked_at is not None}
            case child.NETWORK:
                self._network[self._reaching(step, place, content)] = None
            case child.REPORT:
                report: Report = content
                return report
            case child.WRONG:
                raise InputError(content)
            case child.DEPTH:
                raise _Stop(step, place, "depth")
            case child.FAULT:
                raise _Stop(step, place, content)
        return None

    def _request(self) -> bytes:
        request = Request(
            self._arguments,
            self._only_rules,
            frozenset(self._stops),
            os.fspath(_working()),
            os.environ.get(files.ROOT),
            self._limits.timeout,
            self._limits.memory,
        )
        text = pickle.dumps(request)
        return SIZE.pack(len(text)) + text

    def _so_far(self) -> Report:
        """Return what is known when no process came to its end."""
        listed = tuple(replace(rule, looked_at=self._looked_at.get(rule.id)) for rule in self._begun.rules)
        return replace(self._begun, findings=tuple(self._found), rules=listed)

    def _with_stops(self, report: Report) -> Report:
        """Return a report with the findings about steps that were not finished."""
        findings = in_order((*report.findings, *self._network, *self._stops.values()))
        return replace(report, findings=findings, unfinished=bool(self._stops))

    def _not_finished(self, stop: _Stop, last: bool) -> Finding:
        place = self._place(stop.place)
        subject = stop.step.rule or place.file
        match stop.reason:
            case "time":
                why = f"{subject} takes too long; simplify it, or raise the time limit"
            case "memory":
                why = f"{subject} takes too much memory; simplify it, or raise the memory limit"
            case "depth":
                why = f"{subject} is nested too deeply; write it flatter"
            case fault:
                why = f"a fault of destgraph came to light with {subject}; please report it ({fault})"
        rest = ", and what follows was not checked" if last else ""
        return _finding(NOT_FINISHED.rule, f"{stop.step.doing} was stopped{rest}: {why}", place)

    def _reaching(self, step: Step, place: Place | None, tried: str) -> Finding:
        rule = Rule("query_reaches_out", "error", "", "", "", "", f"{HELP}query_reaches_out")
        what = f"{step.doing} tried to use the network, which was refused: {tried}; take out what asks for it"
        return _finding(rule, what, self._place(place))

    def _place(self, place: Place | None) -> Place:
        """Return the place of a finding; without one it is about the first path."""
        return place or Place(next(iter(self._arguments.paths), "."))


def _finding(rule: Rule, message: str, place: Place) -> Finding:
    return Finding(rule.id, "error", "", "", "", message, place, rule.help)


def _is_up(clock: Clock) -> bool:
    try:
        clock.left()
    except TimeLimitError:
        return True
    return False


def _working() -> Path:
    """Return the working folder, or the top one when that is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path("/")
