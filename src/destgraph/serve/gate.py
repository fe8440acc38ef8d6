"""What stands before every answer: names of the host, headers of safety, and a line in the log."""

import re
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing is fetched from elsewhere; the editor writes styles inline, the engine in the browser is WebAssembly."""

_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_SHARED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After, Accept-Query",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, QUERY, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
_UNSHARED = {"Cross-Origin-Resource-Policy": "same-origin"}
_SECURITY = [(b"content-security-policy", CONTENT_SECURITY.encode())]
_SHOWN = (b"text/html", b"image/svg+xml")
_NAME = re.compile(rb"[a-z0-9._:-]+")
_LONGEST = 2000
"""How much of a request's line stands in the log."""


class Gate:
    """Lets requests for the names of this host through to an application, and logs them all."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str], *, shared: bool) -> None:
        """Take the application, the names that the host goes by, none of which means any name, and for whom it is.

        What is `shared` can be read by pages of other sites, in the browser of whoever can reach this server.
        """
        self._app = app
        self._hosts = frozenset(host.lower().encode() for host in hosts)
        self._headers = _raw(_SAFE | (_SHARED if shared else _UNSHARED))
        self._preflight = _raw(_PREFLIGHT) if shared else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = size = 0

        async def sending(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._headers, *_secured(message["headers"])]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            if not self._is_named(scope):
                await _refuse(sending, 421, b"no such host here: start the server with --allow-host NAME\n")
            elif scope["method"] == "OPTIONS":
                await _send(sending, 204, [*_raw({"Allow": _allowed(scope["path"])}), *self._preflight])
            else:
                await self._app(scope, receive, sending)
        finally:
            _log(scope, status, size, time.perf_counter() - started)

    def _is_named(self, scope: Scope) -> bool:
        """Tell whether a request names this host: a page elsewhere whose name was made to lead here does not."""
        named = [value for name, value in scope["headers"] if name == b"host"]
        names = [_host(value) for value in named]
        return all(name in self._hosts if self._hosts else _NAME.fullmatch(name) for name in names)


def _secured(headers: Iterable[tuple[bytes, bytes]]) -> Sequence[tuple[bytes, bytes]]:
    """Return what is said besides of what a browser shows as a page."""
    shown = any(name == b"content-type" and value.startswith(_SHOWN) for name, value in headers)
    return _SECURITY if shown else ()


def _host(value: bytes) -> bytes:
    """Return the name in a Host header, without its port."""
    name, colon, port = value.rpartition(b":")
    return (name if colon and port.isdigit() else value).strip(b"[]").lower()


def _allowed(path: str) -> str:
    return "GET, HEAD, POST, QUERY, OPTIONS" if path == "/sparql" else "GET, HEAD, OPTIONS"


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


async def _refuse(send: Send, status: int, body: bytes) -> None:
    await _send(send, status, _raw({"Content-Type": "text/plain; charset=utf-8"}), body)


async def _send(send: Send, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes = b"") -> None:
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})


@lru_cache(1)
def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def _log(scope: Scope, status: int, size: int, seconds: float) -> None:
    """Write a line in the Common Log Format, and the seconds that the request took."""
    client = scope["client"][0] if scope.get("client") else "-"
    query = scope["query_string"]
    target = (scope["raw_path"] + (b"?" + query if query else b""))[:_LONGEST].decode("latin-1")
    target = target if target.isprintable() else target.encode("unicode_escape").decode()
    moment = _moment(int(time.time()))
    request = f"{scope['method']} {target} HTTP/{scope['http_version']}".replace('"', "%22")
    with suppress(OSError):  # who listened to the log has gone
        sys.stderr.write(f'{client} - - [{moment}] "{request}" {status or "-"} {size} {seconds:.4f}\n')
