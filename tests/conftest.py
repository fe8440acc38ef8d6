"""The graph and the shapes, parsed once a session; tests only read them."""

from io import BytesIO
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store
from rdflib import Graph

import destgraph
from destgraph import export, files

ROOT = Path(__file__).parents[1]


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
    for path in sorted((files.root() / "ontology" / "shapes").glob("*.ttl")):
        graph.parse(path, format="turtle")
    return graph


@pytest.fixture(scope="session")
def kg() -> destgraph.KnowledgeGraph:
    """The graph as `destgraph.load()` gives it."""
    return destgraph.load()


@pytest.fixture(scope="session")
def inferred_graph(kg: destgraph.KnowledgeGraph) -> Graph:
    """The inferred triples, parsed by rdflib from what `destgraph export --part inferred` writes."""
    return Graph().parse(data=export.inferred(kg), format="turtle")


@pytest.fixture(scope="session")
def exported_graph() -> Graph:
    """The whole graph in plain rdflib, from what `destgraph export` writes."""
    file = BytesIO()
    export.FORMATS["turtle"].writers["destgraph"](export.select(), file)
    return Graph().parse(data=file.getvalue(), format="turtle")


@pytest.fixture(scope="session")
def store() -> Store:
    """Ontology, schemes, catalog and shapes in an embedded store, without inferred triples."""
    store = Store()
    for path in (*files.turtle(), *sorted((files.root() / "ontology" / "shapes").glob("*.ttl"))):
        store.load(path=path, format=RdfFormat.TURTLE)
    return store
