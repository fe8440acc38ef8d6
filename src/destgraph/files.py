"""Where the graph's files are, and the prefixes they share."""

from pathlib import Path

_BASE = "https://w3id.org/destgraph/"

SCHEMES = (
    "activation-workflow",
    "agreement",
    "aspect",
    "audience-data-type",
    "audience-origin",
    "authentication",
    "availability",
    "category",
    "delivery",
    "edition",
    "endpoint-owner",
    "export-type",
    "exported-data",
    "file-format",
    "frequency",
    "handling",
    "identity",
    "identity-type",
    "license",
    "need",
    "personalization-scope",
    "sensitivity",
    "status",
    "type",
)
"""Names of the concept schemes, each also the prefix of its concepts."""

PREFIXES = {
    "bibo": "http://purl.org/ontology/bibo/",
    "dcterms": "http://purl.org/dc/terms/",
    "destination": _BASE + "destination/",
    "dg": _BASE + "ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pd": "https://w3id.org/dpv/pd#",
    "platform": _BASE + "platform/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "scheme": _BASE + "scheme/",
    "sh": "http://www.w3.org/ns/shacl#",
    "shapes": _BASE + "shapes#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "source": _BASE + "source/",
    "vann": "http://purl.org/vocab/vann/",
    "vendor": _BASE + "vendor/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
} | {name: f"{_BASE}{name}/" for name in SCHEMES}
"""The one table of prefixes, for all files, queries and output: prefix to namespace."""


def root() -> Path:
    """Return the folder that holds `ontology`, `data` and `queries`.

    It is inside an installed package; an editable install uses the checkout, so that an edited file is seen.
    """
    package = Path(__file__).parent
    shipped = package / "_graph"
    return shipped if shipped.is_dir() else package.parents[1]


def turtle() -> list[Path]:
    """Return the Turtle files of ontology, concept schemes and catalog, in a fixed order; the shapes are left out."""
    folder = root()
    return [path for part in ("ontology", "ontology/schemes", "data") for path in sorted((folder / part).glob("*.ttl"))]
