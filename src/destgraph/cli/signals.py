"""Signals that end the program, taken like an interrupt: what was begun is cleared away first."""

import os
import signal
from types import FrameType
from typing import NoReturn

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows lacks the second


class Ended(BaseException):
    """The program was told to end by the signal `number`."""

    def __init__(self, number: int) -> None:
        """Keep the signal."""
        super().__init__(number)
        self.number = number


def take() -> None:
    """Let SIGTERM, and SIGHUP of a terminal that is closed, raise Ended; those that are ignored stay so."""
    own = os.getpid()

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        if os.getpid() != own:  # a child has nothing to clear away, and no one to tell
            os._exit(128 + number)
        for other in _ENDING:  # another one must not stop the clearing
            signal.signal(other, signal.SIG_IGN)
        raise Ended(number)

    for number in _ENDING:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)


def end(number: int) -> None:
    """End as the signal would have done, which the caller of the program can see."""
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
