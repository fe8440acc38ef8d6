"""The release folder: what is in it, that it is described truly, and that nothing half is ever left."""

import contextlib
import errno
import functools
import gzip
import hashlib
import http.server
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, Store
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SDO, SH, VOID, XSD, Graph, Namespace, URIRef

import destgraph
from destgraph import InputError, validation
from destgraph.catalog.questions import every
from destgraph.cli import cli
from destgraph.export.formats import FORMATS
from destgraph.files import replacing_folder
from destgraph.release import build
from destgraph.release.metadata import File, Release
from destgraph.release.page import files_page
from destgraph.release.void import Figures
from destgraph.vocabulary import PREFIXES, SCHEMES

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow
DESTGRAPH = Path(sysconfig.get_path("scripts")) / "destgraph"
SPDX = Namespace("http://spdx.org/rdf/terms#")
VERSION: str = re.findall(r'owl:versionInfo "(.*)"', (ROOT / "ontology" / "destgraph.ttl").read_text("utf-8"))[0]
DATASET = URIRef(f"https://w3id.org/destgraph/dataset/{VERSION}")
BASE = f"https://w3id.org/destgraph/release/{VERSION}/"
LINE = re.compile(r"(\S+) (\S+) (.+) \.")
DESCRIPTIONS = {"data.html", "dataset.jsonld", "dcat.ttl", "void.ttl"}
OWN = re.compile(
    r"(destgraph|dcat|void|queries|changes|dataset|context)\.[\w.]+|(parts|tables|skos|queries)/.*|data\.html|SHA256SUMS"
)
"""What a release has beside the pages of the site, which have tests of their own."""

# Terms that DCAT 3 and SPDX have and that rdflib has no list of: https://www.w3.org/TR/vocab-dcat-3/, section 11, and
# https://spdx.org/rdf/terms/
LATER = {URIRef(f"{DCAT}{name}") for name in ("isVersionOf", "previousVersion", "version")} | {
    SPDX[name] for name in ("Checksum", "algorithm", "checksum", "checksumAlgorithm_sha256", "checksumValue")
}


def run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    return subprocess.run(
        [DESTGRAPH, *arguments],
        env={name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"} | variables,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Return name and bytes of each file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release, as the command line writes it."""
    target = tmp_path_factory.mktemp("release") / VERSION
    result = run("release", target, PYTHONHASHSEED="1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    return target


@pytest.fixture(scope="module")
def everything_written(folder: Path) -> dict[str, bytes]:
    """Name and bytes of each file of the release, the pages of the site among them."""
    return contents(folder)


@pytest.fixture(scope="module")
def files(everything_written: dict[str, bytes]) -> dict[str, bytes]:
    """Name and bytes of each file that the release has beside the pages."""
    return {name: data for name, data in everything_written.items() if OWN.fullmatch(name)}


@pytest.fixture
def no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pages of the site out, which take longer than all the rest."""
    monkeypatch.setattr(build, "pages", lambda _: iter(()))


@pytest.fixture(scope="module")
def dcat(folder: Path) -> Graph:
    """The DCAT description, read by rdflib."""
    return Graph().parse(folder / "dcat.ttl")


@pytest.fixture(scope="module")
def void(folder: Path) -> Graph:
    """The VoID description, read by rdflib."""
    return Graph().parse(folder / "void.ttl")


@pytest.fixture(scope="module")
def page(files: dict[str, bytes]) -> Any:
    """The page of the files, parsed strictly: anything that HTML does not allow is an error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(files["data.html"].decode())


def test_help_links_of_findings_have_a_place(everything_written: dict[str, bytes]) -> None:
    """Below rules# and shapes#, each with a page, each rule is described."""
    for rule in validation.rules(root=ROOT):
        page, _, id_ = rule.help.removeprefix("https://w3id.org/destgraph/").partition("#")
        assert f' id="{id_}"'.encode() in everything_written[f"{page}.html"], rule.help


def lines(data: bytes) -> list[tuple[str, str, str]]:
    """Split N-Triples into subject, predicate and object, as text."""
    found = [LINE.fullmatch(line) for line in data.decode().splitlines()]
    assert found
    assert all(found)
    return [match.groups() for match in found if match]  # type: ignore[misc]


def test_two_runs_with_two_hash_seeds_give_the_same_bytes(
    tmp_path: Path, everything_written: dict[str, bytes], files: dict[str, bytes]
) -> None:
    """Of data and pages, whatever the seed, the time zone, the language and the folder's name."""
    target = tmp_path / "elsewhere"
    assert run("release", target, PYTHONHASHSEED="2", TZ="Pacific/Auckland", LC_ALL="C").returncode == 0
    other = contents(target)
    assert [*other] == [*everything_written]
    assert [name for name in other if other[name] != everything_written[name]] == []
    assert gzip.decompress(files["destgraph.nq.gz"]) == files["destgraph.nq"]


def test_documentation_lists_the_folder(files: dict[str, bytes]) -> None:
    """docs/release.md shows exactly the files beside the pages; of the two long lists it shows the pattern."""
    text = (ROOT / "docs" / "release.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    shown = [line.split("  ")[0] for line in block.splitlines()]
    assert shown == sorted({re.sub(r"^(queries|skos)/.*(\.\w+)$", r"\1/*\2", name) for name in files})


def test_sha256sum_accepts_the_checksums(folder: Path, everything_written: dict[str, bytes]) -> None:
    """Each file but the list itself is in it, and coreutils find all of them right; a changed file is found."""
    if shutil.which("sha256sum") is None:
        pytest.skip("sha256sum is missing: apt-get install coreutils")
    result = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S607
    assert result.returncode == 0
    assert result.stdout.splitlines() == [f"{name}: OK" for name in sorted(everything_written) if name != "SHA256SUMS"]


def test_every_file_is_a_distribution_with_its_size_and_checksum(dcat: Graph, files: dict[str, bytes]) -> None:
    """Of the dataset or of one of its parts; the descriptions themselves and the checksums are not data."""
    found = {}
    for distribution in dcat.subjects(RDF.type, DCAT.Distribution):
        (owner,) = dcat.subjects(DCAT.distribution, distribution)
        assert owner == DATASET or (DATASET, DCTERMS.hasPart, owner) in dcat
        (url,), (size,), (checksum,) = (
            list(dcat.objects(distribution, p)) for p in (DCAT.downloadURL, DCAT.byteSize, SPDX.checksum)
        )
        assert dcat.value(checksum, SPDX.algorithm) == SPDX.checksumAlgorithm_sha256
        value: Any = dcat.value(checksum, SPDX.checksumValue)
        assert (value.datatype, size.datatype) == (XSD.hexBinary, XSD.nonNegativeInteger)  # type: ignore[attr-defined]
        found[str(url).removeprefix(BASE)] = (int(str(size)), str(value))
    data = {name: text for name, text in files.items() if name not in DESCRIPTIONS | {"SHA256SUMS"}}
    assert found == {name: (len(text), hashlib.sha256(text).hexdigest()) for name, text in data.items()}


def test_media_types_are_those_of_the_formats(dcat: Graph) -> None:
    """A compressed file names both."""
    types = {}
    for distribution in dcat.subjects(RDF.type, DCAT.Distribution):
        url, type_, packed = (
            dcat.value(distribution, p) for p in (DCAT.downloadURL, DCAT.mediaType, DCAT.compressFormat)
        )
        assert (type_, RDF.type, DCTERMS.MediaType) in dcat
        types[str(url).removeprefix(BASE)] = tuple(
            str(t).removeprefix("https://www.iana.org/assignments/media-types/") for t in (type_, packed) if t
        )
    assert types["destgraph.nq.gz"] == ("application/n-quads", "application/gzip")
    for format_ in FORMATS.values():
        for stem in format_.writers:
            (name,) = (name for name in types if name.removeprefix("tables/") == f"{stem}{format_.suffix}")
            registered = format_.media_type.replace("graphml+xml", "xml")  # GraphML has no media type of its own
            assert types[name] == (registered,)
    assert types["queries/license.rq"] == ("application/sparql-query",)


def test_dataset_is_described(dcat: Graph, void: Graph, kg: destgraph.KnowledgeGraph) -> None:
    """Version, license, people and dates, in DCAT and VoID alike, as the ontology header has them."""
    ontology = URIRef("https://w3id.org/destgraph/ontology")
    for name in ("license", "creator", "publisher", "issued"):
        expected = set(kg.graph.objects(ontology, DCTERMS[name]))
        assert expected
        assert set(dcat.objects(DATASET, DCTERMS[name])) == set(void.objects(DATASET, DCTERMS[name])) == expected
    assert [str(v) for v in dcat.objects(DATASET, URIRef(f"{DCAT}version"))] == [VERSION]
    languages = {str(o).rpartition("/")[2] for o in dcat.objects(DATASET, DCTERMS.language)}
    assert languages == {"de", "en", "es", "fr", "it", "ja", "ko", "nl", "pt", "sv", "zh"}
    for property_ in (DCTERMS.title, DCTERMS.description, DCTERMS.modified, DCAT.landingPage, DCAT.keyword):
        assert list(dcat.objects(DATASET, property_))


def test_terms_of_the_descriptions_exist(dcat: Graph, void: Graph, folder: Path) -> None:
    """No property or class is invented or misspelt."""
    vocabularies: dict[str, Any] = {str(v): v for v in (DCAT, DCTERMS, FOAF, RDF, RDFS, SDO, SH, VOID)}
    graphs = (dcat, void, Graph().parse(folder / "queries.ttl"))
    used = {p for graph in graphs for p in graph.predicates()} | {o for g in graphs for o in g.objects(None, RDF.type)}
    used |= set(dcat.objects(None, SPDX.algorithm))
    assert len(used) > 50
    unknown = []
    for term in used - LATER:
        namespace = re.sub(r"[^/#]+$", "", str(term))
        if namespace not in vocabularies or term not in vocabularies[namespace]:
            unknown.append(term)
    assert unknown == []


def test_figures_of_void_are_counted_again(void: Graph, files: dict[str, bytes]) -> None:
    """From the lines of the N-Triples file, as text."""
    triples = lines(files["destgraph.nt"])
    type_ = f"<{RDF.type}>"
    classes: dict[str, set[str]] = defaultdict(set)
    for s, p, o in triples:
        if p == type_:
            classes[o].add(s)
    own = {s for s, _, _ in triples if s.startswith("<https://w3id.org/destgraph/")}
    counted = {
        VOID.triples: len(set(triples)),
        VOID.entities: len(own),
        VOID.distinctSubjects: len({s for s, _, _ in triples}),
        VOID.distinctObjects: len({o for _, _, o in triples}),
        VOID.properties: len({p for _, p, _ in triples}),
        VOID.classes: len(classes),
    }
    assert {p: int(str(void.value(DATASET, p))) for p in counted} == counted
    partitions = {
        f"<{void.value(node, VOID['class'])}>": int(str(void.value(node, VOID.entities)))
        for node in void.objects(DATASET, VOID.classPartition)
    }
    assert partitions == {class_: len(members) for class_, members in classes.items()}
    properties = {
        f"<{void.value(node, VOID.property)}>": int(str(void.value(node, VOID.triples)))
        for node in void.objects(DATASET, VOID.propertyPartition)
    }
    assert properties == Counter(p for _, p, _ in triples)


def test_subsets_and_linksets_of_void_are_counted_again(void: Graph, folder: Path, files: dict[str, bytes]) -> None:
    """Subsets from their own files, by rdflib; links from the text."""
    for part in ("ontology", "inferred", "shapes"):
        subset = URIRef(f"{DATASET}#{part}")
        assert (DATASET, VOID.subset, subset) in void
        assert list(void.objects(subset, VOID.dataDump)) == [URIRef(f"{BASE}parts/{part}.ttl")]
        graph = Graph().parse(folder / "parts" / f"{part}.ttl")
        assert int(str(void.value(subset, VOID.triples))) == len(graph)
        assert int(str(void.value(subset, VOID.distinctSubjects))) == len(set(graph.subjects()))
        assert int(str(void.value(subset, VOID.properties))) == len(set(graph.predicates()))
    links = {}
    for node in void.subjects(RDF.type, VOID.Linkset):
        target, predicate = void.value(node, VOID.objectsTarget), void.value(node, VOID.linkPredicate)
        space = str(void.value(target, VOID.uriSpace))
        links[str(predicate), space] = int(str(void.value(node, VOID.triples)))
    counted = {
        (predicate, space): sum(
            p == f"<{predicate}>" and o.startswith(f"<{space}") for _, p, o in lines(files["destgraph.nt"])
        )
        for predicate, space in links
    }
    assert links == counted
    closest = (PREFIXES["skos"] + "closeMatch", PREFIXES["pd"])
    assert links[closest] > 1
    assert (PREFIXES["rdfs"] + "subClassOf", PREFIXES["schema"]) in links


def test_vocabularies_and_examples_of_void_are_used_in_the_graph(void: Graph, files: dict[str, bytes]) -> None:
    """And no vocabulary of a property is left out."""
    triples = lines(files["destgraph.nt"])
    stated = {str(v) for v in void.objects(DATASET, VOID.vocabulary)}
    terms = {p[1:-1] for _, p, _ in triples} | {o[1:-1] for _, p, o in triples if p == f"<{RDF.type}>"}
    assert {re.sub(r"[^/#]+$", "", term) for term in terms} == stated
    subjects = {s for s, _, _ in triples}
    examples = [f"<{e}>" for e in void.objects(DATASET, VOID.exampleResource)]
    assert len(examples) == 3
    assert set(examples) <= subjects


def test_schema_org_description(files: dict[str, bytes], dcat: Graph, page: Any) -> None:
    """The one in the page is the one beside it, its terms exist, and it says what DCAT says."""
    document = json.loads(files["dataset.jsonld"])
    (embedded,) = (s.text for s in page.iter("script") if not s.get("src"))
    assert json.loads(embedded) == document
    assert "<" not in embedded
    local = document | {"@context": {"@vocab": str(SDO)}}
    graph = Graph().parse(data=json.dumps(local), format="json-ld")
    sdo: Any = SDO
    terms = set(graph.predicates()) | set(graph.objects(None, RDF.type))
    assert [t for t in terms - {RDF.type} if t not in sdo] == []
    assert {d["contentUrl"]: (d["contentSize"], d["sha256"]) for d in document["distribution"]} == {
        str(dcat.value(d, DCAT.downloadURL)): (
            f"{dcat.value(d, DCAT.byteSize)} B",
            str(dcat.value(dcat.value(d, SPDX.checksum), SPDX.checksumValue)),
        )
        for d in dcat.subjects(RDF.type, DCAT.Distribution)
    }
    assert 50 <= len(document["description"]) <= 5000
    assert document["license"] == "https://creativecommons.org/licenses/by/4.0/"


def test_links_of_the_page_resolve_when_served(
    folder: Path, files: dict[str, bytes], everything_written: dict[str, bytes], page: Any
) -> None:
    """Every file is linked, and each link gives that file from a plain web server."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    links = [e.get("href") for e in page.iter() if e.get("href")]
    local = [link.partition("#")[0] for link in links if not re.match(r"https?:|data:|#", link)]
    with served(handler) as base, contextlib.redirect_stderr(io.StringIO()):
        for link in sorted(set(local)):
            with urllib.request.urlopen(f"{base}/{link}") as answer:  # noqa: S310
                assert answer.read() == everything_written[link]
        with urllib.request.urlopen(f"{base}/") as answer:  # noqa: S310
            assert answer.read() == everything_written["index.html"]
    assert set(files) - {"data.html"} <= set(local)


@contextlib.contextmanager
def served(handler: Any) -> Iterator[str]:
    """Serve on a free port of the loopback interface."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def test_page_shows_the_figures_and_the_files(page: Any, files: dict[str, bytes], kg: destgraph.KnowledgeGraph) -> None:
    """The numbers of the graph, and each file with its checksum."""
    figures = {e.text: int(page.findall(".//dd")[n].text.replace(",", "")) for n, e in enumerate(page.iter("dt"))}
    triples = lines(files["destgraph.nt"])
    assert figures == {
        "destinations": len({row.destination for row in kg.ask("destinations-of-type", type="destination")}),
        "connections": len(kg.ask("destinations-of-type", type="connection")),
        "extensions": len(kg.ask("destinations-of-type", type="tag-extension")),
        "triples": len(triples),
        "triples inferred": len(kg.inferred),
        "classes used": len({o for _, p, o in triples if p == f"<{RDF.type}>"}),
        "properties used": len({p for _, p, _ in triples}),
        "questions": len(every()),
    }
    rows = [row for row in page.findall(".//tbody/tr") if row.find(".//a") is not None]
    hashes = {row.find(".//a").get("href"): row.find(".//code").text for row in rows}
    assert hashes == {
        name: hashlib.sha256(data).hexdigest()
        for name, data in files.items()
        if name not in ("data.html", "SHA256SUMS")
    }
    assert f"Version {VERSION} of " in "".join(page.find(".//main").itertext())


def test_code_on_the_page_runs(page: Any, folder: Path, files: dict[str, bytes], kg: destgraph.KnowledgeGraph) -> None:
    """Each of the tools in Python reads what the page tells it to."""
    printed = {}
    for section in page.findall(".//section"):
        title, block = section.find("h3"), section.find(".//code")
        if title.text == "Apache Jena":
            continue
        command = [sys.executable, "-c", block.text]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        printed[title.text] = result.stdout
    triples = f"{len(files['destgraph.nt'].splitlines())}\n"
    assert printed == {"rdflib": triples, "Oxigraph": triples, "pandas": f"{kg.info.destinations}\n"}


def test_questions_answer_the_same_on_the_release(folder: Path, kg: destgraph.KnowledgeGraph) -> None:
    """Each query as the RDF description has it, on the N-Triples file in a fresh store."""
    graph = Graph().parse(folder / "queries.ttl")
    store = Store()
    store.load(path=folder / "destgraph.nt", format=RdfFormat.N_TRIPLES)
    asked = {str(s).rpartition("/")[2]: str(q) for s, q in graph.subject_objects(SH.select)}
    assert asked == {question.name: question.query for question in every()}
    for name, query in asked.items():
        assert (folder / "queries" / f"{name}.rq").read_text(encoding="utf-8") == query
        rows: Any = store.query(query)
        assert [tuple(row) for row in rows] == [*kg.select(query).terms], name


def test_every_scheme_has_its_file(files: dict[str, bytes]) -> None:
    """In SKOS alone, one scheme a file, as `--part skos --scheme` writes it."""
    assert {name for name in files if name.startswith("skos/")} == {f"skos/{name}.ttl" for name in SCHEMES}
    result = run("export", "--part", "skos", "--scheme", "type")
    assert result.stdout.encode() == files["skos/type.ttl"]


@pytest.mark.usefixtures("no_pages")
def test_changes_date_and_place_of_a_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]
) -> None:
    """Changes are told in Markdown, JSON, DCAT and on the page; the day is that of SOURCE_DATE_EPOCH.

    See https://reproducible-builds.org/specs/source-date-epoch/
    """
    old = files["destgraph.nt"].decode()
    for before, after in {
        f'"{VERSION}"': '"0.0.9"',
        '"Microsoft Bing connection"@en': '"Bing"@en',
        f"<{PREFIXES['destination']}pega>": f"<{PREFIXES['destination']}pega-1>",
    }.items():
        assert before in old
        old = old.replace(before, after)
    (tmp_path / "old.nt").write_text(old, encoding="utf-8")
    target = tmp_path / "new"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    arguments = ["--previous", str(tmp_path / "old.nt"), "--base-iri", "https://example.org/data/0.1.0"]
    result = CliRunner().invoke(cli, ["release", str(target), *arguments], catch_exceptions=False)
    assert (result.exit_code, result.output) == (0, "")
    new = contents(target)
    assert set(new) - set(files) == {"changes.md", "changes.json"}
    changes = json.loads(new["changes.json"])
    assert (changes["previous"], changes["version"]) == ("0.0.9", VERSION)
    told = {(c["way"], c["iri"].removeprefix("https://w3id.org/destgraph/")) for c in changes["changes"]}
    assert {("added", "destination/pega"), ("removed", "destination/pega-1"), ("changed", "destination/bing")} <= told
    assert '`rdfs:label`: `"Bing"@en` → `"Microsoft Bing connection"@en`' in new["changes.md"].decode()
    graph = Graph().parse(target / "dcat.ttl")
    assert (DATASET, URIRef(f"{DCAT}previousVersion"), URIRef("https://w3id.org/destgraph/dataset/0.0.9")) in graph
    assert "Terms since 0.0.9: 1 added" in new["data.html"].decode()
    assert {str(o) for o in graph.objects(None, DCTERMS.issued)} == {"2027-01-15"}
    urls = {str(o) for o in graph.objects(None, DCAT.downloadURL)}
    assert {url.removeprefix("https://example.org/data/0.1.0/") for url in urls} < set(new)


def fill(target: Path, text: str, *, force: bool = False) -> None:
    """Put a folder with two files in a place."""
    with replacing_folder(target, kind="release", marker="mark", force=force) as folder:
        (folder / "text").write_text(text)
        (folder / "mark").write_text("made here")


def test_a_folder_is_replaced_only_by_force(tmp_path: Path) -> None:
    """And as a whole: no file of the old one stays."""
    target = tmp_path / "out"
    fill(target, "old")
    (target / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="the release exists; add --force to replace it"):
        fill(target, "new")
    assert contents(target) == {"mark": b"made here", "mine.txt": b"mine", "text": b"old"}
    fill(target, "new", force=True)
    assert contents(target) == {"mark": b"made here", "text": b"new"}
    assert [*tmp_path.iterdir()] == [target]
    assert target.stat().st_mode & 0o777 == 0o777 & ~current_umask()


def current_umask() -> int:
    """Return the umask, which can only be read by setting it."""
    os.umask(mask := os.umask(0))
    return mask


def test_a_folder_that_was_not_made_here_is_never_replaced(tmp_path: Path) -> None:
    """Not even by force, nor is a file; an empty folder is used."""
    target = tmp_path / "precious"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    for existing in (target, target / "thesis.txt"):
        with pytest.raises(InputError, match="exists and is no release folder; name another one"):
            fill(existing, "new", force=True)
    assert contents(target) == {"thesis.txt": b"years of work"}
    (target / "thesis.txt").unlink()
    fill(target, "new")
    assert contents(target) == {"mark": b"made here", "text": b"new"}


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=["full", "interrupt"]
)
def test_a_failure_leaves_the_old_folder(tmp_path: Path, error: BaseException) -> None:
    """And nothing beside it; a full disk is one clear line."""
    target = tmp_path / "out"
    fill(target, "old")

    def half() -> None:
        with replacing_folder(target, kind="release", marker="mark", force=True) as folder:
            (folder / "text").write_text("half")
            raise error

    expected = InputError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        half()
    if expected is InputError:
        assert str(caught.value) == f"{target}: No space left on device; name a folder that can be written to"
    assert contents(target) == {"mark": b"made here", "text": b"old"}
    assert [*tmp_path.iterdir()] == [target]


@pytest.mark.posix("signals")
def test_a_kill_leaves_the_old_folder(tmp_path: Path) -> None:
    """What was begun is beside it, under another name; the next run is not disturbed."""
    target = tmp_path / "out"
    fill(target, "old")
    program = f"""
import os, signal
from pathlib import Path
from destgraph.files import replacing_folder

with replacing_folder(Path({str(target)!r}), kind="release", marker="mark", force=True) as folder:
    (folder / "text").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert contents(target) == {"mark": b"made here", "text": b"old"}
    assert len([*tmp_path.iterdir()]) == 2
    fill(target, "new", force=True)
    assert contents(target) == {"mark": b"made here", "text": b"new"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--gzip"], "--gzip"),
        (["--base-iri", "here"], "here: no IRI of a folder; write for example https://example.org/destgraph/0.1.0/"),
        (["--previous", "none.nt"], "none.nt: No such file or directory; name the folder or the RDF file of a release"),
        (["--root", "."], ".: holds no graph of destgraph (ontology, data and queries); name its folder"),
    ],
)
def test_wrong_use_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    """And nothing is written."""
    monkeypatch.chdir(tmp_path)
    result = run("release", "out", *arguments)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert message in result.stderr
    assert [*tmp_path.iterdir()] == []


def test_the_day_must_be_one(tmp_path: Path) -> None:
    """SOURCE_DATE_EPOCH is a number of seconds."""
    result = run("release", tmp_path / "out", SOURCE_DATE_EPOCH="today")
    assert (result.returncode, result.stderr) == (
        2,
        "destgraph: SOURCE_DATE_EPOCH=today: no number of seconds since 1970\n",
    )


@pytest.mark.usefixtures("no_pages")
def test_a_missing_extra_is_named_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that installs it."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"needs? pyarrow; install it with: pip install '\.\[export\]'"):
        destgraph.write_release(tmp_path / "out")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.usefixtures("no_pages")
def test_python_writes_the_same_as_the_command(tmp_path: Path, files: dict[str, bytes]) -> None:
    """In one call; a graph of one's own is released from its folder."""
    target = tmp_path / "out"
    destgraph.write_release(target)
    sums = files["SHA256SUMS"].splitlines()
    assert {*contents(target).pop("SHA256SUMS").splitlines()} < {*sums}
    assert contents(target) == files | {"SHA256SUMS": contents(target)["SHA256SUMS"]}
    root = tmp_path / "mine"
    for part in ("ontology", "data", "queries"):
        shutil.copytree(ROOT / part, root / part)
    (root / "data" / "zz-own.ttl").write_text(
        "@prefix dg: <https://w3id.org/destgraph/ontology#> .\n<https://example.org/own> a dg:Extension .\n"
    )
    (root / "queries" / "zz-own.rq").write_bytes((root / "queries" / "types.rq").read_bytes())
    destgraph.write_release(target, root=root, force=True)
    own = contents(target)
    assert set(own) - set(files) == {"queries/zz-own.rq"}
    assert b"<https://example.org/own> " in own["destgraph.nt"]
    assert b"<dd>154</dd>" in own["data.html"]


def test_text_of_the_graph_is_no_markup_of_a_page(kg: destgraph.KnowledgeGraph) -> None:
    """Whatever a header or a title says is shown as text."""
    bad = "</script><b title='x'>&amp;\""
    told = Release(bad, bad, bad, bad, bad, bad, bad, bad, bad, bad, bad, ("en",))
    file = File(bad, bad, bad, 1, bad)
    counts = Figures(1, 1, 1, 1, {}, {}, (), {})
    text = files_page(told, kg, counts, {bad: [file]}, {"name": bad}, None)
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    assert "<b " not in text.partition("<body>")[2]
    assert bad not in text
