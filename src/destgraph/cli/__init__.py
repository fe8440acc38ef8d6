"""The command line: a module a command, and `main` that runs them."""

from destgraph.cli.program import cli, main

__all__ = ["cli", "main"]
