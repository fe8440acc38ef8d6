"""Comparisons with peers: `pytest benchmarks` prints the ratios of one run. No time is ever asserted."""
