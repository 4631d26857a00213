"""The plain `openai` client reading streams, as a process: what handrail is measured against."""

from __future__ import annotations

import time

from openai import AsyncOpenAI

from bench.streams import Load, obey, text_of


class Reader:
    """One client, as an application would hold it, and all its streams."""

    def __init__(self) -> None:
        self._client: AsyncOpenAI | None = None

    async def prepare(self, load: Load) -> None:
        """Make the client; its pool connects with the first streams."""
        self._client = AsyncOpenAI(base_url=load.url, api_key="none")

    async def reply(self, stream: int, tokens: int) -> float:  # noqa: ARG002 - all are alike
        """Read one parsed stream to its end."""
        assert self._client is not None
        asked = time.perf_counter()
        first_s, parts = 0.0, []
        async for chunk in await self._client.chat.completions.create(
            model="streamed", messages=[{"role": "user", "content": str(tokens)}], stream=True
        ):
            if text := chunk.choices[0].delta.content:
                first_s = first_s or time.perf_counter() - asked
                parts.append(text)
        assert "".join(parts) == text_of(tokens)
        return first_s

    async def finish(self) -> None:
        """Close the client's connections."""
        assert self._client is not None
        await self._client.close()


if __name__ == "__main__":
    obey(Reader())
