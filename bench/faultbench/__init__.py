
ROW_MODULES = (
    "bench.faultbench.processes_killed",
    "bench.faultbench.held_calls",
    "bench.faultbench.clients",
    "bench.faultbench.models",
    "bench.faultbench.races",
)
"""The modules whose rows make up the bench, in the order of its table."""
