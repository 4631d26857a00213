"""The command line of the demo: `python -m demo --port-file F --data DIR`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from demo.serve import Demo, serve


def main() -> int:
    """Run the demo until it is told to end; return the exit code."""
    options = _parser().parse_args()
    demo = Demo(
        port_file=options.port_file,
        data=options.data,
        shop_port=options.shop_port,
        model_port=None if options.without_model else options.model_port,
        tokens_per_s=options.tokens_per_s,
        until_stdin_closes=options.until_stdin_closes,
        customer_secret=os.environ.get("HANDRAIL_CUSTOMER_SECRET") or None,
        tools_secret=os.environ.get("HANDRAIL_TOOLS_SECRET") or None,
    )
    try:
        asyncio.run(serve(demo))
    except OSError as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo",
        description="The demo shop and its stand-in model, on 127.0.0.1.",
        epilog="HANDRAIL_CUSTOMER_SECRET signs the page's customers in, HANDRAIL_TOOLS_SECRET"
        " checks the calls of tools.",
    )
    add = parser.add_argument
    add("--port-file", type=Path, required=True, help='gets {"shop", "model", "pid"} once ready')
    add("--data", type=Path, required=True, help="where the shop keeps its books")
    add("--shop-port", type=int, default=9100, help="0 takes a free one (default %(default)s)")
    add("--model-port", type=int, default=9101, help="0 takes a free one (default %(default)s)")
    add("--without-model", action="store_true", help="run the shop only: a real model is in use")
    add(
        "--tokens-per-s",
        type=float,
        default=45,
        help="how fast the stand-in writes; 0 for at once (default %(default)s)",
    )
    add("--until-stdin-closes", action="store_true", help="end with whoever holds the other end")
    return parser


if __name__ == "__main__":
    sys.exit(main())
