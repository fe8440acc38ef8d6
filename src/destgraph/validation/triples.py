"""Triples in memory, for the many lookups that shapes make: rdflib's own stores spend most of theirs on contexts."""

from collections.abc import Iterator
from typing import Any

from rdflib import Graph
from rdflib.plugins.stores.memory import SimpleMemory
from rdflib.term import Node

_Index = dict[Node, dict[Node, dict[Node, None]]]


class Triples(SimpleMemory):
    """The triples of one graph by subject and by predicate; prefixes are kept as rdflib does."""

    # For the datasets that pySHACL and rdflib make of it: it holds one graph, whichever is asked for.
    context_aware = True
    graph_aware = True

    def __init__(self, configuration: str | None = None, identifier: Any = None) -> None:
        """Start empty."""
        super().__init__(configuration, identifier)
        self._by_subject: _Index = {}
        self._by_predicate: _Index = {}
        self._number = 0

    def add(self, triple: Any, context: Any = None, quoted: bool = False) -> None:  # noqa: ARG002
        """Add a triple."""
        s, p, o = triple
        objects = self._by_subject.setdefault(s, {}).setdefault(p, {})
        before = len(objects)
        objects[o] = None
        if len(objects) > before:
            self._by_predicate.setdefault(p, {}).setdefault(o, {})[s] = None
            self._number += 1

    def remove(self, triple: Any, context: Any = None) -> None:
        """Take away the triples of a pattern, in which None stands for any term."""
        for (s, p, o), _ in [*self.triples(triple, context)]:
            del self._by_subject[s][p][o]
            del self._by_predicate[p][o][s]
            self._number -= 1

    def triples(self, triple: Any, context: Any = None) -> Iterator[Any]:  # noqa: ARG002
        """Yield the triples of a pattern, each with its contexts, which are none; they may change meanwhile."""
        s, p, o = triple
        if s is not None:
            of_subject = self._by_subject.get(s, {})
            for predicate, objects in [*of_subject.items()] if p is None else [(p, of_subject.get(p, {}))]:
                for value in [*objects] if o is None else [o] if o in objects else ():
                    yield (s, predicate, value), _CONTEXTS
        elif p is not None:
            of_predicate = self._by_predicate.get(p, {})
            for value, subjects in [*of_predicate.items()] if o is None else [(o, of_predicate.get(o, {}))]:
                for subject in [*subjects]:
                    yield (subject, p, value), _CONTEXTS
        elif o is not None:
            for predicate, of_predicate in [*self._by_predicate.items()]:
                for subject in [*of_predicate.get(o, ())]:
                    yield (subject, predicate, o), _CONTEXTS
        else:
            for subject, of_subject in [*self._by_subject.items()]:
                for predicate, objects in [*of_subject.items()]:
                    for value in [*objects]:
                        yield (subject, predicate, value), _CONTEXTS

    def __len__(self, context: Any = None) -> int:
        """Return how many triples there are."""
        return self._number


_CONTEXTS: Iterator[Any] = iter(())
"""The contexts of every triple."""


def empty_graph() -> Graph:
    """Return an empty graph, with no prefixes."""
    return Graph(store=Triples(), bind_namespaces="none")
