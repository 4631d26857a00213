"""When a process ends: by a signal, by the end of its standard input, or by itself."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process

import pytest

WORKER = """
import asyncio, sys
import uvloop
from handrail.ending import until_told

hurry = asyncio.Event()

async def work():
    print("working", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("cleaning", flush=True)
        if "hurry" in sys.argv:
            await hurry.wait()
            print("in a hurry", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        print("clean", flush=True)

uvloop.run(until_told(work(), hurry=hurry, stdin="stdin" in sys.argv))
"""


async def worker(*arguments: str) -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, *arguments, stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"working\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_lets_it_clean_up_and_another_does_not_disturb_that(
    number: signal.Signals,
) -> None:
    process = await worker()
    assert process.stdout is not None

    process.send_signal(number)
    assert await process.stdout.readline() == b"cleaning\n"
    process.send_signal(number)

    assert (await process.communicate(b"\n"))[0] == b"clean\n"
    assert process.returncode == 0


async def test_being_told_again_hurries_it() -> None:
    process = await worker("hurry")
    assert process.stdout is not None

    process.send_signal(signal.SIGINT)
    assert await process.stdout.readline() == b"cleaning\n"
    process.send_signal(signal.SIGINT)

    assert (await process.communicate(b"\n"))[0] == b"in a hurry\nclean\n"
    assert process.returncode == 0


async def test_it_ends_with_its_standard_input() -> None:
    process = await worker("stdin")

    assert (await process.communicate(b""))[0] == b"cleaning\nclean\n"
    assert process.returncode == 0
