"""The conversation's part of the configuration: where Redis is, and units of time."""

from typing import Annotated

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0, extra={"reads": "duration"})]
"""A span of time in seconds; a configuration file writes it `30s`, `20m`, `24h` or `7d`."""


class RedisSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which Redis holds the conversations, and on how many shards.

    Without `url` an embedded Redis is started under the data folder. The number of shards is
    fixed at first start: a conversation's shard follows from it.
    """

    url: Annotated[str, msgspec.Meta(pattern=r"^(rediss?|unix)://")] | None = None
    shards: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 1
