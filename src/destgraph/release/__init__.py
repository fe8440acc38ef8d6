"""A release: a folder with the graph in all formats, described and checksummed."""
