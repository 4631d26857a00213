"""The command line: up, serve, check and staff."""

import argparse
import asyncio
import errno
import getpass
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import uvloop
from redis.exceptions import RedisError

from handrail import logs
from handrail.config import Config, data_folder, load
from handrail.ending import until_told
from handrail.own_secrets import NAMES, with_own_secrets
from handrail.problems import CannotRun, ConfigError, Problem

ROLES = ("gateway", "agent", "desk")


def main() -> None:
    """Run a command; ends with status 1 and a sentence when it cannot."""
    arguments = _parser().parse_args()
    try:
        arguments.run(arguments)
    except ConfigError as error:
        sys.exit(str(error))
    except (CannotRun, RedisError) as error:
        sys.exit(f"handrail: {error}")
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        sys.exit(f"handrail: {error.strerror}")


def _up(arguments: argparse.Namespace) -> None:
    from handrail.supervise import up  # noqa: PLC0415 - a check need not load it

    hurry = asyncio.Event()
    _run(up(arguments.config, hurry=hurry), hurry=hurry)


def _serve(arguments: argparse.Namespace) -> None:
    # Of a process that makes no calls, the warning would be one too many.
    warn = _warn if "agent" in arguments.roles else None
    config = _load(arguments.config, overrides=dict(arguments.set), warn=warn)
    from handrail.serving import serve  # noqa: PLC0415 - a check need not load the model client

    hurry = asyncio.Event()
    work = serve(
        config,
        roles=arguments.roles,
        port=arguments.port,
        ready=arguments.ready_file,
        hurry=hurry,
    )
    _run(work, hurry=hurry, stdin=arguments.until_stdin_closes)


def _check(arguments: argparse.Namespace) -> None:
    file = arguments.file
    environ = with_own_secrets(os.environ, data_folder(file))
    text = file.read_text(encoding="utf-8")
    unset = [name for name in NAMES if f"${{{name}}}" in text and not environ.get(name)]
    config = load(file, environ={**environ, **dict.fromkeys(unset, "to be made")}, warn=_warn)
    sys.stdout.write(f"{file}: ok, {len(config.tools)} tools\n")
    for name in unset:
        sys.stdout.write(f"note: {name} is not set; `handrail up` makes one at its first start\n")


def _staff(arguments: argparse.Namespace) -> None:
    from handrail.staff import StaffCommand, change_staff  # noqa: PLC0415 - as above

    if arguments.action != "list" and not arguments.email:
        message = f"staff {arguments.action} needs --email"
        raise CannotRun(message)
    password = ""
    if arguments.action in ("add", "reset"):
        password = _password(from_stdin=arguments.password_stdin)
    command = StaffCommand(
        action=arguments.action,
        email=arguments.email,
        name=arguments.name or arguments.email,
        role=arguments.role,
        password=password,
    )
    logs.configure(least=logging.WARNING)
    lines = uvloop.run(change_staff(_load(arguments.config), command))
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _run(work: Coroutine[Any, Any, None], *, hurry: asyncio.Event, stdin: bool = False) -> None:
    logs.configure()
    uvloop.run(until_told(work, hurry=hurry, stdin=stdin))


def _load(
    file: Path,
    *,
    overrides: Mapping[str, str] | None = None,
    warn: Callable[[Problem], None] | None = None,
) -> Config:
    environ = with_own_secrets(os.environ, data_folder(file))
    return load(file, environ=environ, overrides=overrides or {}, warn=warn)


def _warn(problem: Problem) -> None:
    sys.stderr.write(f"warning: {problem}\n")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return getpass.getpass()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="handrail", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="run and supervise everything on this machine")
    _add_config(up)
    up.set_defaults(run=_up)
    _add_serve(commands.add_parser("serve", help="run some roles in this process"))
    check = commands.add_parser("check", help="check a configuration")
    check.add_argument("file", type=Path, metavar="F")
    check.set_defaults(run=_check)
    _add_staff(commands.add_parser("staff", help="add, list, disable or reset staff"))
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    _add_config(parser)
    parser.add_argument("--roles", type=_roles, default=ROLES, metavar=",".join(ROLES))
    parser.add_argument("--port", type=int, help="instead of gateway.port; 0 takes a free one")
    parser.add_argument("--ready-file", type=Path, metavar="J", help="written once ready")
    parser.add_argument(
        "--set", type=_setting, action="append", default=[], metavar="KEY=TEXT",
        help="set a dotted key over the configuration's own",
    )  # fmt: skip
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end when standard input does"
    )
    parser.set_defaults(run=_serve)


def _add_staff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("add", "list", "disable", "reset"))
    _add_config(parser)
    parser.add_argument("--email", default="", metavar="E")
    parser.add_argument("--name", default="", metavar="N")
    parser.add_argument("--role", choices=("agent", "supervisor", "admin"), default="agent")
    parser.add_argument("--password-stdin", action="store_true", help="read it from stdin")
    parser.set_defaults(run=_staff)


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=Path("config.yaml"), metavar="F")


def _roles(text: str) -> tuple[str, ...]:
    roles = tuple(text.split(","))
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        message = f"unknown role {unknown[0]!r}; known are {', '.join(ROLES)}"
        raise argparse.ArgumentTypeError(message)
    return roles


def _setting(text: str) -> tuple[str, str]:
    key, found, value = text.partition("=")
    if not found:
        message = f"write KEY=TEXT, not {text!r}"
        raise argparse.ArgumentTypeError(message)
    return key, value
