"""What of the demo a configuration needs, and what the other processes are told of it.

There is one way of telling: `handrail serve --set KEY=TEXT` over the configuration's own keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from handrail.config import Config

HOST = "127.0.0.1"
SHOP_PORT = 9100
MODEL_PORT = 9101
NOTICE = "demo model"


@dataclass(frozen=True)
class DemoPlan:
    """Whether the demo runs, and whether its stand-in model answers in place of a real one."""

    runs: bool
    stands_in: bool

    def settings(self) -> Mapping[str, str]:
        """The keys that the demo sets."""
        home = {"gateway.home": f"http://{HOST}:{SHOP_PORT}"} if self.runs else {}
        if not self.stands_in:
            return home
        return {
            **home,
            "model.base_url": f"http://{HOST}:{MODEL_PORT}/v1",
            "model.api_key": "none",
            "widget.notice": NOTICE,
        }

    def ports(self) -> Mapping[str, int]:
        """The ports that must be free, by what needs them."""
        shop = {"the demo shop": SHOP_PORT} if self.runs else {}
        return {**shop, "the demo model": MODEL_PORT} if self.stands_in else shop

    def arguments(self) -> list[str]:
        """The ports, as the demo's command line takes them."""
        model = ["--model-port", str(MODEL_PORT)] if self.stands_in else ["--without-model"]
        return ["--shop-port", str(SHOP_PORT), *model]


def plan_demo(config: Config) -> DemoPlan:
    """The model stands in when no real one is configured; the shop runs when tools name it."""
    stands_in = not (config.model.base_url or config.model.api_key)
    names_shop = any(
        urlsplit(tool.http.url).netloc in (f"{HOST}:{SHOP_PORT}", f"localhost:{SHOP_PORT}")
        for tool in config.tools.values()
    )
    return DemoPlan(runs=stands_in or names_shop, stands_in=stands_in)
