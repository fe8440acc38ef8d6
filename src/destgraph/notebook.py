"""Magics for IPython and Jupyter: `%load_ext destgraph` brings `%ask`, `%%sparql` and the completion of both."""

import builtins
import keyword
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NoReturn

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import MagicArgumentParser

import destgraph
from destgraph.catalog import names, near, questions
from destgraph.rendering import tables
from destgraph.results import Solutions, Triples
from destgraph.stores.processes import Clock
from destgraph.stores.queryable import MEMORY, TIMEOUT
from destgraph.vocabulary import PREFIXES
from destgraph.wording import message, visible_lines

_FORMS: Mapping[type, Mapping[str, Callable[[Any], Any]]] = {
    bool: {},
    Solutions: {
        "csv": Solutions.to_csv,
        "dataframe": Solutions.to_dataframe,
        "json": Solutions.to_json,
        "markdown": tables.markdown,
        "records": Solutions.to_records,
        "tsv": Solutions.to_tsv,
    },
    Triples: {"turtle": Triples.to_turtle},
}
_FORMATS = sorted(name for formats in _FORMS.values() for name in formats)


@magics_class
class DestgraphMagics(Magics):
    """The magics; the graph is loaded once, when it is first asked."""

    def __init__(self, shell: InteractiveShell) -> None:
        """Take the shell whose variables `--out` sets."""
        super().__init__(shell)
        self._shell = shell

    @line_magic
    def ask(self, line: str) -> object:
        """Answer a canned question: %ask destinations-of-type type=edge-personalization."""
        with _one_block():
            arguments = self._arguments(_ASK, line)
            if arguments.question is None:
                return self._graph.questions
            if arguments.help:
                return questions.question(arguments.question, self._graph.root)
            graph = self._source(arguments)
            values = questions.named_values(arguments.parameters, questions.question(arguments.question, graph.root))
            answer = graph.ask(arguments.question, **values)
            if not answer:
                answer = replace(answer, notes=(*answer.notes, graph.why_no_rows(arguments.question, **values)))
            return self._deliver(answer, arguments)

    @cell_magic
    def sparql(self, line: str, cell: str) -> object:
        """Answer the SPARQL query in the cell, in which the prefixes of the graph need no declaration."""
        with _one_block():
            arguments = self._arguments(_SPARQL, line)
            graph = self._source(arguments)
            clock = Clock(arguments.timeout)
            limits = {"timeout": arguments.timeout, "memory": arguments.memory}
            try:
                answer = graph.query(cell.rstrip(), **limits, federate=arguments.federate)
            except destgraph.ReachingError as error:
                raise destgraph.InputError(f"{error}; allow it with --federate") from None
            if isinstance(answer, Solutions) and not answer:
                with suppress(destgraph.InputError, destgraph.EndpointError):
                    answer = replace(answer, notes=tuple(near.unknown_terms(graph.select, cell)))
            with clock.alarm():
                return self._deliver(answer, arguments)

    def _arguments(self, parser: "_Parser", line: str) -> Any:
        arguments = _arguments(parser, line)
        name = arguments.out
        if name is not None and (name.startswith("_") or hasattr(builtins, name) or name in self._shell.user_ns_hidden):
            raise destgraph.InputError(f"--out {name!r} is a name of Python or IPython; write for example --out rows")
        return arguments

    @cached_property
    def _graph(self) -> destgraph.KnowledgeGraph:
        return destgraph.load()

    def _source(self, arguments: Any) -> destgraph.Queryable:
        """Return the graph to ask: the shipped one, or one in an endpoint, which may change between two cells."""
        if arguments.endpoint is None:
            return self._graph
        return destgraph.connect(arguments.endpoint, arguments.graph, timeout=arguments.timeout)

    def _deliver(self, answer: bool | Solutions | Triples, arguments: Any) -> object:
        """Return the answer, as the format asked for, to be shown; or put it into the variable asked for."""
        value: object = answer
        if arguments.format is not None:
            formats = _FORMS[type(answer)]
            if arguments.format not in formats:
                possible = f"; use {', '.join(formats)}, or leave --format out" if formats else "; leave --format out"
                raise destgraph.InputError(f"this form of query has no format {arguments.format}{possible}")
            value = formats[arguments.format](answer)
        if arguments.out is not None:
            self._shell.user_ns[arguments.out] = value
            return None
        if isinstance(value, str):
            print(visible_lines(value.replace("\r\n", "\n").removesuffix("\n")))
            return None
        return value

    @context_matcher()  # type: ignore[untyped-decorator]
    def complete(self, context: CompletionContext) -> SimpleMatcherResult:
        """Complete questions, parameters, names, prefixed terms and options of the magics of this module."""
        line = context.text_until_cursor
        words, last = line.split()[1:], line.rpartition(" ")[2]
        if re.match(r"\s*%ask\s", line):
            found = self._ask_words(words, last)
        elif not context.full_text.lstrip().startswith("%%sparql"):
            return {"completions": []}
        elif context.cursor_line == 0:
            found = _option_words(_SPARQL, words, last)
        else:
            term = re.search(r"(?<![\w?$<:/#.-])[\w-]*(?::[\w.-]*)?$", line)  # no variable, no part of an IRI
            last = term[0] if term else ""
            found = self._terms(last) if term else []
        completions = [SimpleCompletion(text) for text in sorted(set(found)) if text.startswith(last)]
        return {"completions": completions, "matched_fragment": last, "suppress": True}

    def _ask_words(self, words: Sequence[str], last: str) -> list[str]:
        done = words[: len(words) - bool(last)]
        if last.startswith("-") or (done and done[-1].startswith("--")):
            return _option_words(_ASK, words, last)
        takes = {option for action in _ASK._actions if action.nargs != 0 for option in action.option_strings}
        asked = [word for before, word in pairwise(["", *done]) if not word.startswith("-") and before not in takes]
        if not asked:
            return [question.name for question in self._graph.questions.values()]
        known = {question.name: question for question in self._graph.questions.values()}
        if asked[0] not in known:
            return []
        name, equals, _ = last.partition("=")
        parameters = {parameter.name: parameter for parameter in known[asked[0]].parameters}
        if not equals:
            return [f"{parameter}=" for parameter in parameters]
        kind = parameters[name].kind if name in parameters else ""
        things = names.named(self._graph.select, kind) if kind in names.KINDS else []
        return [f"{name}={text}" for thing in things for text in (thing.id, f"{kind}:{thing.id}")]

    def _terms(self, typed: str) -> list[str]:
        prefix, colon, _ = typed.partition(":")
        if not colon:
            return [f"{known}:" for known in PREFIXES]
        if prefix not in PREFIXES:
            return []
        namespace = PREFIXES[prefix]
        rows = self._graph.select(
            f"""SELECT DISTINCT ?name {{ ?thing ?p ?o FILTER (STRSTARTS(STR(?thing), "{namespace}"))
                  BIND (STRAFTER(STR(?thing), "{namespace}") AS ?name) FILTER (!CONTAINS(?name, "#")) }}"""
        )
        return [f"{prefix}:{row.name}" for row in rows]


def _option_words(parser: MagicArgumentParser, words: Sequence[str], last: str) -> list[str]:
    """Return the options, or, after --format, the formats."""
    before = words[: len(words) - bool(last)]
    if before and before[-1] == "--format":
        return _FORMATS
    return _options(parser)


def _options(parser: MagicArgumentParser) -> list[str]:
    return [option for action in parser._actions for option in action.option_strings]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics and their completion."""
    magics = DestgraphMagics(shell)
    shell.register_magics(magics)
    shell.Completer.custom_matchers.append(magics.complete)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the completion away; IPython keeps magics until they are replaced."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [m for m in matchers if not isinstance(getattr(m, "__self__", None), DestgraphMagics)]


_LIMITS = (destgraph.TimeLimitError, destgraph.MemoryLimitError)


@contextmanager
def _one_block() -> Iterator[None]:
    """Show an error that the user can put right, and an interrupt, as its message only."""
    try:
        yield
    except (destgraph.InputError, *_LIMITS, destgraph.EndpointError, KeyboardInterrupt) as error:
        told = message(str(error) or "interrupted before there was an answer")
        error._render_traceback_ = lambda: [told]  # type: ignore[union-attr]
        raise


class _Parser(MagicArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise destgraph.InputError(f"{self.prog}: {message}; options are {', '.join(_options(self))}")


def seconds(text: str) -> float:
    """Return a time limit; ValueError, of which the parser tells by this function's name, when it is none."""
    number = float(text)
    if not number > 0:
        raise ValueError
    return number


def megabytes(text: str) -> int:
    """Return a memory limit; ValueError when it is none."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _parser(name: str) -> _Parser:
    parser = _Parser(name, add_help=False)  # type: ignore[no-untyped-call]
    parser.add_argument("--out", metavar="NAME", help="variable that the answer goes to, instead of being shown")
    parser.add_argument(
        "--format", choices=_FORMATS, metavar="FORMAT", help="another form than a table: text, records or a data frame"
    )
    parser.add_argument("--endpoint", metavar="URL", help="SPARQL endpoint to ask instead of the shipped graph")
    parser.add_argument("--graph", metavar="IRI", help="graph in the endpoint")
    parser.add_argument(
        "--timeout", type=seconds, default=TIMEOUT, help="seconds that an endpoint, or the query of %%sparql, may take"
    )
    return parser


_ASK = _parser("%ask")
_ASK.add_argument("question", nargs="?")
_ASK.add_argument("parameters", nargs="*")
_ASK.add_argument("--help", action="store_true", help="show what the question takes and gives")
_SPARQL = _parser("%%sparql")
_SPARQL.add_argument("--federate", action="store_true", help="allow SERVICE, and FROM in a store")
_SPARQL.add_argument(
    "--memory", type=megabytes, default=MEMORY, help="megabytes that the query and its answer may take"
)


def _arguments(parser: _Parser, line: str) -> Any:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise destgraph.InputError(f"{parser.prog} {line}: {error}; close the quotes") from None
    arguments = parser.parse_intermixed_args(words)
    if arguments.out is not None and (not arguments.out.isidentifier() or keyword.iskeyword(arguments.out)):
        raise destgraph.InputError(f"--out {arguments.out!r} is no name of a variable; write for example --out rows")
    if arguments.graph and not arguments.endpoint:
        raise destgraph.InputError("--graph names a graph in an endpoint; give --endpoint URL too")
    return arguments
