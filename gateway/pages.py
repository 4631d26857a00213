"""The pages: the widget's script, the console, and `/`, which leads to the demo when it runs."""

from __future__ import annotations

from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, web

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'"
)
CACHED_S = 300
FETCHED_WITHIN = ClientTimeout(total=10)


class Pages:
    """The handlers of the pages; `home` is the address `/` and `/demo/` are fetched from."""

    def __init__(self, home: str | None) -> None:
        self._home = home.rstrip("/") if home else None

    def routes(self) -> list[web.AbstractRouteDef]:
        """Where they stand."""
        routes: list[web.AbstractRouteDef] = [
            web.get("/widget.js", self.widget),
            web.get("/console", self.to_console),
            web.get("/console/", self.console),
            web.get("/console/{path:.+}", self.console),
        ]
        if self._home:
            routes += [web.get("/", self.forward), web.get("/demo/{path:.*}", self.forward)]
        else:
            routes.append(web.get("/", self.to_console))
        return routes

    async def widget(self, _request: web.Request) -> web.StreamResponse:
        """The script a shop's page loads."""
        return _file(STATIC / "widget.js", {"Cache-Control": f"public, max-age={CACHED_S}"})

    async def to_console(self, _request: web.Request) -> web.StreamResponse:
        """Lead to the console."""
        raise web.HTTPFound("/console/")

    async def console(self, request: web.Request) -> web.StreamResponse:
        """The console: its page, and the files it loads."""
        name = request.match_info.get("path", "") or "index.html"
        root = (STATIC / "console").resolve()
        try:
            file = (root / name).resolve()
        except ValueError as error:  # a null character
            raise web.HTTPNotFound from error
        if not file.is_relative_to(root):
            raise web.HTTPNotFound
        headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
        if name != "index.html":
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            headers["Cache-Control"] = "no-cache"
        return _file(file, headers)

    async def forward(self, request: web.Request) -> web.StreamResponse:
        """Fetch a page of the demo; what it says of caching holds, as its tokens are secret."""
        try:
            async with (
                ClientSession(timeout=FETCHED_WITHIN) as session,
                session.get(f"{self._home}{request.rel_url}") as answer,
            ):
                body = await answer.read()
        except (ClientError, TimeoutError) as error:
            raise web.HTTPBadGateway(text="the demo shop is not running") from error
        headers = {"Content-Type": answer.headers.get("Content-Type", "text/plain")}
        if cached := answer.headers.get("Cache-Control"):
            headers["Cache-Control"] = cached
        return web.Response(status=answer.status, body=body, headers=headers)


def _file(path: Path, headers: dict[str, str]) -> web.StreamResponse:
    if not path.is_file():
        raise web.HTTPNotFound(text="not built; reinstall handrail")
    return web.FileResponse(path, headers=headers)
