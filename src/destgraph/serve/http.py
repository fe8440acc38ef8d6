"""HTTP as the server reads it."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD = 1 << 16


class BoundedHttp(HttpToolsProtocol):
    """Refuses a request whose headers have no end after more than 64 kB: the parser would keep any number."""

    _reading = False
    _size = 0

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._reading, self._size = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End to count."""
        self._reading = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        super().data_received(data)
        if self._reading:
            self._size += len(data)
            if self._size > _HEAD:
                self._reading = False
                self.send_400_response("the line and the headers of a request have at most 65536 bytes")
