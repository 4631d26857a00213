"""A supervised child: started when it answers, started again, ended with us."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handrail import ready_file
from handrail.child import Child
from handrail.problems import CannotRun
from tests.handrail.test_embedded_redis import gone

PROGRAM = """
import os, socket, sys
from pathlib import Path
from handrail import ready_file
print("started", flush=True)
if "KNOCK" in os.environ:
    socket.socket(socket.AF_UNIX).connect(os.environ["KNOCK"])
ready_file.write(Path(sys.argv[1]), f"http://{os.getpid()}")
sys.stdin.read()
print("ended", flush=True)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + PROGRAM.replace(
    "sys.stdin.read()", "signal.pause()"
)
PARENT = """
import asyncio, sys
from pathlib import Path
from handrail.child import Child

async def main():
    ready = Path(sys.argv[1])
    child = Child("child", [sys.executable, "-c", sys.argv[2], str(ready)], {}, ready)
    await child.start()
    print("running", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    return tmp_path / "ready.json"


@pytest.fixture
async def child(ready: Path) -> AsyncIterator[Child]:
    child = Child("child", [sys.executable, "-c", PROGRAM, str(ready)], os.environ, ready)
    await child.start()
    yield child
    await child.end()


def pid_in(ready: Path) -> int:
    return int((ready_file.url_in(ready) or "").removeprefix("http://"))


async def test_its_lines_are_passed_on_under_its_name(
    ready: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = Child("child", [sys.executable, "-c", PROGRAM, str(ready)], os.environ, ready)
    await child.start()
    await child.end()

    assert capsys.readouterr().out == "child   │ started\nchild   │ ended\n"


async def test_it_ends_when_its_input_does(child: Child, ready: Path) -> None:
    pid = pid_in(ready)

    await child.end()

    await gone(pid)


async def test_one_that_will_not_end_is_made_to(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handrail.child.END_PATIENCE_S", 0.05)
    monkeypatch.setattr("handrail.child.KILL_PATIENCE_S", 0.05)
    child = Child("child", [sys.executable, "-c", STUBBORN, str(ready)], os.environ, ready)
    await child.start()

    await child.end()

    await gone(pid_in(ready))


async def test_a_killed_one_is_started_again(ready: Path, tmp_path: Path) -> None:
    knocks: asyncio.Queue[None] = asyncio.Queue()

    def open_door(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocks.put_nowait(None)
        writer.close()

    door = await asyncio.start_unix_server(open_door, tmp_path / "door")
    environ = {**os.environ, "KNOCK": str(tmp_path / "door")}
    child = Child("child", [sys.executable, "-c", PROGRAM, str(ready)], environ, ready)
    await child.start()
    await knocks.get()
    supervision = asyncio.create_task(child.keep_running())

    os.kill(pid_in(ready), signal.SIGKILL)
    await asyncio.wait_for(knocks.get(), 10)

    supervision.cancel()
    await asyncio.wait([supervision])
    await child.end()
    door.close()


async def test_one_that_ends_at_once_is_told_of(ready: Path) -> None:
    child = Child("child", [sys.executable, "-c", "raise SystemExit(3)"], os.environ, ready)

    with pytest.raises(CannotRun, match=r"child did not start \(status 3\)"):
        await child.start()
    await child.end()


async def test_it_does_not_outlive_a_killed_parent(ready: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(ready), PROGRAM),
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdout is not None
    async for line in parent.stdout:
        if line == b"running\n":
            break
    pid = pid_in(ready)

    parent.kill()
    await parent.communicate()

    await gone(pid)
