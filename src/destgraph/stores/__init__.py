"""Where a graph is: in memory or at a SPARQL endpoint."""
