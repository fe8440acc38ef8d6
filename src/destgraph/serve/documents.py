"""The parts of the graph as documents, and where each IRI of the graph leads."""
