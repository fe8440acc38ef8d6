"""The most memory that a script held: `python -m benchmarks.peak SCRIPT [ARGUMENT ...]` runs it and prints bytes."""

import re
import runpy
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def memory(field: str) -> int:
    """Return a figure of the kernel about this process, in bytes."""
    (kibibytes,) = re.findall(rf"^{field}:\s+(\d+) kB$", STATUS.read_text(encoding="ascii"), re.MULTILINE)
    return int(kibibytes) * 1024


if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
    print(memory("VmHWM"))
