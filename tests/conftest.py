"""The graph and the shapes, parsed once a session; tests only read them."""

import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import servers
from hypothesis import settings
from pyoxigraph import RdfFormat, Store
from rdflib import Graph

import destgraph
from destgraph import files
from destgraph.export import rdf
from destgraph.export.formats import FORMATS
from destgraph.export.selection import select
from destgraph.stores.http import PASSWORD, TOKEN, USERNAME
from destgraph.stores.publish import publish

ROOT = Path(__file__).parents[1]

pytest_plugins = ["browsing", "expected", "programs"]

# The same cases for each change, here as in CI; the nightly run looks for new ones with `--hypothesis-profile default`.
settings.register_profile("change", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("change")


@pytest.fixture(scope="session")
def catalog_graph() -> Graph:
    """Ontology, schemes and catalog, parsed by rdflib."""
    graph = Graph()
    for path in files.turtle():
        graph.parse(path, format="turtle")
    return graph


@pytest.fixture(scope="session")
def shapes_graph() -> Graph:
    """All shapes, parsed by rdflib."""
    graph = Graph()
    for path in files.turtle("shapes"):
        graph.parse(path, format="turtle")
    return graph


@pytest.fixture(scope="session")
def kg() -> destgraph.KnowledgeGraph:
    """The graph as `destgraph.load()` gives it."""
    return destgraph.load()


@pytest.fixture(scope="session")
def inferred_graph(kg: destgraph.KnowledgeGraph) -> Graph:
    """The inferred triples, parsed by rdflib from what `destgraph export --part inferred` writes."""
    return Graph().parse(data=rdf.turtle_text(kg.inferred), format="turtle")


@pytest.fixture(scope="session")
def exported_graph() -> Graph:
    """The whole graph in plain rdflib, from what `destgraph export` writes."""
    file = BytesIO()
    FORMATS["turtle"].writers["destgraph"](select(), file)
    return Graph().parse(data=file.getvalue(), format="turtle")


@pytest.fixture(scope="session")
def everything(exported_graph: Graph) -> Graph:
    """The graph with inferred types, as others get it: exported and read again by plain rdflib, without a reasoner."""
    return exported_graph


@pytest.fixture(scope="session")
def store() -> Store:
    """Ontology, schemes, catalog and shapes in an embedded store, without inferred triples."""
    store = Store()
    for path in (*files.turtle(), *files.turtle("shapes")):
        store.load(path=path, format=RdfFormat.TURTLE)
    return store


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of whoever runs the tests are for other servers."""
    for name in (USERNAME, PASSWORD, TOKEN):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session", autouse=True)
def ipython_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings and history of IPython are not those of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        yield


@pytest.fixture(scope="session")
def oxigraph(kg: destgraph.KnowledgeGraph) -> Iterator[destgraph.RemoteGraph]:
    """The graph published to the default graph of an Oxigraph server."""
    with servers.oxigraph() as url:
        publish(kg, f"{url}/query")
        yield destgraph.connect(f"{url}/query")


DATA1, DATA2, DATA3 = (f"http://kasei.us/2009/09/sparql/data/data{n}.rdf" for n in (1, 2, 3))


@pytest.fixture(scope="session")
def curl() -> str:
    """The program curl."""
    return shutil.which("curl") or ""


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Served]:
    """`destgraph serve` on loopback, with the named graphs of the W3C's protocol tests."""
    with servers.destgraph_with_graphs(tmp_path_factory.mktemp("served") / "log", DATA1, DATA2, DATA3) as found:
        yield found


@pytest.fixture(scope="session")
def virtuoso(kg: destgraph.KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[destgraph.RemoteGraph]:
    """The graph published to a named graph of a Virtuoso server, which gives few more rows than that at once."""
    with servers.virtuoso(tmp_path_factory.mktemp("virtuoso"), rows=20_000) as url:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv(USERNAME, servers.VIRTUOSO_LOGIN)
            environment.setenv(PASSWORD, servers.VIRTUOSO_LOGIN)
            publish(kg, f"{url}/sparql", "https://example.org/destgraph")
        yield destgraph.connect(f"{url}/sparql", graph_name="https://example.org/destgraph")
