"""Exports in $name are as expected."""

from io import BytesIO
from pathlib import Path

from expected import Expected

from destgraph.export import formats


def test_export(expected_files: Expected) -> None:
    """The destinations of one type, with what belongs to them."""
    selection = formats.select(questions=[("destinations-of-type", {"type": ["edge-personalization"]})])
    file = BytesIO()
    formats.FORMATS["$name"].writers["destgraph"](selection, file)
    expected_files.text(Path(__file__).parent / "exports" / "destgraph.$name", file.getvalue().decode())
