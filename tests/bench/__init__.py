"""Benchmarks: `make bench`. Absolute figures are of one machine; ratios compare within the same run."""
