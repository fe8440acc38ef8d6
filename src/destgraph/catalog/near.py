"""Why an answer is empty: values that match nothing, terms that do not exist, and what is near them."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from pyoxigraph import Literal, NamedNode

from destgraph import query_text
from destgraph.catalog import names
from destgraph.catalog.questions import Parameter, Question
from destgraph.results import Select, Solutions, plain
from destgraph.vocabulary import PREFIXES, SCHEMES
from destgraph.wording import close, count

_TRIED, _TOLD = 12, 4
_ALIKE = 0.7

Terms = Mapping[str, Sequence[NamedNode | Literal]]


def why_no_rows(
    select: Select,
    answered: Callable[[str], Solutions],
    asked: Question,
    terms: Terms,
    texts: Mapping[str, str | Iterable[str]],
) -> str:
    """Return which of the terms that a question was asked with match nothing, and which near them do.

    `answered` answers the text of a question; `texts` are the terms as they were typed.
    """

    def rows(parameter: Parameter, values: Sequence[NamedNode | Literal]) -> int:
        given = {name: several for name, several in {**terms, parameter.name: values}.items() if several}
        return len(answered(asked.bind(given))) if given or not asked.needs_parameter else 0

    given = {
        parameter: f"{parameter.name}={typed if isinstance(typed, str) else ' or '.join(typed)}"
        for parameter in asked.parameters
        if terms.get(parameter.name)
        and (typed := texts.get(parameter.name, texts.get(parameter.name.replace("-", "_"))))
    }
    told = [f"nothing matches {' with '.join(given.values())}"] if given else []
    for parameter, shown in given.items():
        if not parameter.required and (without := rows(parameter, [])):
            told.append(f"without {shown} there are {count(without, 'row')}")
        tried = ((id_, rows(parameter, [term])) for id_, term in _near(select, parameter, terms[parameter.name]))
        if others := [f"{id_} ({count(number, 'row')})" for id_, number in tried if number][:_TOLD]:
            told.append(f"near {shown} there are {', '.join(others)}")
        elif parameter.kind == "destination":
            told.append(f"destgraph show {shown.partition('=')[2]} tells what is known")
    return "; ".join(told)


def _near(
    select: Select, parameter: Parameter, given: Sequence[NamedNode | Literal]
) -> list[tuple[str, NamedNode | Literal]]:
    """Return what could have been given for a parameter, the nearest first: in the tree of concepts, then by name."""
    if parameter.choices:
        return [(choice, Literal(choice)) for choice in parameter.choices if Literal(choice) not in given]
    if parameter.kind == "language":
        tags = select("SELECT DISTINCT (LCASE(LANG(?name)) AS ?tag) { ?thing skos:prefLabel ?name }").terms
        wanted = {plain(term).partition("-")[0].lower() for term in given}
        return [
            (plain(tag), Literal(plain(tag)))
            for (tag,) in sorted(tags, key=str)
            if plain(tag).partition("-")[0] in wanted and Literal(plain(tag)) not in given
        ]
    if parameter.kind not in SCHEMES:
        return []
    things = names.named(select, parameter.kind)
    asked = [thing for thing in things if thing.query_term in given]
    ids = {thing.id: thing for thing in things if thing not in asked}
    beside = {
        other
        for thing in asked
        for (other,) in select(
            f"""SELECT DISTINCT ?other {{
                  {{ {thing.iri} skos:broader+|^skos:broader+ ?other }}
                  UNION {{ {thing.iri} skos:broader/^skos:broader ?other }} }}"""
        ).terms
    }
    alike = {id_ for thing in asked for id_ in close(thing.id, ids)}
    nearest = sorted(ids.values(), key=lambda thing: (thing.iri not in beside, thing.id not in alike, thing.id))
    return [(thing.id, thing.query_term) for thing in nearest[:_TRIED]]


def unknown_terms(select: Select, query: str) -> list[str]:
    """Return of each term of the graph's vocabularies that a query names and the graph has not, what may be meant."""
    declared = {prefix.name: prefix.namespace for prefix in query_text.declared_prefixes(query)}
    namespaces = PREFIXES | declared
    written = dict.fromkeys((prefix, name) for prefix, name, _ in query_text.prefixed_names(query))
    terms = {
        f"{prefix}:{name}": NamedNode(namespaces[prefix] + name)
        for prefix, name in written
        if namespaces.get(prefix) in PREFIXES.values()
    }
    return [
        f"{shown} is no term of the graph{_meant(select, shown, term)}"
        for shown, term in terms.items()
        if not select(f"SELECT * {{ {{ {term} ?a ?b }} UNION {{ ?c {term} ?d }} UNION {{ ?e ?f {term} }} }} LIMIT 1")
    ]


def _meant(select: Select, shown: str, term: NamedNode) -> str:
    """Return "; did you mean ..." with terms of the same namespace, by id or name."""
    from difflib import get_close_matches

    prefix, _, name = shown.partition(":")
    namespace = Literal(term.value.removesuffix(name))
    known: dict[str, str] = {}
    for other, label in select(
        f"""SELECT DISTINCT ?other ?label {{
              {{ ?other a ?class }} UNION {{ ?subject ?other ?value }} FILTER (STRSTARTS(STR(?other), {namespace}))
              OPTIONAL {{ ?other rdfs:label|skos:prefLabel|skos:altLabel ?label }} }} ORDER BY ?other ?label"""
    ).terms:
        local = plain(other).removeprefix(namespace.value)
        if "#" not in local:
            known[local.casefold()] = local
            known.setdefault(plain(label).casefold(), local)
    alike = get_close_matches(name.casefold(), known, n=5, cutoff=_ALIKE)
    found = dict.fromkeys(f"{prefix}:{known[text]}" for text in alike)
    return f"; did you mean {' or '.join(found)}?" if found else ""
