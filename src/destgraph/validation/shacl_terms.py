"""Which terms of SHACL are applied: a table of SHACL, SHACL-SPARQL, the Advanced Features, and what is not applied."""

from collections.abc import Mapping

from rdflib import SH, URIRef


def term(name: str) -> URIRef:
    """Return a term of SHACL; rdflib's list has not all of them."""
    return URIRef(f"{SH}{name}")


APPLIED: frozenset[URIRef] = frozenset(
    term(name)
    for name in (
        # SHACL Core: shapes, targets and paths
        *("NodeShape", "PropertyShape", "Shape", "targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf"),
        *("property", "path", "alternativePath", "inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"),
        *("deactivated", "severity", "message", "Violation", "Warning", "Info"),
        # SHACL Core: constraints
        *("class", "datatype", "nodeKind", "minCount", "maxCount", "minExclusive", "minInclusive", "maxExclusive"),
        *("maxInclusive", "minLength", "maxLength", "pattern", "flags", "languageIn", "uniqueLang", "equals"),
        *("disjoint", "lessThan", "lessThanOrEquals", "not", "and", "or", "xone", "node", "qualifiedValueShape"),
        *("qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint", "closed", "ignoredProperties"),
        *("hasValue", "in", "IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"),
        # SHACL-SPARQL
        *("sparql", "select", "ask", "prefixes", "declare", "prefix", "namespace", "PrefixDeclaration"),
        *("SPARQLConstraint", "SPARQLExecutable", "SPARQLAskExecutable", "SPARQLSelectExecutable"),
        *("ConstraintComponent", "parameter", "Parameter", "optional", "validator", "nodeValidator"),
        *("propertyValidator", "SPARQLAskValidator", "SPARQLSelectValidator", "Validator", "Parameterizable"),
        # Advanced Features
        *("target", "Target", "SPARQLTarget", "TargetType", "SPARQLTargetType", "rule", "Rule", "TripleRule"),
        *("SPARQLRule", "SPARQLConstructExecutable", "construct", "condition", "subject", "predicate", "object"),
        *("order", "Function", "SPARQLFunction", "SHACLFunction", "returnType", "expression", "this", "nodes"),
        *("filterShape", "union", "intersection"),
    )
)
"""What is applied."""

WITHOUT_EFFECT: frozenset[URIRef] = frozenset(
    term(name)
    for name in (
        *("name", "description", "group", "PropertyGroup", "defaultValue", "labelTemplate", "shapesGraph"),
        *("suggestedShapesGraph", "ValidationReport", "ValidationResult", "AbstractResult", "ResultAnnotation"),
        *("conforms", "detail", "focusNode", "result", "resultAnnotation", "resultMessage", "resultPath"),
        *("resultSeverity", "shapesGraphWellFormed", "sourceConstraint", "sourceConstraintComponent"),
        *("sourceShape", "value", "annotationProperty", "annotationValue", "annotationVarName", "NodeKind"),
        *("Severity", "SPARQLUpdateExecutable", "update"),
    )
)
"""What has no effect on what is found: it is for forms and reports, or only describes."""

NOT_APPLIED: Mapping[URIRef, str] = {
    term(name): reason
    for reason, names in {
        "it runs JavaScript": (
            *("js", "jsFunctionName", "jsLibrary", "jsLibraryURL", "JSConstraint", "JSConstraintComponent"),
            *("JSExecutable", "JSFunction", "JSLibrary", "JSRule", "JSTarget", "JSTargetType", "JSValidator"),
        ),
        "it asks for an inference that is not done here": ("entailment",),
        "this kind of expression is not known": (
            *(
                "if",
                "then",
                "else",
                "count",
                "distinct",
                "minus",
                "exists",
                "groupConcat",
                "separator",
                "desc",
                "limit",
            ),
            *("max", "min", "offset", "orderBy", "sum", "asc", "var"),
        ),
        "it derives values, which is not done here": ("values",),
        "it belongs to a draft of SHACL 1.2": (
            *("nodeByExpression", "targetWhere", "targetShape", "reifierShape", "reificationRequired"),
            *("singleLine", "minListLength", "maxListLength", "memberShape", "uniqueMembers", "rootClass"),
            *("someValue", "subsetOf", "uniqueValuesFor", "sparqlExpr", "ShapeClass", "severityThreshold"),
            *("expects", "agentInstruction", "intent"),
        ),
    }.items()
    for name in names
}
"""What is not applied, and why: it is reported wherever it stands."""

ONLY_WITH: Mapping[URIRef, URIRef] = {
    SH.flags: SH.pattern,
    SH.ignoredProperties: SH.closed,
    SH.qualifiedMinCount: SH.qualifiedValueShape,
    SH.qualifiedMaxCount: SH.qualifiedValueShape,
    SH.qualifiedValueShapesDisjoint: SH.qualifiedValueShape,
}
"""What means nothing without another property beside it."""

DRAFTS: frozenset[URIRef] = frozenset(
    term(name)
    for name in (
        *("Debug", "Trace", "ShapesGraph", "DefaultValueRule", "conformanceDisallows", "rules", "join", "remove"),
        *("findFirst", "flatMap", "matchAll", "instancesOf", "pathValues", "ListParameter"),
    )
)
"""Other terms of drafts, which may come and go."""


def table() -> str:
    """Return the table of the terms as Markdown."""
    rows = [("applied", APPLIED), ("no effect on what is found", WITHOUT_EFFECT)]
    for reason in dict.fromkeys(NOT_APPLIED.values()):
        rows.append(
            (f"not applied, reported: {reason}", frozenset(t for t, why in NOT_APPLIED.items() if why == reason))
        )
    lines = ["| Terms | |", "| --- | --- |"]
    for what, terms in rows:
        names = sorted((t.removeprefix(str(SH)) for t in terms), key=lambda name: (name.casefold(), name))
        lines.append(f"| {' '.join(f'`{name}`' for name in names)} | {what} |")
    return "\n".join(lines)
