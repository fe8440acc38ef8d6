"""`destgraph find`: things and questions by words."""

from collections.abc import Sequence

import click

from destgraph.cli import output
from destgraph.cli.common import FORMAT_HELP, TABLES, Choice, Source, asked_graph, excel_safe, print_answer
from destgraph.wording import count


@click.command(short_help="Find destinations, types, concepts and questions by words.")
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(min=1), default=10, show_default=True, metavar="NUMBER", help="Rows at most."
)
@click.option("--format", "format_", type=Choice(TABLES), default="table", help=FORMAT_HELP)
@excel_safe
@asked_graph
def find(words: Sequence[str], limit: int, format_: str, excel_safe: bool, source: Source) -> None:
    """Find what WORDS are about: destinations, types, other concepts, platforms, vendors and questions.

    The best come first, each with the command that goes on from there. For example: destgraph find csv to my own s3
    """
    answer = source.open().find(" ".join(words), limit=None)
    print_answer(answer[:limit], format_, excel_safe=excel_safe)
    if format_ == "table" and len(answer) > limit:
        output.tell(f"the best {limit} of {count(len(answer), 'row')}; --limit {len(answer)} shows all of them")
