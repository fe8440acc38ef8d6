"""HTTP as stores need it: credentials, time limits, retries, and errors that repeat what the server said."""

import base64
import math
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from html import unescape
from http.client import HTTPException, HTTPResponse
from ipaddress import ip_address
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
    parse_http_list,
    parse_keqv_list,
)

from destgraph.errors import EndpointError, InputError, TimeLimitError

USERNAME, PASSWORD, TOKEN = "DESTGRAPH_USERNAME", "DESTGRAPH_PASSWORD", "DESTGRAPH_TOKEN"
"""The environment variables that hold credentials: the first two for Basic and Digest, the third for Bearer."""

_BUSY = (429, 502, 503, 504)
_CHUNK = 1 << 16


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: credentials, or a graph that is being published, must not end elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Client:
    """Sends requests to the origin of `url`, with the credentials of the environment, and to no other.

    `timeout` is in seconds, for one request with its answer and its retries; `waits` are the seconds before each
    retry of a busy server, where it does not say itself how long with Retry-After. User and password go as Basic; with
    `digest` the server is first asked without them, and gets a Digest (RFC 7616) if it wants one. Virtuoso does, for
    what is written, and breaks the connection on a body that comes without.
    """

    url: str
    timeout: float = 60
    digest: bool = False
    waits: tuple[float, ...] = (0.5, 1, 2, 4)
    sleep: Callable[[float], None] = time.sleep
    _authorization: str = field(init=False, repr=False, default="")
    _digest: HTTPDigestAuthHandler | None = field(init=False, repr=False, default=None)
    _opener: OpenerDirector = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the URL, and that credentials can be sent to it; raises InputError."""
        try:
            parts = urlsplit(self.url)
            valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            valid = False
        if not valid or re.search(r"[\s\x00-\x20]", self.url):
            raise InputError(
                f"endpoint {self.url!r} is no http or https URL; write for example http://localhost:7878/query"
            )
        if parts.username or parts.password:
            raise InputError(f"credentials do not go into the URL; set {USERNAME} and {PASSWORD}, or {TOKEN}")
        if parts.query or parts.fragment:
            raise InputError(f"endpoint {self.url!r}: write it without ? and #")
        loopback = _loopback(parts.hostname or "")
        user, password, token = (os.environ.get(name, "") for name in (USERNAME, PASSWORD, TOKEN))
        if user and token:
            raise InputError(f"both {USERNAME} and {TOKEN} are set; unset one")
        if (user or token) and parts.scheme == "http" and not loopback:
            raise InputError(f"credentials are not sent over plain http to {parts.hostname}; use https")
        if not (user + password + token).isprintable() or not token.isascii():
            raise InputError(
                f"{USERNAME}, {PASSWORD} or {TOKEN} holds a line break or another letter that cannot be sent"
            )
        # A proxy of the environment must not see what is meant for this machine.
        handlers: list[Any] = [_NoRedirect(), *([ProxyHandler({})] if loopback else [])]
        if user:
            passwords = HTTPPasswordMgrWithDefaultRealm()
            passwords.add_password(None, f"{parts.scheme}://{parts.netloc}/", user, password)
            basic = base64.b64encode(f"{user}:{password}".encode()).decode()
            object.__setattr__(self, "_authorization", f"Basic {basic}")
            object.__setattr__(self, "_digest", HTTPDigestAuthHandler(passwords) if self.digest else None)
        elif token:
            object.__setattr__(self, "_authorization", f"Bearer {token}")
        object.__setattr__(self, "_opener", build_opener(*handlers))

    def send(self, request: Request, timeout: float | None = None, patience: float = math.inf) -> "Response":
        """Send a request to `url` or another URL of its origin, and return the answer of a server that accepts it.

        `timeout` stands for that of the client, `patience` is how many seconds the server may be silent. Raises
        InputError for a request that the server calls wrong (400), EndpointError when it cannot be reached or refuses,
        TimeLimitError when it does not answer in time.
        """
        if urlsplit(request.full_url)[:2] != urlsplit(self.url)[:2]:
            raise ValueError(f"{request.full_url} is not on the server of {self.url}")
        limit = self.timeout if timeout is None else timeout
        deadline = time.monotonic() + limit
        attempt = 0
        while True:
            try:
                if self._authorization:
                    request.add_unredirected_header("Authorization", self._log_in(request, deadline))
                left = max(deadline - time.monotonic(), 0.001)
                response = self._opener.open(request, timeout=min(left, patience))
                return Response(response, request, deadline, limit)
            except HTTPError as error:
                if error.code in _BUSY and attempt < len(self.waits):
                    pause = _retry_after(error, self.waits[attempt])
                    if time.monotonic() + pause < deadline:
                        error.close()
                        self.sleep(pause)
                        attempt += 1
                        continue
                raise _refusal(request, error) from None
            except (OSError, HTTPException, ValueError) as error:
                raise _failure(request, error, min(limit, patience)) from None

    def _log_in(self, request: Request, deadline: float) -> str:
        """Return what to send as Authorization; for Digest it depends on the request and a challenge to it."""
        if self._digest is None:
            return self._authorization
        try:
            bare = Request(request.full_url)  # noqa: S310 - checked above
            self._opener.open(bare, timeout=max(deadline - time.monotonic(), 0.001)).close()
        except HTTPError as error:
            error.close()
            scheme, _, challenge = error.headers.get("WWW-Authenticate", "").partition(" ")
            if error.code in _BUSY:
                raise
            if scheme.lower() == "digest":
                fields = parse_keqv_list(list(filter(None, parse_http_list(challenge))))
                if answer := self._digest.get_authorization(request, fields):
                    return f"Digest {answer}"
        return self._authorization


class Response:
    """The answer of a server, read piece by piece; what ends early or late is an error."""

    def __init__(self, response: HTTPResponse, request: Request, deadline: float, limit: float) -> None:
        """Take over an open response that has to be read by `deadline`, `limit` seconds after it was asked for."""
        self.headers = response.headers
        self.media_type = response.headers.get_content_type() if "Content-Type" in response.headers else ""
        self.framed = response.length is not None or response.chunked
        self._response, self._request, self._deadline, self._limit = response, request, deadline, limit

    def read(self, size: int = _CHUNK) -> bytes:
        """Return some more bytes, or none at the end.

        Raises EndpointError when the connection ends before the answer, TimeLimitError when time is up.
        """
        if size == 0:
            return b""
        if time.monotonic() > self._deadline:
            raise _failure(self._request, TimeoutError(), self._limit)
        try:
            # read1 returns what has come, so that a server that drips cannot hold us beyond the deadline.
            piece = self._response.read1(size if size > 0 else _CHUNK)
        except (OSError, HTTPException, ValueError) as error:
            raise _failure(self._request, error, self._limit) from None
        if not piece and self._response.length:
            raise incomplete(self, f"{self._response.length} bytes are missing")
        return piece

    def all(self) -> bytes:
        """Return everything that is left."""
        return b"".join(iter(self.read, b""))

    def close(self) -> None:
        """Let go of the connection."""
        self._response.close()

    def __str__(self) -> str:
        """Return the URL that was asked, without the query."""
        return _shown(self._request)


def incomplete(response: Response, why: str) -> EndpointError:
    """Return the error of an answer that broke off or makes no sense."""
    return EndpointError(f"{response}: the answer is not complete: {why}; nothing of it was kept")


def error_text(text: bytes) -> str:
    """Return what an error page says, as one short line without markup or control characters."""
    words = re.sub(r"(?is)<(script|style|title)\b.*?</\1\s*>|<[^>]*>", " ", text[:20_000].decode("utf-8", "replace"))
    line = " ".join("".join(c if c.isprintable() else " " for c in unescape(words)).split())
    return line if len(line) <= 300 else f"{line[:300]}..."


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _retry_after(error: HTTPError, otherwise: float) -> float:
    """Return the seconds of Retry-After (RFC 9110, section 10.2.3), a number or a date."""
    value = error.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except ValueError:
        return otherwise


def _shown(request: Request) -> str:
    return request.full_url.partition("?")[0]


def _refusal(request: Request, error: HTTPError) -> Exception:
    where = _shown(request)
    try:
        text = error_text(error.read(20_000))
    except (OSError, HTTPException):
        text = ""
    finally:
        error.close()
    text = f": {text}" if text else ""
    if error.code == 400:
        return InputError(f"{where} refuses the request{text}")
    if 300 <= error.code < 400:
        target = error_text(error.headers.get("Location", "elsewhere").partition("?")[0].encode())
        return EndpointError(
            f"{where} sends on to {target}; nothing is sent there: give that URL if you trust it", error.code
        )
    if error.code in (401, 403):
        return EndpointError(
            f"{where} refuses access ({error.code}){text}; set {USERNAME} and {PASSWORD}, or {TOKEN}", error.code
        )
    if error.code in _BUSY:
        return EndpointError(f"{where} is too busy ({error.code}){text}; try again later", error.code)
    return EndpointError(f"{where} answers {error.code} {error.reason}{text}", error.code)


def _failure(request: Request, error: Exception, limit: float) -> Exception:
    reason = error.reason if isinstance(error, URLError) else error
    where = _shown(request)
    if isinstance(reason, TimeoutError):
        return TimeLimitError(f"{where}: no answer within {limit:g} seconds; narrow the query or raise the time limit")
    if request.data is not None and isinstance(reason, BrokenPipeError | ConnectionResetError):
        return EndpointError(
            f"{where} broke the connection while it was sent data; if it wants credentials, set {USERNAME} and"
            f" {PASSWORD}, or {TOKEN}"
        )
    if isinstance(error, URLError):
        return EndpointError(f"{where} cannot be reached: {reason}; check the URL and that the server runs")
    return EndpointError(f"{where}: the connection broke: {reason or type(reason).__name__}; nothing was kept")
