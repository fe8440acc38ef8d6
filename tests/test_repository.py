"""What stands around the package: workflows, templates, citation, packaging; and what its pages promise."""

import configparser
import os
import re
import subprocess
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from rdflib import DCTERMS, OWL, RDF, RDFS, Graph

from destgraph import files

ROOT = Path(__file__).parents[1]
GITHUB = ROOT / ".github"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CI = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text(encoding="utf-8"))
SCHEMAS = {
    **dict.fromkeys((GITHUB / "workflows").glob("*.yml"), "github-workflows"),
    **{GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml": "github-issue-forms" for name in ("bug", "card")},
    GITHUB / "ISSUE_TEMPLATE" / "config.yml": "github-issue-config",
    ROOT / "CITATION.cff": "citation-file-format",
}


@pytest.mark.slow
@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_file_fits_its_schema(path: Path) -> None:
    """By the schemas that come with check-jsonschema."""
    command = [Path(sysconfig.get_path("scripts")) / "check-jsonschema"]
    result = subprocess.run(
        [*command, "--builtin-schema", f"vendor.{SCHEMAS[path]}", path], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_the_oldest_and_the_newest_python_are_checked() -> None:
    """They are the first and the last that the package is said to run on; each script that is called is there."""
    named = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if c.startswith("Programming Language :: Python")]
    assert CI["jobs"]["linux"]["strategy"]["matrix"]["python"] == [named[0], named[-1]]
    assert PROJECT["requires-python"] == f">={named[0]}"
    assert named == [f"3.{minor}" for minor in range(11, 11 + len(named))]
    called: set[str] = set()
    for path in (GITHUB / "workflows").glob("*.yml"):
        called.update(re.findall(r"run: (\.ci/\S+)", path.read_text(encoding="utf-8")))
    assert called == {".ci/run", ".ci/nightly"}
    assert [script for script in called if not os.access(ROOT / script, os.X_OK)] == []


def test_citation_is_that_of_the_ontology() -> None:
    """Title, version, date, authors, IRI and license of the data are those of its header."""
    cited: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    graph = Graph().parse(files.root() / "ontology" / "destgraph.ttl")
    header = graph.value(None, RDF.type, OWL.Ontology)
    title, description, version, issued, author = (
        graph.value(header, p)
        for p in (DCTERMS.title, DCTERMS.description, OWL.versionInfo, DCTERMS.issued, DCTERMS.creator)
    )
    assert (cited["title"], cited["abstract"]) == (str(title), str(description))
    assert (cited["version"], cited["date-released"]) == (str(version), str(issued))
    assert cited["authors"] == [{"name": str(graph.value(author, RDFS.label)), "website": str(author)}]
    assert cited["url"] == str(header)
    # What others wrote and the site uses comes under the last of them.
    assert " AND ".join([*cited["license"], "MIT"]) == PROJECT["license"]
    assert cited["keywords"] == PROJECT["keywords"]
    (text,) = graph.objects(header, DCTERMS.bibliographicCitation)
    name = cited["authors"][0]["name"]
    year = cited["date-released"][:4]
    assert str(text) == f"{name} ({year}). {cited['title']}, version {cited['version']}. {cited['url']}"


def test_addresses_are_of_the_namespace() -> None:
    """No repository has been published."""
    assert PROJECT["urls"]
    assert [url for url in PROJECT["urls"].values() if not url.startswith("https://w3id.org/destgraph/")] == []


def test_nothing_is_installed_by_a_name_that_is_not_published() -> None:
    """What is installed is this folder, as in `pip install '.[notebook]'`."""
    folders = ("src", "docs", "notebooks", "tests", "benchmarks", ".ci", ".github")
    texts = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    texts += [*ROOT.glob("*.md"), ROOT / "action.yml", ROOT / "pyproject.toml"]
    named = re.compile(rb"pip install (?:-[\w-]+ )*[\\'\"]*destgraph\b")
    found = {
        path.relative_to(ROOT).as_posix() for path in texts if path.suffix != ".pyc" and named.search(path.read_bytes())
    }
    assert found == set()


def test_architecture_shows_the_layers() -> None:
    """Those that import-linter holds, from above."""
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter", encoding="utf-8")
    layers = contract["importlinter:contract:layers"]["layers"].split("\n")
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    shown = [re.findall(r"`(\w+)`", row) for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)]
    assert shown == [sorted(layer.split(" | "), key=layer.index) for layer in layers if layer]


def test_what_pages_name_is_there() -> None:
    """Each file, folder, module and function that CONTRIBUTING.md and docs/architecture.md name, and each link."""
    for page in (
        ROOT / "CONTRIBUTING.md",
        ROOT / "docs" / "architecture.md",
        ROOT / "RELEASE.md",
        ROOT / "SECURITY.md",
    ):
        text = page.read_text(encoding="utf-8")
        links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
        assert [link for link in links if not (page.parent / link).exists()] == []
        names = [
            name
            for name in re.findall(r"`([\w./-]+)`", text)
            if re.match(r"(\.ci|data|docs|ontology|queries|src|tests)/", name)
        ]
        assert [name for name in names if not (ROOT / name).exists() and "acme" not in name] == []
