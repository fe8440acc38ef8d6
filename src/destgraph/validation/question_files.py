"""The rule about question files: each can be listed, explained and asked."""

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import QuerySolutions, Store

from destgraph import inputs, query_text
from destgraph.catalog import headers, names, questions
from destgraph.catalog.headers import Fault, Field
from destgraph.errors import InputError
from destgraph.results import Term
from destgraph.validation.built_in import Looked, file_rule
from destgraph.validation.findings import Place
from destgraph.validation.reading import Files
from destgraph.validation.steps import Step

_EXAMPLE = """\
# queries/destinations-of-status.rq
#+ summary: Destinations of a status
#+ description: Lists the destinations that are offered in one way, such as beta.
#+ tags: status
#+ parameters:
#+   word:
#+     kind: text
#+     required: true
#+     example: beta
#+     description: The status.
#+ columns:
#+   destination: IRI of the destination
PREFIX dg: <https://w3id.org/destgraph/ontology#>
SELECT ?destination WHERE {
  VALUES ?_word { "beta" }
  ?destination dg:status ?_word
}
ORDER BY ?destination
"""


@file_rule(
    "question_not_usable",
    severity="error",
    problem="A question cannot be listed, explained or asked as its header says.",
    solution="Correct its header, its lines VALUES or its SELECT at the line given.",
    source="destgraph, questions",
    own=True,
    bad=_EXAMPLE.replace("kind: text", "kind: words"),
    good=_EXAMPLE,
)
def question_not_usable(files: Files) -> Looked:
    """Look at the question files: their headers, and how the rest of the file and the graph fit to them."""
    problems = []
    judged = [*files.judged(files.questions)]
    columns = {examined.query.document.file: examined.columns for examined in files.examined}
    for document in judged:
        if not files.watch.take(Step("checking questions", Place(document.file), question_not_usable.id)):
            continue
        question, faults = questions.examine(Path(document.file).stem, inputs.plain_lines(document.text))
        if question is not None and document.file not in files.unsafe:
            header, _ = headers.read(question.query)
            wrong = _wrong_columns(question, header, columns[document.file])
            faults = sorted({*wrong, *_wrong_examples(question, header, files)})
        for line, message in faults:
            problems.append(question_not_usable.problem(message, document.whole_line(line)))
    return Looked(len(judged), problems)


def _wrong_columns(question: questions.Question, header: Field, given: tuple[str, ...] | None) -> Iterator[Fault]:
    """Yield in what way the columns that the header tells of are not those of the SELECT, which are given."""
    line = header.fields["columns"].line
    if query_text.form(question.query) != "SELECT":
        yield Fault(line, "a question is a SELECT query; write one")
    elif given is not None and given != (*question.columns,):
        told = f"the header has the columns {', '.join(question.columns)}, the SELECT {', '.join(given)}"
        yield Fault(line, f"{told}; name the same in the same order")


def _wrong_examples(question: questions.Question, header: Field, files: Files) -> Iterator[Fault]:
    """Yield the examples that name nothing in the graph, or something else than the line VALUES holds."""
    if files.broken:
        return  # they may name what stands there
    prologue = query_text.prologue(question.query)
    for parameter in question.parameters:
        line = header.fields["parameters"].fields[parameter.name].fields["example"].line
        try:
            term = names.term(files.stored.select, parameter.kind, parameter.example, parameter.choices)
        except InputError as error:
            yield Fault(line, f"the example cannot be asked for: {error}")
            continue
        stated = _values(question, parameter, prologue)
        if stated is not None and stated != [term]:
            yield Fault(line, f"the example is {term}, and VALUES {parameter.variable} holds another; write the same")


def _values(question: questions.Question, parameter: questions.Parameter, prologue: str) -> list[Term] | None:
    """Return the terms in the line VALUES of a parameter, None where it cannot be read."""
    (line,) = (text for text in question.query.splitlines() if text.strip().startswith(f"VALUES {parameter.variable} "))
    try:
        solutions = Store().query(f"{prologue} SELECT * {{ {line} }}")
    except (SyntaxError, ValueError, RuntimeError):
        return None
    return [term for (term,) in solutions] if isinstance(solutions, QuerySolutions) else None
