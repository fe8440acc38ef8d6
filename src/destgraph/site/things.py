"""A page for each thing of the graph."""

from pyoxigraph import NamedNode

from destgraph.site.frame import View


def thing(view: View, about: NamedNode) -> bytes:
    """Return the page of a thing."""
    model = view.model
    return view.render("thing.html", model.name(about), about=about, block=model.blocks[about])
