"""How many constraints of the shapes are held by a test: `python tests/mutation.py`.

Each triple that constrains - the value of sh:minCount, an sh:in list, a query, a target - is removed in turn, and the
cases of the rules that use the shape are run. One that can go without a case noticing is printed, and then the exit
code is 1.
"""

import sys
from collections.abc import Iterator

from rdflib import SH, Graph, URIRef
from rdflib.term import Node
from test_shapes import CASES, NO_CONSTRAINTS, TARGETS, all_shapes, alone, name_of, read_case, rules, validate

from destgraph import files

Triple = tuple[Node, Node, Node]


def mutants(graph: Graph) -> Iterator[tuple[str, Triple]]:
    """Yield the constraints and targets of all shapes, with a name each."""
    beside = NO_CONSTRAINTS - {*TARGETS, SH.qualifiedValueShape}
    for shape in sorted(all_shapes(graph), key=str):
        for predicate, value in sorted(graph.predicate_objects(shape)):
            if predicate not in beside:
                name = str(predicate).removeprefix(str(SH))
                yield f"{name_of(shape)} {name} {name_of(value)}", (shape, predicate, value)


def is_noticed(graph: Graph, triple: Triple) -> bool:
    """Tell whether a case of a rule that uses the shape fails once the triple is gone."""
    mutant = Graph()
    for other in graph:
        if other != triple:
            mutant.add(other)
    for rule in sorted(rules(graph), key=str):
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
    for path in files.turtle("shapes"):
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
