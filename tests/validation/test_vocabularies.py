"""Vocabularies as their makers publish them: each term of theirs is known."""

import shutil
import subprocess
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pytest

import destgraph

ASSETS = Path(str(files("pyshacl").joinpath("assets")))
PACKAGES = ("dash", "dcat", "dcterms", "owl", "prov", "rdf", "rdfs", "schema", "sh", "shsh", "skos", "xsd")


def unknown(paths: Sequence[Path], folder: Path) -> list[tuple[str, str, str]]:
    """Return the terms that are not known, with file and severity; nothing of destgraph is read with the files."""
    report = destgraph.validate(paths, shapes=paths[:1], rules=["unknown_term"], folder=folder)
    assert not report.unreadable
    (rule,) = (rule for rule in report.rules if rule.id == "unknown_term")
    assert rule.looked_at
    return [(Path(f.place.file).name, f.severity, f.message.partition(" ")[0]) for f in report.findings]


def test_vocabularies_of_shacl(tmp_path: Path) -> None:
    """SHACL, the shapes of its shapes, and DASH, as pySHACL brings them."""
    assert unknown([ASSETS / f"{name}.ttl" for name in ("shacl", "shacl-shacl", "dash")], tmp_path) == []


@pytest.mark.nightly
def test_vocabularies_of_others(tmp_path: Path) -> None:
    """Those of the W3C, DCMI and schema.org, also as shapes; DCMI names a class that it does not have."""
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("npm is missing, which brings the vocabularies")
    packages = [f"@vocabulary/{name}" for name in PACKAGES]
    subprocess.run([npm, "install", "--silent", "--prefix", tmp_path, *packages], check=True, capture_output=True)
    paths = sorted((tmp_path / "node_modules" / "@vocabulary").glob("*/*.nq"))
    assert [path.stem for path in paths] == [*PACKAGES]
    assert unknown([*paths, ASSETS / "schema.ttl"], tmp_path) == [("dcterms.nq", "error", "dcterms:Extent")]
