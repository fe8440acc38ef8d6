"""What a graph takes, in a process of its own: `python -m benchmarks.measure [FILE ...]` prints a JSON object.

`destgraph.load` with the files, the memory it needs (on Linux), and every question with its example.
"""

import json
import sys
from collections.abc import Callable
from functools import partial
from statistics import median

import destgraph
from benchmarks.common import ask, bound, seconds, store_rows
from benchmarks.peak import memory


def main(files: list[str]) -> None:
    """Load, ask, and print."""
    before = memory("VmRSS")
    kg = destgraph.load(files)
    result: dict[str, object] = {
        "resident": memory("VmRSS") - before,
        "peak": memory("VmHWM") - before,
        "triples": len(kg.store),
        "destinations": kg.info.destinations,
        "questions": {
            question.name: {
                "rows": len(ask(kg, question)),
                "ask": usual(partial(ask, kg, question)),
                "store": usual(partial(store_rows, kg.store, bound(kg, question))),
            }
            for question in kg.questions.values()
        },
    }
    del kg
    result["load"] = usual(partial(destgraph.load, files), times=1)
    print(json.dumps(result))


def usual(work: Callable[[], object], times: int = 3) -> float:
    """Return the median seconds of a call, of so many or of as many as a fifth of a second holds."""
    taken = [seconds(work)]
    while len(taken) < times or sum(taken) < 0.2:
        taken.append(seconds(work))
    return median(taken)


if __name__ == "__main__":
    main(sys.argv[1:])
