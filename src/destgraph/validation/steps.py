"""The steps of a validation: each is told before it begins, so that it is known where one stopped that did not end."""

from collections.abc import Collection
from typing import NamedTuple

from destgraph.validation.built_in import step_rule
from destgraph.validation.findings import Place, Report

NOT_FINISHED = step_rule(
    "not_finished",
    severity="error",
    problem="A file, a shape, a rule or a query took too much time or memory, or is nested too deeply, so that it was"
    " not checked to the end, and other findings may be missing.",
    solution="Simplify what the finding names, or raise the limit.",
    source="destgraph, docs/limits.md",
    bad="",
    good="",
)


class Step(NamedTuple):
    """What is done: in a word or two, with the place of the file, shape or query, and the rule, as far as there are."""

    doing: str
    place: Place | None = None
    rule: str = ""


class Watch:
    """Is told of each step; this one, of a validation that nobody bounds, lets all be taken and keeps nothing."""

    def begin(self, _step: Step, /) -> None:
        """Take note of a step that begins."""

    avoided: Collection[Step] = ()
    """The steps that are not to be taken."""

    def take(self, step: Step) -> bool:
        """Take note of a step that begins, unless it is to be avoided; tell whether it is not."""
        if step in self.avoided:
            return False
        self.begin(step)
        return True

    def at(self, _file: str, /) -> None:
        """Take note of the file that a step has come to."""

    def all_read(self) -> None:
        """Take note that no file needs to be opened any more."""

    def tell(self, _report: Report, /) -> None:
        """Take note of what has been found since the last time; the first report tells the rules too."""
