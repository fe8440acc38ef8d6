"""docs/export.md shows what is written: formats, parts, a JSON-LD object, the columns of each table."""

import doctest
import re
from pathlib import Path

import pytest
from expected import ADVICE, Expected
from test_export import text

from destgraph.export.entities import TABLES
from destgraph.export.formats import FORMATS
from destgraph.export.selection import GRAPHS, select

PAGE = Path(__file__).parents[1] / "docs" / "export.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_formats_and_parts_are_listed() -> None:
    """With their files, media types and named graphs, in the order of the program."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| `([\w./+-]+)` \| .* \|$", TEXT, re.MULTILINE)
    assert rows == [
        (name, "a file a table" if len(f.writers) > 1 else f"`{next(iter(f.writers))}{f.suffix}`", f.media_type)
        for name, f in FORMATS.items()
    ]
    graphs = re.findall(r"^\| `(\w+)` \| .* \| `(https://.*)` \|$", TEXT, re.MULTILINE)
    assert graphs == [(part, graph.value) for part, graph in GRAPHS.items()]


def test_object_of_a_destination_is_as_written(expected_files: Expected) -> None:
    """One object of the document, as it stands there."""
    start = '{\n  "id": "destgraph:destination/bing"'
    (written,) = re.findall(rf"^({start}.*?^}}),$", text(select(), "jsonld").decode(), re.MULTILINE | re.DOTALL)
    assert written == expected_files.part(PAGE, r"^```json\n(.*?)\n```$", written), ADVICE


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_described(name: str) -> None:
    """Each with its meaning, keys and foreign keys among them."""
    table = TABLES[name]
    key = ", ".join(f"`{column.name}`" for column in table.columns[: table.key])
    lines = [f"### {name}", "", f"{table.meaning} Key: {key}.", "", "| Column | Holds |", "| --- | --- |"]
    for column in table.columns:
        kind = f", key of `{column.refers_to}`" if column.refers_to else " (date)" if column.dates else ""
        lines.append(f"| `{column.name}` | {column.meaning}{kind} |")
    assert "\n".join(lines) in TEXT


@pytest.mark.slow
def test_python_example_gives_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder."""
    monkeypatch.chdir(tmp_path)
    (shown,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    test = doctest.DocTestParser().get_doctest(shown, {}, "export.md", "export.md", 0)
    assert doctest.DocTestRunner().run(test) == (0, 5)
    assert (tmp_path / "edge.jsonld").stat().st_size > 20_000
