"""A release: a folder with the graph in all formats, described, checksummed and compared with the release before.

The same files give the same bytes: dates come from the ontology header, from the sources and from the caller, never
from the clock.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import Any

from pyoxigraph import Triple

from destgraph.catalog.questions import Question
from destgraph.errors import InputError
from destgraph.export.formats import FORMATS
from destgraph.export.selection import PARTS, Selection
from destgraph.export.skos import skos
from destgraph.export.writing import packed
from destgraph.files import chosen_root, replacing_folder
from destgraph.release.changes import compare, read_release
from destgraph.release.dcat import dcat
from destgraph.release.folder import CHECKSUMS, Folder
from destgraph.release.metadata import File, Release, metadata
from destgraph.release.page import PATH, files_page
from destgraph.release.questions import executables
from destgraph.release.schema_org import schema_org
from destgraph.release.void import Figures, figures, void
from destgraph.site.pages import pages
from destgraph.stores.memory import KnowledgeGraph
from destgraph.vocabulary import SCHEMES

DATASETS = {
    "changes": "Changes since the release before",
    "context": "Context for JSON-LD",
    "tables": "Tables",
    "ontology": "Ontology",
    "schemes": "Concept schemes",
    "catalog": "Catalog of destinations",
    "inferred": "Inferred types",
    "shapes": "SHACL shapes",
    "skos": "Concept schemes in the terms of SKOS and DCTERMS alone",
    "queries": "Questions as SPARQL queries",
}
"""The parts of a release that have files of their own, each with its title."""

_ABOUT = "about"
_HEADINGS = {
    "Whole graph": ("", "context"),
    "Parts of the graph": PARTS,
    **{DATASETS[part]: (part,) for part in ("changes", "tables", "skos", "queries")},
    "Descriptions of this release": (_ABOUT,),
}
_FORMAT_NAMES = {
    "turtle": "Turtle",
    "ntriples": "N-Triples, sorted",
    "nquads": "N-Quads, sorted, a named graph for each part",
    "trig": "TriG, a named graph for each part",
    "rdfxml": "RDF/XML",
    "jsonld": "JSON-LD",
    "csv": "CSV",
    "parquet": "Parquet",
    "graphml": "GraphML",
    "context": "which its JSON-LD has inside",
}
_FOLDER_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`?#]+")

_Parts = Mapping[str, Sequence[Triple]]


def write_release(
    folder: str | PathLike[str],
    *,
    previous: str | PathLike[str] | None = None,
    base_iri: str | None = None,
    issued: str | None = None,
    root: str | PathLike[str] | None = None,
    force: bool = False,
) -> None:
    """Write a release: a folder with the graph in all formats, described, and with a page to read.

    `previous` is the folder or an RDF file of an earlier release to compare with; `base_iri` the IRI under which the
    folder will be published; `issued` the day of the release as YYYY-MM-DD, else that of the ontology header; `root` is
    that of `destgraph.load`. The folder is complete or not there. Raises InputError when it exists and `force` is
    false, when it exists and is no release, when something cannot be read or written, and when the extra `export` is
    not installed.
    """
    if base_iri is not None and not _FOLDER_IRI.fullmatch(base_iri):
        raise InputError(f"{base_iri}: no IRI of a folder; write for example https://example.org/destgraph/0.1.0/")
    with replacing_folder(Path(folder), kind="release", marker=CHECKSUMS, force=force) as path:
        _fill(Folder(path), chosen_root(root), Path(previous) if previous else None, base_iri, issued)


def _fill(folder: Folder, root: Path, previous: Path | None, base_iri: str | None, issued: str | None) -> None:
    """Write all files of a release: the data, what describes them, and what shows them."""
    selection = Selection(root=root)
    parts = {part: list(selection.triples(part)) for part in PARTS}
    whole = [*chain.from_iterable(parts.values())]
    changes = compare(read_release(previous), whole) if previous else None

    _write_formats(folder, selection)
    if changes:
        folder.text("changes.md", "Changes, to read", "text/markdown", changes.to_markdown(), "changes")
        folder.text("changes.json", "Changes, as data", "application/json", changes.to_json(), "changes")
    _write_parts(folder, parts)
    _write_schemes(folder, whole)
    _write_questions(folder, [*selection.graph.questions.values()])

    release = metadata(selection.graph, base_iri, issued, changes.previous if changes else "")
    data = [*folder.files]
    counts = figures(whole)
    schema = schema_org(release, data)
    _write_descriptions(folder, release, data, counts, parts, schema)
    about = files_page(release, selection.graph, counts, _below_headings(folder.files), schema, changes)
    folder.text(PATH, "", "text/html", about)
    _write_site(folder, selection.graph)
    folder.checksums()


def _write_site(folder: Folder, graph: KnowledgeGraph) -> None:
    """Write the pages of the site, but for the files that the release has written already."""
    written = {file.name for file in folder.files}
    for page in pages(graph):
        if page.path not in written:
            with folder.open(page.path, "", page.media_type) as file:
                file.write(page.body)


def _write_formats(folder: Folder, selection: Selection) -> None:
    """Write the whole graph in each format."""
    for format_ in FORMATS.values():
        for stem, writer in format_.writers.items():
            part, place, title = _placed(stem)
            title = f"{title}, {_FORMAT_NAMES[format_.name]}"
            with folder.open(f"{place}{stem}{format_.suffix}", title, format_.media_type, part) as file:
                writer(selection, file)
    quads = FORMATS["nquads"]
    title = "Whole graph, N-Quads, compressed"
    with (
        folder.open("destgraph.nq.gz", title, quads.media_type, compressed="application/gzip") as file,
        packed(file) as packing,
    ):
        quads.writers["destgraph"](selection, packing)


def _placed(stem: str) -> tuple[str, str, str]:
    """Return of a file of a format the part, the folder and the title."""
    if stem == "destgraph":
        return "", "", "Whole graph"
    if stem == "context":
        return "context", "", "Meaning of the keys"
    return "tables", "tables/", stem.capitalize()


def _write_parts(folder: Folder, parts: _Parts) -> None:
    for part, triples in parts.items():
        folder.turtle(f"parts/{part}.ttl", f"{DATASETS[part]}, Turtle", triples, part)


def _write_schemes(folder: Folder, whole: Sequence[Triple]) -> None:
    for scheme in SCHEMES:
        title = f"{scheme.replace('-', ' ').capitalize()}, Turtle"
        folder.turtle(f"skos/{scheme}.ttl", title, skos(whole, [scheme]), "skos")


def _write_questions(folder: Folder, asked: Sequence[Question]) -> None:
    for question in asked:
        name = f"queries/{question.name}.rq"
        folder.text(name, question.summary, "application/sparql-query", question.query, "queries")
    folder.turtle("queries.ttl", "All questions, described in SHACL terms", executables(asked), "queries")


def _write_descriptions(
    folder: Folder,
    release: Release,
    data: Sequence[File],
    counts: Figures,
    parts: _Parts,
    schema: Mapping[str, Any],
) -> None:
    """Write what the release is in DCAT, VoID and schema.org."""
    of_parts = {part: figures(triples) for part, triples in parts.items()}
    in_json = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
    folder.turtle("dcat.ttl", "This release in DCAT 3", dcat(release, data, _datasets(data)), _ABOUT)
    folder.turtle("void.ttl", "The graph in VoID, with counts", void(release, counts, of_parts, data), _ABOUT)
    folder.text("dataset.jsonld", "This release in schema.org terms", "application/ld+json", in_json, _ABOUT)


def _datasets(files: Iterable[File]) -> dict[str, str]:
    """Return the parts of a release that have files, each with its title."""
    present = {file.part for file in files}
    return {part: title for part, title in DATASETS.items() if part in present}


def _below_headings(files: Sequence[File]) -> dict[str, list[File]]:
    """Return the files below each heading of the page."""
    return {heading: [file for file in files if file.part in parts] for heading, parts in _HEADINGS.items()}
