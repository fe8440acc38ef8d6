"""The decorator by which a result shows itself; what it looks like is written above it, in `rendering`."""

from typing import Any, TypeVar

T = TypeVar("T")


def shown(result: type[T]) -> type[T]:
    """Give a class of results what `print` and IPython ask for: text in a terminal, HTML in notebooks.

    The methods are set on the class itself, so the decorator stands above `@dataclass`: of the classes of an object
    IPython takes the first that has `_repr_pretty_` or a `__repr__` of its own, and a dataclass has one.
    """
    result._repr_html_ = _html  # type: ignore[attr-defined]
    result._repr_pretty_ = _pretty  # type: ignore[attr-defined]
    result.__str__ = _text  # type: ignore[method-assign]
    return result


def _html(result: object) -> str:
    from destgraph.rendering import html

    return html.html(result)


def _text(result: object) -> str:
    from destgraph.rendering import text

    return text.text(result)


def _pretty(result: object, printer: Any, _cycle: bool) -> None:
    printer.text(_text(result))
