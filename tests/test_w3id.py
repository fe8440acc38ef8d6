"""The redirects of w3id.org, asked of a real Apache server."""

import contextlib
import http.client
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redirects import BROWSER, CASES, JSONLD, RDFXML, TURTLE

from destgraph.vocabulary import PREFIXES, SCHEMES

ROOT = Path(__file__).parents[1]
RELEASES = "https://example.org/destgraph"
MODULES = ("mpm_event", "authz_core", "headers", "rewrite")


@pytest.fixture(scope="module")
def apache() -> Iterator[http.client.HTTPConnection]:
    """Apache on a free port of the loopback interface, with the folder as w3id.org has it."""
    modules = Path("/usr/lib/apache2/modules")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # started by root, Apache reads with the rights of another account
        shutil.copytree(ROOT / "docs" / "w3id", folder / "www")
        port = configured(folder, modules)
        command: list[str | Path] = ["apache2", "-f", folder / "httpd.conf", "-DFOREGROUND"]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            try:
                yield connected(port, process)
            finally:
                process.terminate()


def configured(folder: Path, modules: Path) -> int:
    """Write the configuration, and return the port it names, one that was free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    lines = [
        *(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in MODULES),
        "User nobody",
        "Group nogroup",
        "ServerName localhost",
        f"ServerRoot {folder}",
        f"PidFile {folder}/pid",
        f"ErrorLog {folder}/error.log",
        f"Listen 127.0.0.1:{port}",
        f"DocumentRoot {folder}/www",
        f"<Directory {folder}/www>\nAllowOverride All\nRequire all granted\n</Directory>",
    ]
    (folder / "httpd.conf").write_text("\n".join(lines) + "\n")
    return port


def connected(port: int, process: "subprocess.Popen[bytes]") -> http.client.HTTPConnection:
    """Connect as soon as the server listens."""
    while process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.suppress(ConnectionRefusedError):
            connection.connect()
            return connection
    pytest.fail(f"Apache ended: {process.stderr.read().decode() if process.stderr else ''}")


def redirect(apache: http.client.HTTPConnection, path: str, accept: str) -> tuple[int, str]:
    """Ask for a path below the folder, and return status and place."""
    apache.request("GET", f"/destgraph/{path}", headers={"Accept": accept} if accept else {})
    answer = apache.getresponse()
    answer.read()
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Vary"] == "Accept"
    return answer.status, answer.headers["Location"].removeprefix(RELEASES)


@pytest.mark.parametrize(
    ("path", "accept", "place"),
    [
        *((path, accept, f"0.1.0/{place}") for path, accept, place in CASES),
        ("", BROWSER, "0.1.0/index.html"),
        ("", TURTLE, "0.1.0/index.html"),
        ("ontology/0.0.9", TURTLE, "0.0.9/parts/ontology.ttl"),
        ("ontology/0.0.9", BROWSER, "0.0.9/ontology.html"),
        ("dataset", TURTLE, "0.1.0/dcat.ttl"),
        ("dataset", BROWSER, "0.1.0/data.html"),
        ("dataset/0.0.9", JSONLD, "0.0.9/dataset.jsonld"),
        ("destination/", BROWSER, "0.1.0/index.html"),
        ("destination/", RDFXML, "0.1.0/destgraph.rdf"),
        ("destination/Bing", BROWSER, "0.1.0/index.html"),
    ],
)
def test_things_lead_to_what_describes_them(
    apache: http.client.HTTPConnection, path: str, accept: str, place: str
) -> None:
    """By 303, as they are no documents; a version leads to its own release, anything else to the latest."""
    assert redirect(apache, path, accept) == (303, f"/{place}")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("context/0.0.9", "/0.0.9/context.jsonld"),
        ("release/0.0.9/destgraph.ttl", "/0.0.9/destgraph.ttl"),
        ("release/0.0.9/skos/type.ttl", "/0.0.9/skos/type.ttl"),
        ("release/0.0.9/", "/0.0.9/"),
        ("release/0.0.9", "/0.0.9/"),
    ],
)
def test_documents_lead_to_their_files(apache: http.client.HTTPConnection, path: str, place: str) -> None:
    """By 302, whatever is asked for."""
    for accept in (TURTLE, BROWSER, ""):
        assert redirect(apache, path, accept) == (302, place)


def test_every_namespace_leads_somewhere(apache: http.client.HTTPConnection) -> None:
    """All prefixes of the table that are ours give the file of the thing."""
    own = [iri.removeprefix("https://w3id.org/destgraph/") for iri in PREFIXES.values() if "w3id.org/destgraph" in iri]
    paths = [f"{path}x" for path in own if path.endswith("/")]
    assert len(paths) > len(SCHEMES)
    for path in paths:
        assert redirect(apache, path, TURTLE) == (303, f"/0.1.0/{path}.ttl")
