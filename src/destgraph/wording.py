"""Words for people: counts, terms on one line, what cannot be seen made visible, widths, did-you-mean."""

import re
from collections.abc import Iterable, Sequence

from pyoxigraph import NamedNode

from destgraph.results import Term, plain
from destgraph.vocabulary import shorten

_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|~&@$]|:(?=//)|(?<=www)\.", re.IGNORECASE)
JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{SOFT HYPHEN}"
"""What cannot be seen, and belongs to words and emoji all the same; it neither hides nor moves others."""


def count(number: int, thing: str) -> str:
    """Return "1 row", "2 rows"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def age(texts: str, as_read: str) -> str:
    """Return "texts of 2023-05 to 2026-09, read 2026-11": the months of the sources, and the day or month of reading.

    What is not known is left out.
    """
    return ", ".join([*([f"texts of {texts}"] if texts else []), *([f"read {as_read}"] if as_read else [])])


def readable(term: Term) -> str:
    """Return a term as text for people: prefixed names, no line breaks, nothing that steers a terminal."""
    return visible(" ".join((shorten(term) if isinstance(term, NamedNode) else plain(term)).split()), JOINERS)


def visible(text: str, kept: str = "") -> str:
    """Return a text in one line that steers no terminal and hides nothing.

    What cannot be seen in it, such as line breaks, control characters and what turns the direction of writing, is
    written as its escape, but for the characters `kept`.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in kept else c.encode("unicode_escape").decode() for c in text)


def visible_lines(text: str) -> str:
    """Return a text for a terminal, each of its lines `visible`; tabs and joiners stay."""
    return "\n".join(visible(line, JOINERS + "\t") for line in text.split("\n"))


def message(text: str) -> str:
    """Return what is to be told in one line, which may be followed by lines, indented, that quote a query."""
    return "\n  ".join(visible(line, JOINERS) for line in text.split("\n  "))


def address_names(addresses: Sequence[str]) -> list[str]:
    """Return a short name for each address: its last part, with the part that tells it from others of that name."""
    split = [address.rstrip("/").split("/") for address in addresses]
    names = []
    for parts in split:
        others = [other for other in split if other != parts and other[-1] == parts[-1]]
        aside = next((part for n, part in enumerate(parts) if all(other[n : n + 1] != [part] for other in others)), "")
        names.append(f"{parts[-1]} ({aside})" if others and aside else parts[-1])
    return names


def markdown_escaped(text: str) -> str:
    """Return a text of one line such that Markdown, and GitHub's, shows it as it is, not at the start of a line.

    Colons and full stops are escaped only where they would make an address, hence a link.
    """
    return _MARKDOWN.sub(r"\\\g<0>", text)


def display_width(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for wide letters, none for combining ones."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # takes long, and few answers need it

    return max(wcswidth(text), 0)


def wrapped(text: str, width: int, indent: str = "", *, hyphens: bool = False) -> list[str]:
    """Return a text as lines that take at most `width` columns of a terminal; those after the first are indented.

    No word is broken, but at `hyphens`, so that a longer one takes more.
    """
    if display_width(text) <= width:
        return [text] if text else []
    if text.isascii():
        from textwrap import wrap
    else:
        from wcwidth import wrap
    return wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=hyphens)


def suggestion(text: str, known: Iterable[str]) -> str:
    """Return "did you mean ..." with the names of `known` that are close to `text`; else list some."""
    known = sorted(known)
    if found := close(text, known):
        return f"did you mean {' or '.join(found)}?"
    some = ", ".join(known[:12])
    return f"known are {some}" + (f" and {len(known) - 12} more" if len(known) > 12 else "")


def close(text: str, known: Iterable[str]) -> list[str]:
    """Return the names of `known` that are, or have a word, close to `text`: at most five, in their order."""
    from difflib import SequenceMatcher  # only on the way to an error

    matcher = SequenceMatcher(b=text[:100].casefold())
    scores: dict[str, float] = {}
    for name in known:
        for part in (name, *name.replace("-", " ").split()):
            matcher.set_seq1(part.casefold())
            scores[name] = max(scores.get(name, 0.0), matcher.ratio())
    best = max(scores.values(), default=0.0)
    return [name for name, score in scores.items() if score >= max(0.6, best - 0.1)][:5]
