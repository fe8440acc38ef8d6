"""The command line: a module a command, and `main` that runs them."""

from destgraph.cli.main import cli, main

__all__ = ["cli", "main"]
