"""Where the graph's files are."""

from pathlib import Path


def root() -> Path:
    """Return the folder that holds `ontology`, `data` and `queries`.

    It is inside an installed package; an editable install uses the checkout, so that an edited file is seen.
    """
    package = Path(__file__).parent
    shipped = package / "_graph"
    return shipped if shipped.is_dir() else package.parents[1]


def turtle(folder: Path | None = None) -> list[Path]:
    """Return the Turtle files of ontology, concept schemes and catalog, in a fixed order; the shapes are left out."""
    folder = folder or root()
    return [path for part in ("ontology", "ontology/schemes", "data") for path in sorted((folder / part).glob("*.ttl"))]


def shapes(folder: Path | None = None) -> list[Path]:
    """Return the Turtle files of the shapes, in a fixed order."""
    return sorted(((folder or root()) / "ontology" / "shapes").glob("*.ttl"))


def queries(folder: Path | None = None) -> list[Path]:
    """Return the query files, the checks among them, in a fixed order."""
    return sorted(((folder or root()) / "queries").rglob("*.rq"))
