"""The README's examples, run from top to bottom in one folder, give what it shows."""

import doctest
import os
import re
import shutil
import subprocess
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import servers
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from pyoxigraph import NamedNode

from destgraph import KnowledgeGraph
from destgraph.catalog import classification
from destgraph.vocabulary import PREFIXES, shorten

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
AGREEMENTS = ("agreeing", "disagreeing", "not-inferable")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the graph's files to run the examples in."""
    target = tmp_path_factory.mktemp("readme")
    for name in ("ontology", "data", "queries"):
        shutil.copytree(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def store_url() -> Iterator[str]:
    """An Oxigraph server without data."""
    with servers.oxigraph() as url:
        yield url


def test_readme_has_examples_of_each_kind() -> None:
    """The tests below look at something."""
    kinds = [kind for kind, _ in BLOCKS]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "console": 13,
        "ipython": 2,
        "mermaid": 1,
        "python": 3,
        "sh": 6,
        "turtle": 1,
    }


@pytest.mark.posix("bash")
def test_examples_give_what_is_shown(folder: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each `$` line prints the lines that follow it, each `>>>` line too; cells run; Turtle becomes its file.

    The store on localhost is one that listens on a free port.
    """
    monkeypatch.chdir(folder)
    environment = os.environ | {"PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"}
    failures = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    ipython = InteractiveShell()
    for kind, text in BLOCKS:
        body = text.replace("http://localhost:7878", store_url)
        if kind == "turtle":
            name = body.splitlines()[0].removeprefix("# ")
            (folder / name).write_text(body, encoding="utf-8")
        elif kind == "python":
            test = doctest.DocTestParser().get_doctest(body, {}, "README.md", "README.md", 0)
            assert failures.run(test).failed == 0
        elif kind == "ipython":
            with capture_output() as captured:
                cell = ipython.run_cell(body)
            assert cell.success, captured.stdout
            assert len(cell.result)
        elif kind == "console":
            for command, shown in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", body, re.MULTILINE):
                result = subprocess.run(
                    ["bash", "-o", "pipefail", "-c", command],  # noqa: S607
                    capture_output=True,
                    text=True,
                    check=False,
                    env=environment,
                )
                assert (result.returncode, result.stdout.replace("\r", ""), result.stderr) == (0, shown, ""), command


def test_picture_shows_the_hierarchy(kg: KnowledgeGraph) -> None:
    """The README shows what `kg.hierarchy()` gives."""
    (picture,) = (body for kind, body in BLOCKS if kind == "mermaid")
    assert picture == kg.hierarchy().mermaid()


def test_what_is_said_about_patterns_is_so(kg: KnowledgeGraph) -> None:
    """Which types follow from the delivery alone, and how often features and documentation agree."""
    text = " ".join(TEXT.split())
    types: dict[str, set[str]] = {}
    for rule in classification.patterns(kg.select):
        types.setdefault(shorten(rule.type), set()).update(shorten(c.property) for c in rule.conditions)
    alone = {type_ for type_, properties in types.items() if properties == {"dg:deliveredBy"}}
    assert alone == {"dg:Extension", "dg:EdgePersonalizationDestination", "dg:StreamingProfileExportDestination"}
    assert len(types) == 6
    assert "Three of the six types follow from the delivery alone (extension, edge personalization, streaming" in text
    agreement = NamedNode(PREFIXES["dg"] + "typeAgreement")
    found = Counter(triple.object for triple in kg.inferred if triple.predicate == agreement)
    agreeing, other, none = (found[NamedNode(PREFIXES["agreement"] + name)] for name in AGREEMENTS)
    assert f"documented types {agreeing} times, other types {other} times, and none {none} times;" in text
    assert f"on each of these {other + none} says why" in text
