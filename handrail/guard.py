"""Runs a program and ends it when whoever started the guard is gone, however that ended.

Started as `python -I -S guard.py PROGRAM NAME ARGS…` with a pipe as standard input: the pipe's end
of file, which the kernel sends also after SIGKILL, terminates the program (SIGTERM, after 10 s
SIGKILL). The guard leaves with the program's exit status. Should the guard itself be killed, the
kernel kills the program: the guard has one thread only, so PR_SET_PDEATHSIG can be relied on.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1
PATIENCE_S = 10


def run(program: str, name: str, arguments: list[str]) -> int:
    """Run the program under a name of its own until it ends or the pipe does."""
    guard = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True)

    def die_with_guard() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != guard:
            os._exit(1)

    child = subprocess.Popen(  # noqa: S603 - the caller's own program
        [name, *arguments],
        executable=program,
        stdin=subprocess.DEVNULL,
        close_fds=False,
        preexec_fn=die_with_guard,  # noqa: PLW1509 - one thread, so nothing can deadlock
    )
    ended = os.pidfd_open(child.pid)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(sys.stdin.fileno(), select.POLLIN)
    while child.poll() is None:
        if any(number == sys.stdin.fileno() for number, _ in poll.poll()):
            end(child)
    return child.returncode


def end(child: "subprocess.Popen[bytes]") -> None:
    """Ask the program to end, and make it end."""
    child.terminate()
    try:
        child.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    sys.exit(abs(run(sys.argv[1], sys.argv[2], sys.argv[3:])))
