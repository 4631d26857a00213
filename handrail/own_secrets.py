"""Secrets that `handrail up` makes at first start, for an installation nobody has given any."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

NAMES = ("HANDRAIL_CUSTOMER_SECRET", "HANDRAIL_TOOLS_SECRET")


def with_own_secrets(environ: Mapping[str, str], data: Path) -> dict[str, str]:
    """Fill the environment's empty secrets with those made earlier, if any were."""
    kept = _kept(data / "secrets.json")
    return {**environ, **{name: kept[name] for name in NAMES if kept and not environ.get(name)}}


def make_secrets(data: Path) -> None:
    """Make the secrets and keep them, readable by this user only, unless they exist."""
    file = data / "secrets.json"
    if _kept(file):
        return
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_suffix(f".{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump({name: secrets.token_urlsafe(32) for name in NAMES}, out)
    new.replace(file)


def _kept(file: Path) -> dict[str, str] | None:
    try:
        kept: dict[str, str] = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    return kept
