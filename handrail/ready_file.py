"""The file by which a process says that it answers: `{"url", "pid"}`, whole or not there."""

import json
import os
from pathlib import Path


def clear(file: Path) -> None:
    """Take away what an earlier process left."""
    file.unlink(missing_ok=True)


def write(file: Path, url: str | None) -> None:
    """Say that this process answers, at a URL when it has one."""
    new = file.with_name(f"{file.name}.{os.getpid()}")
    new.write_text(json.dumps({"url": url, "pid": os.getpid()}))
    new.replace(file)


def url_in(file: Path) -> str | None:
    """The URL that was said; raises FileNotFoundError while nothing is."""
    said: dict[str, str | None] = json.loads(file.read_text())
    return said["url"]
