"""The fault bench: a running house, faults and attacks on it, and one check of what is left."""

ROW_MODULES = ("bench.faultbench.processes_killed",)
"""The modules whose rows make up the bench, in the order of its table."""
