"""HTTP as stores need it: credentials, time limits, retries, and errors that repeat what the server said."""

import base64
import math
import os
import re
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import partial
from html import unescape
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from ipaddress import ip_address
from socket import SHUT_RDWR, socket
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urlsplit
from urllib.request import (
    HTTPDigestAuthHandler,
    HTTPHandler,
    HTTPPasswordMgrWithDefaultRealm,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
    parse_http_list,
    parse_keqv_list,
)

from destgraph.errors import EndpointError, InputError, TimeLimitError
from destgraph.wording import visible

USERNAME, PASSWORD, TOKEN = "DESTGRAPH_USERNAME", "DESTGRAPH_PASSWORD", "DESTGRAPH_TOKEN"
"""The environment variables that hold credentials: the first two for Basic and Digest, the third for Bearer."""

_BUSY = (429, 502, 503, 504)
_CHUNK = 1 << 16

_EITHER = 32 + zlib.MAX_WBITS  # gzip or zlib, as the first bytes say

LARGEST = 1 << 28
"""How many bytes of an answer are kept in memory, unless told otherwise."""


class _Exchange:
    """A request with its answer, which has to be over by a deadline; urllib passes it on as its `timeout`."""

    def __init__(self) -> None:
        self.deadline = math.inf
        self.socket: socket | None = None

    def left(self) -> float:
        """Return how many seconds are left; asked before each wait for the server."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def hang_up(self) -> None:
        """Close the connection, whoever holds the answer."""
        if self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(SHUT_RDWR)


class _TimedSocket(RawIOBase):
    """What a server sends; no wait for it goes beyond the deadline, however little it sends at a time."""

    def __init__(self, sock: socket, exchange: _Exchange) -> None:
        self._socket, self._exchange = sock, exchange
        exchange.socket = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._exchange.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket, *options: Any, exchange: _Exchange, **named: Any) -> None:
        super().__init__(sock, *options, **named)
        self.fp.close()
        self.fp = BufferedReader(_TimedSocket(sock, exchange))


class _TimedConnection(HTTPConnection):
    """A connection for one exchange."""

    def __init__(self, host: str, *, timeout: _Exchange, **options: Any) -> None:
        super().__init__(host, timeout=timeout.left(), **options)
        self._exchange = timeout
        self.response_class = partial(_TimedResponse, exchange=timeout)  # type: ignore[assignment]

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self._exchange.left())
        super().send(data)


class _TimedSecureConnection(_TimedConnection, HTTPSConnection):
    """The same over TLS."""

    def connect(self) -> None:
        HTTPConnection.connect(self)
        self.sock.settimeout(self._exchange.left())  # the handshake is one wait
        host = self._tunnel_host or self.host  # type: ignore[attr-defined]
        self.sock = self._context.wrap_socket(self.sock, server_hostname=host)  # type: ignore[attr-defined]


class _Timed(HTTPHandler):
    def http_open(self, request: Request) -> HTTPResponse:
        return self.do_open(_TimedConnection, request)  # type: ignore[arg-type]


class _TimedSecure(HTTPSHandler):
    def https_open(self, request: Request) -> HTTPResponse:
        return self.do_open(_TimedSecureConnection, request)  # type: ignore[arg-type]


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
    what is written, and breaks the connection on a body that comes without. `largest` is the most bytes of an answer.
    """

    url: str
    timeout: float = 60
    largest: float = LARGEST
    digest: bool = False
    waits: tuple[float, ...] = (0.5, 1, 2, 4)
    sleep: Callable[[float], None] = time.sleep
    _authorization: str = field(init=False, repr=False, default="")
    _digest: HTTPDigestAuthHandler | None = field(init=False, repr=False, default=None)
    _opener: OpenerDirector = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the URL, and that credentials can be sent to it; raises InputError."""
        parts = _parts(self.url)
        loopback = _loopback(parts.hostname or "")
        user, password, token = _credentials(parts, loopback)
        # A proxy of the environment must not see what is meant for this machine.
        handlers: list[Any] = [_NoRedirect(), _Timed(), _TimedSecure(), *([ProxyHandler({})] if loopback else [])]
        if user:
            passwords = HTTPPasswordMgrWithDefaultRealm()
            passwords.add_password(None, f"{parts.scheme}://{parts.netloc}/", user, password)
            basic = base64.b64encode(f"{user}:{password}".encode()).decode()
            object.__setattr__(self, "_authorization", f"Basic {basic}")
            object.__setattr__(self, "_digest", HTTPDigestAuthHandler(passwords) if self.digest else None)
        elif token:
            object.__setattr__(self, "_authorization", f"Bearer {token}")
        object.__setattr__(self, "_opener", build_opener(*handlers))

    @contextmanager
    def send(
        self,
        request: Request,
        timeout: float | None = None,
        patience: float = math.inf,
        largest: float | None = None,
    ) -> Iterator["Response"]:
        """Send a request to `url` or another URL of its origin, and give the answer of a server that accepts it.

        `timeout` and `largest` stand for those of the client; `patience` is how many seconds each try may take. Raises
        InputError for a request that the server calls wrong (400), EndpointError when it cannot be reached or refuses,
        TimeLimitError when it does not answer in time.
        """
        if urlsplit(request.full_url)[:2] != urlsplit(self.url)[:2]:
            raise ValueError(f"{request.full_url} is not on the server of {self.url}")
        limit = self.timeout if timeout is None else timeout
        exchange = _Exchange()
        try:
            response = self._accepted(request, limit, patience, exchange)
            size = self.largest if largest is None else largest
            with closing(Response(response, request, exchange.deadline, min(limit, patience), size)) as body:
                yield body
        finally:  # also after an interrupt, whose traceback may keep the answer for long
            exchange.hang_up()

    def _accepted(self, request: Request, limit: float, patience: float, exchange: _Exchange) -> HTTPResponse:
        """Return the answer of a server that accepts the request, which is repeated as long as it is busy."""
        deadline = time.monotonic() + limit
        attempt = 0
        while True:
            exchange.deadline = min(deadline, time.monotonic() + patience)
            try:
                if self._authorization:
                    request.add_unredirected_header("Authorization", self._log_in(request, exchange))
                return self._open(request, exchange)
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

    def _open(self, request: Request, exchange: Any) -> HTTPResponse:
        response: HTTPResponse = self._opener.open(request, timeout=exchange)
        return response

    def _log_in(self, request: Request, exchange: _Exchange) -> str:
        """Return what to send as Authorization; for Digest it depends on the request and a challenge to it."""
        if self._digest is None:
            return self._authorization
        try:
            bare = Request(request.full_url)  # noqa: S310 - checked above
            self._open(bare, exchange).close()
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
    """The answer of a server, read piece by piece; what ends early or late, or is too large, is an error."""

    def __init__(
        self, response: HTTPResponse, request: Request, deadline: float, limit: float, largest: float = math.inf
    ) -> None:
        """Take over an open response that has to be read by `deadline`, `limit` seconds after it was asked for.

        `largest` is how many bytes may be read, and as many may be held of what was made of them.
        """
        self.headers = response.headers
        self.media_type = response.headers.get_content_type() if "Content-Type" in response.headers else ""
        self.framed = response.length is not None or response.chunked
        self._response, self._request, self._deadline, self._limit = response, request, deadline, limit
        self._largest, self._read, self._held = largest, 0, 0
        self._pieces = self._decoded()

    def read(self) -> bytes:
        """Return some more bytes, or none at the end.

        Raises EndpointError when the connection ends before the answer, or it is too large, TimeLimitError when time
        is up.
        """
        if time.monotonic() > self._deadline:
            raise _failure(self._request, TimeoutError(), self._limit)
        piece = next(self._pieces, b"")
        self._read += len(piece)
        if self._read > self._largest:
            raise self._too_large()
        return piece

    def _decoded(self) -> Iterator[bytes]:
        """Yield what came, none of it empty; it is compressed if the server did so without being asked."""
        coding = self.headers.get("Content-Encoding", "identity").strip().lower()
        if coding in ("", "identity"):
            yield from self._sent()
        elif coding not in ("gzip", "x-gzip", "deflate"):
            raise incomplete(self, visible(f"it is encoded as {coding}, which was not asked for"))
        else:
            try:
                yield from _inflated(self._sent())
            except (zlib.error, EOFError):
                raise incomplete(self, f"it is no {coding}") from None

    def _sent(self) -> Iterator[bytes]:
        try:
            # read1 returns what has come, so that a server that drips cannot hold us beyond the deadline.
            while piece := self._response.read1(_CHUNK):
                yield piece
        except (OSError, HTTPException, ValueError) as error:
            raise _failure(self._request, error, self._limit) from None
        if self._response.length:
            raise incomplete(self, f"{self._response.length} bytes are missing")

    def hold(self, number: int) -> None:
        """Count bytes that are kept of the answer in another form; raises EndpointError when there are too many."""
        self._held += number
        if self._held > self._largest:
            raise self._too_large()

    def _too_large(self) -> EndpointError:
        return EndpointError(
            f"{self}: the answer is larger than {self._largest / 2**20:,.0f} MiB; narrow the query, write its rows to a"
            " file (sparql --format csv -o FILE, or save), or let connect take more with `largest`"
        )

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


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what gzip or zlib made of a text, in pieces of a size; raises zlib.error, and EOFError if it breaks off."""
    inflate = zlib.decompressobj(_EITHER)
    for piece in pieces:
        while piece:
            if inflate.eof:  # gzip may have several members
                inflate = zlib.decompressobj(_EITHER)
            if text := inflate.decompress(piece, _CHUNK):
                yield text
            piece = inflate.unconsumed_tail or inflate.unused_data
    if rest := inflate.flush():
        yield rest
    if not inflate.eof:
        raise EOFError


def error_text(text: bytes) -> str:
    """Return what an error page says, as one short line without markup or control characters."""
    words = re.sub(r"(?is)<(script|style|title)\b.*?</\1\s*>|<[^>]*>", " ", text[:20_000].decode("utf-8", "replace"))
    line = " ".join("".join(c if c.isprintable() else " " for c in unescape(words)).split())
    return line if len(line) <= 300 else f"{line[:300]}..."


def _parts(url: str) -> SplitResult:
    """Return the parts of the URL of an endpoint; raises InputError when it is none."""
    if not url.isascii():
        raise InputError(
            f"endpoint {url!r} is no http or https URL; write letters beyond ASCII as %XX, in a host as xn--"
        )
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or re.search(r"[\s\x00-\x20]", url):
        raise InputError(f"endpoint {url!r} is no http or https URL; write for example http://localhost:7878/query")
    if parts.username or parts.password:
        raise InputError(f"credentials do not go into the URL; set {USERNAME} and {PASSWORD}, or {TOKEN}")
    if parts.query or parts.fragment:
        raise InputError(f"endpoint {url!r}: write it without ? and #")
    return parts


def _credentials(parts: SplitResult, loopback: bool) -> tuple[str, str, str]:
    """Return user, password and token of the environment; raises InputError when they cannot be sent to an endpoint."""
    user, password, token = (os.environ.get(name, "") for name in (USERNAME, PASSWORD, TOKEN))
    if user and token:
        raise InputError(f"both {USERNAME} and {TOKEN} are set; unset one")
    if (user or token) and parts.scheme == "http" and not loopback:
        raise InputError(f"credentials are not sent over plain http to {parts.hostname}; use https")
    if not (user + password + token).isprintable() or not token.isascii():
        raise InputError(f"{USERNAME}, {PASSWORD} or {TOKEN} holds a line break or another letter that cannot be sent")
    return user, password, token


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
    return EndpointError(visible(f"{where} answers {error.code} {error.reason}{text}"), error.code)


def _failure(request: Request, error: Exception, limit: float) -> Exception:
    reason = error.reason if isinstance(error, URLError) else error
    where, why = _shown(request), visible(str(reason)) or type(reason).__name__
    if isinstance(reason, TimeoutError):
        return TimeLimitError(f"{where}: no answer within {limit:g} seconds; narrow the query or raise the time limit")
    if request.data is not None and isinstance(reason, BrokenPipeError | ConnectionResetError):
        return EndpointError(
            f"{where} broke the connection while it was sent data; if it wants credentials, set {USERNAME} and"
            f" {PASSWORD}, or {TOKEN}"
        )
    if isinstance(error, URLError):
        return EndpointError(f"{where} cannot be reached: {why}; check the URL and that the server runs")
    return EndpointError(f"{where}: the connection broke: {why}; nothing was kept")
