"""The errors that a caller can cause and put right."""


class InputError(ValueError):
    """An argument, a name, a query or a file that cannot be used; the message says where, what and what to do."""


class ReachingError(InputError):
    """A query that reaches for other data than the graph's, by SERVICE, LOAD or FROM, and was not allowed to."""


class TimeLimitError(TimeoutError):
    """A query that was stopped before it had answered."""


class BusyError(TimeLimitError):
    """A query that was not begun: others took all that answers queries, as long as it may take."""


class MemoryLimitError(MemoryError):
    """A query that was stopped because it, or its answer, took too much memory."""


class EndpointError(ConnectionError):
    """A store that cannot be reached, refuses, or gives an answer that is not whole; nothing of it is returned.

    `status` is the HTTP status of a refusal, else None.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        """Keep what is to be told, and the status."""
        super().__init__(message)
        self.status = status
