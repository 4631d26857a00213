"""The running system holds against a sample of the recordings."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.recording import data_folder

BENCH = Path(__file__).resolve().parents[2] / "bench" / "recorded.py"


@pytest.mark.skipif(not data_folder().is_dir(), reason="the recordings are not here")
def test_recorded_conversations_are_played_as_they_were() -> None:
    ran = subprocess.run(
        [sys.executable, BENCH, "--quick", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.stdout, ran.stderr
    verdict = json.loads(ran.stdout.splitlines()[-1])
    assert verdict["bench"] == "recorded"
    assert verdict["holds"], ran.stdout + ran.stderr
    assert ran.returncode == 0
