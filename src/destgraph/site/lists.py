"""Pages that lead to others: the start, and what is shown where there is nothing."""

from destgraph.site.frame import View


def start(view: View) -> bytes:
    """Return the first page."""
    return view.render("index.html", "Destinations of Adobe Experience Platform")


def not_found(view: View) -> bytes:
    """Return what is shown where there is no page."""
    return view.render("404.html", "Not found")
