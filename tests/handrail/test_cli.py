"""The command line, as a user meets it."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path

import pytest

from handrail.embedded_redis import EmbeddedRedis

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Result:
    """How a command ended and what it said."""

    status: int | None
    out: str
    err: str


async def handrail(*arguments: str, says: str = "") -> Result:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "handrail", *arguments), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate(says.encode())
    return Result(process.returncode, out.decode(), err.decode())


async def staff(file: Path, action: str, email: str = "sam@shop.example", *more: str) -> Result:
    return await handrail(
        *("staff", action, "--config", str(file), "--email", email, *more),
        says=f"{PASSWORD}\n",
    )


async def add(file: Path, email: str = "sam@shop.example") -> Result:
    return await staff(
        file, "add", email, "--name", "Sam", "--role", "supervisor", "--password-stdin"
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text("customers: {anonymous: true}\nmodel: {name: m}\n")
    return file


async def test_check_accepts_a_good_file(file: Path) -> None:
    assert await handrail("check", str(file)) == Result(0, f"{file}: ok, 0 tools\n", "")


async def test_check_takes_a_secret_for_granted_that_up_will_make(file: Path) -> None:
    file.write_text('customers: {secret: "${HANDRAIL_CUSTOMER_SECRET}"}\nmodel: {name: m}\n')

    checked = await handrail("check", str(file))
    served = await handrail("serve", "--config", str(file))

    assert checked.status == 0
    assert "note: HANDRAIL_CUSTOMER_SECRET is not set; `handrail up` makes one" in checked.out
    assert served.status == 1
    assert "needs a secret, a jwks or anonymous: true" in served.err


UNSIGNED = """\
tools:
  find:
    http: {url: "http://127.0.0.1:1/find"}
    description: Find
    effect: read
"""


async def test_check_warns_of_calls_that_nobody_signs(file: Path) -> None:
    file.write_text(file.read_text() + UNSIGNED)

    result = await handrail("check", str(file))

    assert (result.status, result.out) == (0, f"{file}: ok, 1 tools\n")
    assert result.err.startswith(f"warning: {file}:1: tools_secret: is empty: calls are not signed")


@pytest.mark.parametrize(("roles", "warned"), [("gateway,agent", True), ("gateway,desk", False)])
async def test_serving_warns_where_calls_are_made(file: Path, roles: str, warned: bool) -> None:
    file.write_text(file.read_text().replace("{name: m}", "{name: m, api_key: k}") + UNSIGNED)

    result = await handrail(
        *("serve", "--config", str(file), "--roles", roles, "--port", "0", "--until-stdin-closes")
    )

    assert ("tools_secret" in result.err) is warned


async def test_check_tells_file_line_key_and_what_is_allowed(file: Path) -> None:
    file.write_text(file.read_text() + "gateway:\n  port: high\n")

    result = await handrail("check", str(file))

    assert result == Result(
        1,
        "",
        f"{file}:4: gateway.port: must be a whole number from 0 to 65535, not 'high'\n",
    )


async def test_a_missing_file_is_named_without_a_traceback(tmp_path: Path) -> None:
    result = await handrail("serve", "--config", str(tmp_path / "none.yaml"))

    assert result.status == 1
    assert result.err == f"{tmp_path}/none.yaml: cannot be read: No such file or directory\n"


async def test_serving_without_a_model_is_refused(file: Path) -> None:
    result = await handrail("serve", "--config", str(file))

    assert result.status == 1
    assert "model.base_url and model.api_key are both empty" in result.err


async def test_an_unknown_role_is_refused(file: Path) -> None:
    result = await handrail("serve", "--config", str(file), "--roles", "gateway,cook")

    assert result.status == 2
    assert "unknown role 'cook'; known are gateway, agent, desk" in result.err


async def test_staff_are_kept_before_anything_serves(file: Path) -> None:
    added = await add(file)
    listed = await staff(file, "list")

    assert added == Result(0, "added sam@shop.example, supervisor\n", "")
    assert listed.out == "sam@shop.example\tsupervisor\tSam\tenabled\n"


async def test_staff_are_kept_while_serving(file: Path) -> None:
    async with EmbeddedRedis(file.parent / "data"):
        await add(file)
        await staff(file, "disable")
        disabled = await staff(file, "list")
        await staff(file, "reset", "sam@shop.example", "--password-stdin")
        enabled = await staff(file, "list")

    assert disabled.out.endswith("\tdisabled\n")
    assert enabled.out.endswith("\tenabled\n")


async def test_an_account_is_made_once(file: Path) -> None:
    await add(file)

    assert await add(file) == Result(1, "", "handrail: sam@shop.example has an account already\n")


async def test_staff_nobody_knows_are_told_of(file: Path) -> None:
    result = await staff(file, "disable", "who@shop.example")

    assert result == Result(1, "", "handrail: there is no account who@shop.example\n")


async def test_a_staff_command_without_an_email_says_so(file: Path) -> None:
    result = await handrail("staff", "disable", "--config", str(file))

    assert result.err == "handrail: staff disable needs --email\n"
