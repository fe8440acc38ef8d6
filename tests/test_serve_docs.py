"""The examples of docs/serve.md, asked of a running server, give what they show."""

import doctest
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from servers import Served

TEXT = (Path(__file__).parents[1] / "docs/serve.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
URL = "http://127.0.0.1:8000/"


@pytest.mark.posix("bash")
def test_commands_print_what_is_shown(served: Served, curl: str) -> None:
    """As a terminal shows it, which ends the last line."""
    (body,) = (text for kind, text in BLOCKS if kind == "console")
    examples = re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", body, re.MULTILINE)
    assert len(examples) == 4
    for command, shown in examples:
        asked = command.replace(URL, served.url).replace("curl", shlex.quote(curl), 1)
        result = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=False)  # noqa: S607
        assert result.stdout.replace("\r", "").rstrip("\n") == shown.rstrip("\n"), command


def test_python_gives_what_is_shown(served: Served) -> None:
    """With real clients."""
    (body,) = (text for kind, text in BLOCKS if kind == "python")
    test = doctest.DocTestParser().get_doctest(body.replace(URL, served.url), {}, "serve.md", "serve.md", 0)
    assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test).failed == 0
