"""What a graph holds, in numbers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Info:
    """What a graph holds: the version of its ontology, the age of its sources, and counts.

    `as_read` is the day the newest source was read (YYYY-MM-DD), `texts` the range of months that the texts are of
    ("2023-05 to 2026-09"); `inferred` counts the triples with dg:inferredType and dg:typeAgreement. Of own files,
    `own_destinations` counts what they bring and `changed` names the things of the graph about which they change what
    it says.
    """

    version: str
    as_read: str
    texts: str
    destinations: int
    connections: int
    extensions: int
    triples: int
    inferred: int
    own_destinations: int = 0
    changed: tuple[str, ...] = ()
