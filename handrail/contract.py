"""Keys and values that the configuration's contract names and this version does not have yet."""

from handrail.problems import Path

KEYS = frozenset(
    {
        "archive",
        "assistant.knowledge",
        "handover",
        "monitor.audit_rate",
        "monitor.certainty",
        "monitor.max_error",
        "monitor.on_drift",
        "queues",
        "tools.*.mcp",
        "tools.*.python",
        "topics",
        "webhooks",
        "widget.before_chat",
        "widget.languages",
    }
)
VALUES = {
    "monitor.always_handover.*": frozenset({"legal", "safety"}),
}


def is_later_key(path: Path) -> bool:
    """Whether the contract names this key, though it is not built yet."""
    return any(_matches(path, key) for key in KEYS)


def is_later_value(path: Path, text: str) -> bool:
    """Whether the contract names this value of the key, though it is not built yet."""
    return any(text in values for key, values in VALUES.items() if _matches(path, key))


def later_names(path: Path) -> list[str]:
    """Name the keys inside the mapping at a path that are not built yet."""
    parts = [key.split(".") for key in KEYS]
    inside = [part for part in parts if len(part) == len(path) + 1]
    return [part[-1] for part in inside if _matches(path, ".".join(part[:-1]))]


def _matches(path: Path, key: str) -> bool:
    parts = key.split(".") if key else []
    return len(parts) == len(path) and all(
        part in ("*", place) for part, place in zip(parts, path, strict=True)
    )
