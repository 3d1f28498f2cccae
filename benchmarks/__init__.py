"""Speed, as ratios of one run: `make bench`, or ``python -m benchmarks [topic ...]``.

Absolute times belong to a machine and its load; a ratio of two things timed in turn in one process hardly does.
Nothing here is asserted: numbers are for people to read.
"""
