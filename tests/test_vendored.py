"""The files of others that the site uses are those of their packages, and their licences are beside them."""

import csv
import hashlib
from pathlib import Path

import destgraph

SITE = Path(destgraph.__file__).parent / "site"
FOLDER = SITE / "assets" / "vendor"


def table() -> list[dict[str, str]]:
    """Return the rows of the table of these files."""
    with (SITE / "vendored.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_file_has_the_checksum_that_the_table_says() -> None:
    """No file is missing in the table or in the folder, and none was changed."""
    files = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.is_file()}
    sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert sums == {row["file"]: row["sha256"] for row in table()}


def test_each_file_names_package_version_source_and_license() -> None:
    """The source names the version; each package has the text of a licence that permits all that is done here."""
    rows = table()
    assert {(row["package"], row["version"]) for row in rows} == {
        ("@triply/yasqe", "4.2.28"),
        ("minisearch", "7.2.0"),
        ("oxigraph", "0.5.11"),
        ("stemmer", "2.0.1"),
    }
    assert {row["license"] for row in rows} == {"Apache-2.0", "MIT", "MIT OR Apache-2.0"}
    assert [
        row["file"] for row in rows if "pkg:npm/" in row["source"] and f"@{row['version']}#" not in row["source"]
    ] == []
    folders = {row["file"].partition("/")[0] for row in rows}
    assert {path.parent.name for path in FOLDER.glob("*/LICENSE*.txt")} == folders
