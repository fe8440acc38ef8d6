"""Requests to a server on this machine, and its answers as they come."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Reply:
    """A response: status, headers by their names in small letters, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


def ask(
    url: str,
    path: str,
    method: str = "GET",
    body: bytes | str | None = None,
    headers: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
) -> Reply:
    """Send one request; `fields` go into the URL. Redirects are not followed."""
    at = urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=300)
    target = at.path.rstrip("/") + path + ("?" + urlencode(fields) if fields else "")
    try:
        connection.request(method, target, body.encode() if isinstance(body, str) else body, dict(headers or {}))
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, found, response.read())
    finally:
        connection.close()
