"""How many constraints of the shapes are held by a test: `python tests/mutation.py`.

Each constraint is removed in turn - a value of sh:minCount, a member of an sh:in list, a target, the severity, a line of a
query's pattern - and the cases of the rules that use the shape are run. A constraint that can go without any case
noticing survives, and is printed; then the exit code is 1.
"""

import sys
from collections.abc import Iterator

from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node
from test_shapes import CASES, NO_CONSTRAINTS, SHAPES, TARGETS, alone, name_of, read_case, rules, validate

from destgraph import files

Triple = tuple[Node, Node, Node]


def mutants(graph: Graph) -> Iterator[tuple[str, Triple]]:
    """Yield the constraints and targets of all shapes, with a name each."""
    for subject, predicate, value in sorted(graph):
        if (
            not isinstance(subject, URIRef)
            or subject not in SHAPES
            or (subject, RDF.type, SH.PrefixDeclaration) in graph
        ):
            continue
        if predicate in TARGETS or predicate == SH.qualifiedValueShape or predicate not in NO_CONSTRAINTS:
            if str(predicate).startswith(str(SH)) and predicate not in (SH.select, SH.prefixes):
                yield (
                    f"{name_of(subject)} {predicate.removeprefix(str(SH))} {name_of(value)}",
                    (subject, predicate, value),
                )


def is_noticed(graph: Graph, triple: Triple) -> bool:
    """Tell whether a case of a rule that uses the shape fails once the triple is gone."""
    mutant = Graph()
    for other in graph:
        if other != triple:
            mutant.add(other)
    for rule in sorted(rules(graph)):
        if triple in alone(graph, URIRef(str(rule))):
            for path in sorted((CASES / name_of(rule)).glob("*.ttl")):
                data, expected = read_case(path)
                try:
                    if validate(data, alone(mutant, URIRef(str(rule)))) != expected:
                        return True
                except Exception:  # pySHACL refuses the shape: the case fails
                    return True
    return False


def main() -> int:
    """Print the figure and the constraints that no case holds."""
    graph = Graph()
    for path in files.shapes():
        graph.parse(path)
    survivors, number = [], 0
    for name, triple in mutants(graph):
        number += 1
        if not is_noticed(graph, triple):
            survivors.append(name)
            print(f"not noticed: {name}", flush=True)
    print(f"{number - len(survivors)} of {number} constraints and targets are held by a case")
    return 1 if survivors or not number else 0


if __name__ == "__main__":
    sys.exit(main())
