"""Answers as text tables, for a terminal and for Markdown."""

from destgraph.results import Solutions
from destgraph.wording import display_width, markdown_escaped, readable, visible


def table(answer: Solutions, width: int | None = None) -> str:
    """Return the rows as aligned columns, at most `width` characters wide if given; cut texts end in "…".

    The first column, which names what is asked for, is cut last.
    """
    rows = [[*map(visible, answer.columns)], *([readable(term) for term in terms] for terms in answer.terms)]
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    if width is not None:
        while sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > 8:
            widest = max(range(len(widths)), key=lambda n: (n > 0 and widths[n] > 8, widths[n]))
            widths[widest] -= 1
    rows.insert(1, ["-" * wide for wide in widths])
    return "\n".join("  ".join(map(_fit, row, widths)).rstrip() for row in rows)


def markdown(answer: Solutions) -> str:
    """Return the rows as a Markdown table."""
    rows = [[markdown_escaped(visible(name)) for name in answer.columns], ["---"] * len(answer.columns)]
    rows += [[markdown_escaped(readable(term)) for term in terms] for terms in answer.terms]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _fit(text: str, width: int) -> str:
    if display_width(text) > width:
        while display_width(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - display_width(text))
