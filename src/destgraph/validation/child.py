"""A validation in a worker process, as the worker sees it: it tells each step and what it has found so far.

It answers with frames whose content is pickled. STEP holds the step that begins, AT the file that it has come to, FOUND
a report of what it has found since the last one, NETWORK how code of Python tried to use the network. One of these is
the last: REPORT, with the whole report; WRONG, with the message of an InputError; FAULT, with that of a bug; DEPTH,
when something is nested too deeply for Python.
"""

import gc
import os
import pickle
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from destgraph import files
from destgraph.errors import InputError
from destgraph.stores import confinement
from destgraph.stores.zygote import SIZE, close
from destgraph.validation.arguments import Arguments
from destgraph.validation.findings import Report
from destgraph.validation.steps import Step, Watch

STEP, AT, FOUND, NETWORK = b"S", b"A", b"P", b"N"
REPORT, WRONG, FAULT, DEPTH = b"R", b"W", b"F", b"D"


class Request(NamedTuple):
    """What to validate, or of what to list the rules, without some steps; `working` and `root` are of the program.

    `seconds` of processor time are a limit too, should nobody wait any more; `memory` is in megabytes.
    """

    arguments: Arguments
    only_rules: bool
    avoided: frozenset[Step]
    working: str
    root: str | None
    seconds: float
    memory: int


class Validation:
    """The work of validating, see `destgraph.stores.zygote.Work`."""

    def warm_up(self) -> None:
        """Import what is needed, and what pySHACL and rdflib would import when they first need it."""
        from destgraph.validation import engine

        engine.warm_up()

    def do(self, jobs: BinaryIO, answers: BinaryIO, space: int | None) -> None:
        """Validate once. No socket can be opened, and no file after all have been read."""
        (size,) = SIZE.unpack(jobs.read(SIZE.size))
        request: Request = pickle.loads(jobs.read(size))  # noqa: S301 - of the process that started this one
        gc.enable()
        gc.set_threshold(50_000, 20, 20)  # what has been read stays, and is not looked through again and again
        with suppress(OSError):  # of a folder that is gone, nothing can be told
            os.chdir(request.working)
        os.environ.pop(files.ROOT, None)
        if request.root is not None:
            os.environ[files.ROOT] = request.root
        telling = _Telling(answers, request.avoided)
        confinement.refuse_network(telling.network)
        confinement.limit_memory(None if space is None else space + (request.memory << 20))
        confinement.limit_processor_time(request.seconds)
        try:
            telling.send(REPORT, _answer(request, telling))
        except InputError as error:
            telling.send(WRONG, str(error))
        except RecursionError:
            telling.send(DEPTH, None)
        except MemoryError:
            raise
        except BaseException as error:  # a panic of the engine is no Exception
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(last.filename).name}:{last.lineno}"
            telling.send(FAULT, f"{type(error).__name__}: {error}, {place}")


def _answer(request: Request, watch: Watch) -> Report:
    from destgraph.validation import engine
    from destgraph.validation.scope import scope

    given = request.arguments
    watch.begin(Step("finding files"))
    found = scope(given.paths, given.folder, given.shapes, given.ontology, given.root, given.profile, given.whole)
    if request.only_rules:
        return Report(found.description, (), engine.rules(found, watch))
    return engine.run(found, given.rules, given.engine, watch)


class _Telling(Watch):
    """Tells each step to whoever waits, and lets all be taken but those that are to be avoided."""

    def __init__(self, answers: BinaryIO, avoided: frozenset[Step]) -> None:
        self._answers = answers
        self.avoided = avoided
        self._last: tuple[bytes, Any] | None = None

    def begin(self, step: Step, /) -> None:
        self._once(STEP, step)

    def at(self, file: str, /) -> None:
        self._once(AT, file)

    def all_read(self) -> None:
        confinement.refuse_new_files()

    def tell(self, report: Report, /) -> None:
        self.send(FOUND, report)

    def network(self, tried: str) -> None:
        self.send(NETWORK, tried)

    def send(self, letter: bytes, content: object) -> None:
        close(self._answers, letter, pickle.dumps(content))

    def _once(self, letter: bytes, content: object) -> None:
        if (letter, content) != self._last:
            self._last = (letter, content)
            self.send(letter, content)
