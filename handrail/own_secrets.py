"""Secrets made at first start and kept in the data folder, readable by this user only."""

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

NAMES = ("HANDRAIL_CUSTOMER_SECRET", "HANDRAIL_TOOLS_SECRET")
KEY_BYTES = 32


def with_own_secrets(environ: Mapping[str, str], data: Path) -> dict[str, str]:
    """Fill the environment's empty secrets with those made earlier, if any were."""
    kept = {}
    with suppress(FileNotFoundError):
        kept = json.loads((data / "secrets.json").read_text())
    return {**environ, **{name: kept[name] for name in NAMES if kept and not environ.get(name)}}


def make_secrets(data: Path) -> None:
    """Make the secrets that an installation nobody has given any stands on, once."""
    made = {name: secrets.token_urlsafe(KEY_BYTES) for name in NAMES}
    _keep(data / "secrets.json", json.dumps(made).encode())


def signing_key(data: Path) -> bytes:
    """The key that resume tokens and staff sessions are signed with, made at first use."""
    return _keep(data / "signing.key", secrets.token_bytes(KEY_BYTES))


def _keep(file: Path, content: bytes) -> bytes:
    """Write a file unless it is there, and return what it holds; the first writer wins."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = file.with_name(f"{file.name}.{os.getpid()}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            file.hardlink_to(new)
        new.unlink()
    return file.read_bytes()
