"""The graph in memory: loaded from the files, classified, and ready for questions."""

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import cast

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple

from destgraph import files, names, patterns, questions
from destgraph.errors import InputError
from destgraph.results import Solutions

_RETRIEVED_ON = NamedNode(files.PREFIXES["dg"] + "retrievedOn")


@dataclass(frozen=True)
class KnowledgeGraph:
    """Ontology, catalog and inferred types, with the questions that can be asked of them.

    `store` holds all triples in its default graph; `inferred` lists those of them that were inferred.
    """

    store: Store
    inferred: tuple[Triple, ...]

    def ask(self, question: str, /, **parameters: str | Iterable[str]) -> Solutions:
        """Answer a canned question.

        `question` names a file of the `queries` folder. Each parameter takes an id, a label, an alternative
        label, a prefixed name or an IRI, or several of them, meaning any. Raises InputError for a question,
        a parameter or a name that is not known, or a parameter that is missing.
        """
        asked = questions.question(question)
        values = {name: [value] if isinstance(value, str) else list(value) for name, value in parameters.items()}
        bound = {
            name: [names.resolve(self.store, asked.parameter(name).kind, value) for value in given]
            for name, given in values.items()
        }
        return Solutions.of(cast("QuerySolutions", self.store.query(asked.bind(bound))))

    @property
    def as_read(self) -> str:
        """The day on which the newest source was read, as YYYY-MM-DD, or an empty string without sources."""
        dates = (quad.object for quad in self.store.quads_for_pattern(None, _RETRIEVED_ON, None))
        return max((date.value for date in dates if isinstance(date, Literal)), default="")


def load(data: Iterable[str | PathLike[str]] = ()) -> KnowledgeGraph:
    """Load the shipped graph, add own Turtle files, and infer the types that follow from features.

    `data` names the files to add. Nothing shipped is changed on disk. Raises InputError with file, line and
    column when one of them cannot be read or parsed.
    """
    store = Store()
    for path in (*files.turtle(), *data):
        try:
            store.load(Path(path).read_bytes(), format=RdfFormat.TURTLE)
        except SyntaxError as error:
            raise InputError(f"{path}:{error.lineno}:{error.offset}: {error.msg}; correct the Turtle") from None
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}; name a Turtle file that can be read") from None
    inferred = patterns.infer(store)
    store.extend(Quad(*triple) for triple in inferred)
    return KnowledgeGraph(store, tuple(inferred))
