"""The error that a caller can cause and put right."""


class InputError(ValueError):
    """An argument, a name or a file that cannot be used; the message says where, what is wrong and what to do."""
