"""What a graph takes, in a process of its own: `python -m benchmarks.measure [FILE ...]` prints a JSON object.

`destgraph.load` with the files, the memory it needs (on Linux), and every question with its example.
"""

import json
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import destgraph
from benchmarks.common import ask, bound, seconds, store_rows

STATUS = Path("/proc/self/status")


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


def memory(field: str) -> int:
    """Return a figure of the kernel about this process, in bytes."""
    (kibibytes,) = re.findall(rf"^{field}:\s+(\d+) kB$", STATUS.read_text(encoding="ascii"), re.MULTILINE)
    return int(kibibytes) * 1024


def usual(work: Callable[[], object], times: int = 3) -> float:
    """Return the median seconds of a call, of so many or of as many as a fifth of a second holds."""
    taken = [seconds(work)]
    while len(taken) < times or sum(taken) < 0.2:
        taken.append(seconds(work))
    return median(taken)


if __name__ == "__main__":
    main(sys.argv[1:])
