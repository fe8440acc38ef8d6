"""The site as a folder of files that works anywhere: on any web server, below any path, and by double click."""

from os import PathLike
from pathlib import Path

from destgraph.files import replacing_folder
from destgraph.site.frame import Page
from destgraph.site.pages import pages
from destgraph.stores.memory import KnowledgeGraph

MARKER = "assets/graph.nt.gz"
"""The file that tells the folder of a site from any other."""


def write_site(graph: KnowledgeGraph, folder: str | PathLike[str], *, force: bool = False) -> None:
    """Write the site of a graph, own data that it was loaded with included, to a folder.

    The folder is complete or not there. Raises InputError when it exists and `force` is false, when it exists and is no
    site, and when something cannot be written.
    """
    with replacing_folder(Path(folder), kind="site", marker=MARKER, force=force) as path:
        for page in pages(graph):
            write_page(path, page)


def write_page(folder: Path, page: Page) -> None:
    """Write a page below the folder of a site."""
    path = folder / page.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(page.body)
