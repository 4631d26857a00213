"""The configuration: one frozen struct, read from `config.yaml` and checked as a whole."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from agent.settings import AssistantSettings, LimitsSettings, ModelSettings
from conversation.settings import RedisSettings
from gateway.settings import CustomersSettings, GatewaySettings, WidgetSettings
from handoff.settings import HoldsSettings, MonitorSettings, ToolSettings
from handrail.document import compose, set_key
from handrail.problems import ConfigError, Problem
from handrail.reader import Reader, Unreadable
from handrail.tool_checks import check_tools

Monitor = Annotated[MonitorSettings | None, msgspec.Meta(extra={"reads": "switch"})]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything an operator decides; `monitor` is None when it is off."""

    model: ModelSettings
    customers: CustomersSettings
    gateway: GatewaySettings = GatewaySettings()
    assistant: AssistantSettings = AssistantSettings()
    tools_secret: str | None = None
    tools: dict[str, ToolSettings] = {}
    limits: LimitsSettings = LimitsSettings()
    holds: HoldsSettings = HoldsSettings()
    monitor: Monitor = MonitorSettings()
    widget: WidgetSettings = WidgetSettings()
    data: Path = Path("data")
    redis: RedisSettings = RedisSettings()


def load(
    file: Path,
    *,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] = {},
    warn: Callable[[Problem], None] | None = None,
) -> Config:
    """Read and check a file; paths in it are relative to it.

    `overrides` set dotted keys over the file's own; `warn` is told what is allowed and seldom
    meant. Raises ConfigError with every problem found.
    """
    root = compose(file)
    for key, text in overrides.items():
        set_key(root, key, text)
    reader = Reader(file, os.environ if environ is None else environ)
    try:
        config: Config = reader.read(root, msgspec.inspect.type_info(Config), ())
    except RecursionError as error:
        raise ConfigError(Problem(str(file), 0, "", "an alias in it contains itself")) from error
    except Unreadable:
        raise ConfigError(*reader.problems) from None
    check_tools(config.tools, reader, has_secret=bool(config.tools_secret))
    config = _with_files(config, reader)
    if reader.problems:
        raise ConfigError(*reader.problems)
    if warn is not None:
        for warning in reader.warnings:
            warn(warning)
    return config


def data_folder(file: Path, *, environ: Mapping[str, str] | None = None) -> Path:
    """Find the data folder of a file that may not be complete yet; raises ConfigError."""
    reader = Reader(file, os.environ if environ is None else environ)
    for key, node in compose(file).value:
        if key.value == "data":
            try:
                folder: Path = reader.read(node, msgspec.inspect.type_info(Path), ("data",))
            except Unreadable:
                raise ConfigError(*reader.problems) from None
            return folder
    return file.parent / "data"


def _with_files(config: Config, reader: Reader) -> Config:
    """Put the instructions' text in the place of their path, and anchor the other paths."""
    here = reader.file.parent.resolve()
    replaced = msgspec.structs.replace(config, data=here / config.data)
    jwks = config.customers.jwks
    if jwks and not jwks.startswith(("http://", "https://")):
        if not (here / jwks).is_file():
            reader.refuse(("customers", "jwks"), f"is no file: {here / jwks}")
        customers = msgspec.structs.replace(config.customers, jwks=str(here / jwks))
        replaced = msgspec.structs.replace(replaced, customers=customers)
    path = config.assistant.instructions
    if path is None:
        return replaced
    file = reader.file.parent / path
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        reader.refuse(("assistant", "instructions"), f"cannot be read as UTF-8 text: {file}")
        return replaced
    assistant = msgspec.structs.replace(config.assistant, instructions=text)
    return msgspec.structs.replace(replaced, assistant=assistant)
