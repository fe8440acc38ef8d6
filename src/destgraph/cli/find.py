"""`destgraph find`: things and questions by words."""

from collections.abc import Sequence

import click

from destgraph.cli import output
from destgraph.cli.answers import Form, answer_options, print_answer, tell_no_rows
from destgraph.cli.common import Source, asked_graph
from destgraph.wording import count


@click.command(short_help="Find destinations, types, concepts and questions by words.")
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(min=1), default=10, show_default=True, metavar="NUMBER", help="Rows at most."
)
@answer_options()
@asked_graph
def find(words: Sequence[str], limit: int, form: Form, source: Source) -> None:
    """Find what WORDS are about: destinations, types, other concepts, platforms, vendors and questions.

    The best come first, each with the command that goes on from there. For example: destgraph find csv to my own s3
    """
    answer = source.open().find(" ".join(words), limit=None)
    if form.format_ in (None, "table") and form.columns is None:
        form = form._replace(columns="name,kind,command")  # the command has the id
    print_answer(answer[:limit], form)
    if not answer:
        tell_no_rows()
    elif form.format_ in (None, "table") and len(answer) > limit:
        output.tell(f"the best {limit} of {count(len(answer), 'row')}; --limit {len(answer)} shows all of them")
