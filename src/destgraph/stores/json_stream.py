"""JSON that comes in pieces, read value by value: what is held is a value, not the whole text."""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any

_DIGITS = 1000  # no answer needs a number, let alone one that takes time to convert
_TEXT = re.compile(r"[^ \t\n\r]")


def _number(digits: str) -> float:
    if len(digits) > _DIGITS:
        raise ValueError(f"it holds a number of {len(digits):,} digits")
    return float(digits)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


class JsonStream:
    """A JSON text that comes as UTF-8 in pieces.

    An object or a list is entered with `members` or `items`; each value in it has then to be taken with `value`, or to
    be entered in turn, before the next one is asked for. All methods raise ValueError for what is no JSON, for a name
    that an entered object has twice, for a value of more than `largest` characters, for one nested too deeply, and for
    a number that is too long.
    """

    def __init__(self, pieces: Iterable[bytes], largest: int) -> None:
        """Take the pieces; none is read before it is needed."""
        self._scan = JSONDecoder(parse_int=_number, parse_constant=_no_number).raw_decode
        self._pieces = _decoded(pieces)
        self._largest = largest
        self._text, self._at = "", 0

    def members(self) -> Iterator[str]:
        """Yield the names in the object that begins here."""
        seen = set()
        self._take("{")
        if self._peek() == "}":
            self._take("}")
            return
        while True:
            if self._peek() != '"':
                self._take('"')
            name = self.value()
            if name in seen:
                raise ValueError(f"it has {name!r} twice")
            seen.add(name)
            self._take(":")
            yield name
            if self._take(",}") == "}":
                return

    def items(self) -> Iterator[Any]:
        """Yield the values in the list that begins here."""
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        while True:
            yield self.value()
            if self._take(",]") == "]":
                return

    def value(self) -> Any:
        """Return the value that begins here, with all that is in it; numbers as float."""
        self._peek()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except RecursionError:
                raise ValueError("it is nested too deeply") from None
            except JSONDecodeError as error:
                if self._more():
                    continue
                raise ValueError(error.msg) from None
            if (
                isinstance(value, float) and len(self._text) < end + 3 and self._more()
            ):  # it may go on, as in 1.5 or 1e+5
                continue
            self._at = end
            return value

    def end(self) -> None:
        """Raise ValueError when anything but space is left."""
        if self._next_or_none() is not None:
            raise ValueError("something follows its end")

    def _take(self, allowed: str) -> str:
        """Go past a character, which must be one of those allowed, and return it."""
        found = self._peek()
        if found not in allowed:
            raise ValueError(f"it has {found!r} where {' or '.join(allowed)} should be")
        self._at += 1
        return found

    def _peek(self) -> str:
        """Return the next character that is no space."""
        found = self._text[self._at : self._at + 1]
        if found > " ":  # as in most answers, and quicker
            return found
        found = self._next_or_none()  # type: ignore[assignment]
        if found is None:
            raise ValueError("it breaks off")
        return found

    def _next_or_none(self) -> str | None:
        while True:
            if found := _TEXT.search(self._text, self._at):
                self._at = found.start()
                return found[0]
            self._at = len(self._text)
            if not self._more():
                return None

    def _more(self) -> bool:
        """Read on, by as much as is pending or more, so that a long value is not begun over and over."""
        pending = self._text[self._at :]
        if len(pending) > self._largest:
            raise ValueError(f"it holds a value of more than {self._largest:,} characters")
        parts, wanted = [pending], min(len(pending), self._largest - len(pending))
        while wanted >= 0 and (piece := next(self._pieces, "")):
            parts.append(piece)
            wanted -= len(piece)
        if len(parts) == 1:
            return False
        self._text, self._at = "".join(parts), 0
        return True


def _decoded(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the text of pieces, none of it empty."""
    decoder = getincrementaldecoder("utf-8")()
    for piece in pieces:
        if text := decoder.decode(piece):
            yield text
    decoder.decode(b"", final=True)
