"""A release: a folder with the graph in all formats, described, checksummed and compared with the release before.

The same files give the same bytes: dates come from the ontology header, from the sources and from the caller, never
from the clock.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO

from pyoxigraph import Triple

from destgraph import validation
from destgraph.catalog import questions
from destgraph.errors import InputError
from destgraph.export.formats import FORMATS, PARTS, Selection, compressed
from destgraph.export.rdf import turtle_text
from destgraph.export.skos import skos
from destgraph.files import root
from destgraph.release.about import SPACE, File, Release, dcat, figures, schema_org, void
from destgraph.release.changes import Changes, compare, read
from destgraph.release.folder import replace
from destgraph.release.page import page, rules_page
from destgraph.release.questions import executables
from destgraph.stores.memory import KnowledgeGraph
from destgraph.vocabulary import SCHEMES

CHECKSUMS = "SHA256SUMS"
"""The file that tells a release folder from any other."""

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
_NAMES = {
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
_PLACES = {"destgraph": ("", "", "Whole graph"), "context": ("context", "", "Meaning of the keys")}


@dataclass(frozen=True)
class _Content:
    """A file to write."""

    name: str
    title: str
    media_type: str
    write: Callable[[IO[bytes]], None]
    part: str = ""
    compressed: str = ""


def write(
    target: Path,
    previous: Path | None = None,
    base: str | None = None,
    issued: str | None = None,
    force: bool = False,
) -> None:
    """Write a release to the folder `target`.

    `previous` is the folder or an RDF file of an earlier release to compare with; `base` the IRI under which the
    folder will be published; `issued` the day of the release as YYYY-MM-DD, else that of the ontology header. The
    folder is complete or not there, see `destgraph.release.folder`. Raises InputError when `target` exists and `force`
    is false, when it is no release, and when something cannot be read or written.
    """
    if base is not None and not re.fullmatch(r"https?://[^\s<>\"{}|\\^`?#]+", base):
        raise InputError(f"{base}: no IRI of a folder; write for example https://example.org/destgraph/0.1.0/")
    replace(target, CHECKSUMS, partial(_build, previous=previous, base=base, issued=issued), force)


def _build(folder: Path, previous: Path | None, base: str | None, issued: str | None) -> None:
    """Write all files of a release into an empty folder."""
    selection = Selection()
    triples = {part: list(selection.triples(part)) for part in PARTS}
    whole = [*chain.from_iterable(triples.values())]
    changes = compare(read(previous), whole) if previous else None
    release = _release(selection.graph, base, issued, changes)
    files = [_written(folder, content) for content in _contents(selection, triples, changes)]
    datasets = {part: title for part, title in DATASETS.items() if any(file.part == part for file in files)}
    counts, schema = figures(whole), schema_org(release, files)
    graphs = {part: figures(triples[part]) for part in PARTS}
    rules = validation.rules(root())
    about = [
        _turtle("dcat.ttl", "This release in DCAT 3", dcat(release, files, datasets), _ABOUT),
        _turtle("void.ttl", "The graph in VoID, with counts", void(release, counts, graphs, files), _ABOUT),
        _text("dataset.jsonld", "This release in schema.org terms", "application/ld+json", schema, _ABOUT),
        _text("rules.html", "Rules of destgraph validate", "text/html", rules_page(release, rules), _ABOUT),
    ]
    listed = [*files, *(_written(folder, content) for content in about)]
    html = page(
        release,
        selection.graph.info,
        len(questions.every()),
        counts,
        {heading: [file for file in listed if file.part in parts] for heading, parts in _HEADINGS.items()},
        selection.graph.hierarchy().svg(),
        schema,
        changes,
    )
    index = _written(folder, _text("index.html", "", "text/html", html))
    named = sorted((*listed, index), key=lambda file: file.name)
    (folder / CHECKSUMS).write_text("".join(f"{file.sha256}  {file.name}\n" for file in named), encoding="utf-8")


def _release(graph: KnowledgeGraph, base: str | None, issued: str | None, changes: Changes | None) -> Release:
    """Return what the ontology header and the sources say about a release."""
    ((version, license_, agent, name, source, released, modified),) = graph.select(
        """SELECT ?version ?license ?agent ?name ?source (STR(?issued) AS ?day) (STR(?modified) AS ?last) {
             ?o a owl:Ontology ; owl:versionInfo ?version ; dcterms:license ?license ; dcterms:publisher ?agent ;
                dcterms:source ?source ; dcterms:issued ?issued ; dcterms:modified ?modified .
             ?agent rdfs:label ?name }"""
    )
    tags = graph.select("SELECT DISTINCT (LANG(?text) AS ?tag) { ?thing skos:prefLabel ?text }")
    info, earlier = graph.info, changes.previous if changes else ""
    return Release(
        version=version,
        title="Knowledge graph of Adobe Experience Platform destinations",
        description=f"Which of the {info.destinations} destinations in the catalog of Adobe Experience Platform is of"
        " which type, what data leaves, how, keyed by what and under which license, each fact with the page it comes"
        " from: an OWL ontology, SKOS schemes, a catalog, SHACL shapes and SPARQL questions. Unofficial; Adobe and the"
        " names of its products belong to Adobe.",
        license=license_,
        agent=agent,
        agent_name=name,
        source=source,
        issued=issued or released,
        modified=max(modified, info.as_read),
        as_read=info.as_read,
        base=f"{(base or f'{SPACE}release/{version}').rstrip('/')}/",
        languages=tuple(sorted({tag.partition("-")[0] for (tag,) in tags})),
        previous=earlier if earlier != version and re.fullmatch(r"[\w.+-]+", earlier) else "",
    )


def _contents(selection: Selection, triples: Mapping[str, list[Triple]], changes: Changes | None) -> Iterator[_Content]:
    """Yield the files of a release but for its descriptions."""
    for format_ in FORMATS.values():
        for stem, writer in format_.writers.items():
            part, folder, title = _PLACES.get(stem, ("tables", "tables/", stem.capitalize()))
            yield _Content(
                f"{folder}{stem}{format_.suffix}",
                f"{title}, {_NAMES[format_.name]}",
                format_.media_type,
                partial(writer, selection),
                part,
            )
    quads = FORMATS["nquads"]
    (writer,) = quads.writers.values()
    packed = partial(compressed, selection, writer)
    yield _Content(
        "destgraph.nq.gz", "Whole graph, N-Quads, compressed", quads.media_type, packed, "", "application/gzip"
    )
    if changes:
        yield _text("changes.md", "Changes, to read", "text/markdown", changes.to_markdown(), "changes")
        yield _text("changes.json", "Changes, as data", "application/json", changes.to_json(), "changes")
    for part in PARTS:
        yield _turtle(f"parts/{part}.ttl", f"{DATASETS[part]}, Turtle", triples[part], part)
    whole = [*chain.from_iterable(triples.values())]
    for scheme in SCHEMES:
        yield _turtle(
            f"skos/{scheme}.ttl", f"{scheme.replace('-', ' ').capitalize()}, Turtle", skos(whole, [scheme]), "skos"
        )
    for question in questions.every():
        yield _text(
            f"queries/{question.name}.rq", question.summary, "application/sparql-query", question.query, "queries"
        )
    yield _turtle("queries.ttl", "All questions, described in SHACL terms", executables(questions.every()), "queries")


def _text(name: str, title: str, media_type: str, text: str, part: str = "") -> _Content:
    return _Content(name, title, media_type, lambda file: _put(file, text), part)


def _turtle(name: str, title: str, triples: Iterable[Triple], part: str) -> _Content:
    return _text(name, title, "text/turtle", turtle_text(triples), part)


def _put(file: IO[bytes], text: str) -> None:
    file.write(text.encode())


def _written(folder: Path, content: _Content) -> File:
    """Write one file, and return what is known of it then."""
    path = folder / content.name
    path.parent.mkdir(exist_ok=True)
    with path.open("xb") as file:
        content.write(file)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return File(content.name, content.title, content.media_type, len(data), digest, content.part, content.compressed)
