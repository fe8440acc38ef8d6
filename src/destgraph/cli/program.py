"""The command line: dresses the operations of the package, and turns errors into one line and an exit code.

A module a command, imported when that command runs. Exit codes: 0 fine, 1 findings, 2 wrong usage or unreadable
input, 3 a bug of destgraph, 4 endpoint, time or memory limit, incomplete answer, 130 interrupted.
"""

import sys
from importlib import import_module

import click

import destgraph
from destgraph.cli import output, signals
from destgraph.wording import suggestion


class _Commands(click.Group):
    """The commands, each the function of that name in the module of that name."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return ["ask", "find", "show", "explain", "sparql", "validate", "export", "release", "site", "serve", "publish"]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(context):
            return None
        command: click.Command = getattr(import_module(f"destgraph.cli.{name}"), name)
        return command

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(context)
        if args[0] not in known and args[0].isidentifier():
            raise destgraph.InputError(f"no command {args[0]!r}; {suggestion(args[0], known)}")
        return super().resolve_command(context, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="destgraph", message="%(prog)s %(version)s")
def cli() -> None:
    """Ask the knowledge graph of Adobe Experience Platform destinations."""


def main() -> None:
    """Run the command line."""
    output.prepare()
    signals.take()
    try:
        code = cli(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code)
    except signals.Ended as ended:
        signals.end(ended.number)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "destgraph"
        output.tell(f"destgraph: {error.format_message()} (see {command} --help)")
        sys.exit(2)
    except destgraph.InputError as error:
        output.tell(f"destgraph: {error}")
        sys.exit(2)
    except (destgraph.EndpointError, destgraph.TimeLimitError, destgraph.MemoryLimitError) as error:
        output.tell(f"destgraph: {error}")
        sys.exit(4)
    except BrokenPipeError:
        output.abandon()
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None:  # of files, readers and writers tell themselves
            output.tell(f"destgraph: standard output: {error.strerror}; give it room, or write to a file with -o")
            output.abandon()
            sys.exit(2)
        # A bug: say so in one line, where a traceback would hide it.
        output.tell(f"destgraph: internal error, please report it: {type(error).__name__}: {error}")
        sys.exit(3)
