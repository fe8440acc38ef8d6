"""A server of the graph: the pages of the site, the SPARQL 1.1 Protocol, and the data that each IRI leads to."""
