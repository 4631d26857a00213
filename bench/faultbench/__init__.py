"""The fault bench: a running house, faults and attacks on it, and one check of what is left."""

ROW_MODULES = (
    "bench.faultbench.processes_killed",
    "bench.faultbench.held_calls",
    "bench.faultbench.redis_faults",
    "bench.faultbench.disk_full",
    "bench.faultbench.clients",
    "bench.faultbench.slow_readers",
    "bench.faultbench.models",
    "bench.faultbench.races",
    "bench.faultbench.attacks_wire",
    "bench.faultbench.attacks_approval",
    "bench.faultbench.attacks_money",
)
"""The modules whose rows make up the bench, in the order of its table."""
