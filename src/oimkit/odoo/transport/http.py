"""HTTP as every transport needs it: no redirects, one deadline over everything, bounded replies, TLS verified.

The environment decides nothing: neither ``.netrc`` nor proxy variables nor certificate variables are read
(``trust_env`` is off), because each of them can send a secret to another host. A proxy and a private
certificate authority are named in the settings instead.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import logging
import re
import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.connection
import urllib3.connectionpool
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from urllib3.poolmanager import PoolManager

from oimkit._version import __version__
from oimkit.errors import BadReply, ConfigurationError, NotSent, OdooError, OutcomeUnknown
from oimkit.odoo.transport.deadline import Deadline
from oimkit.odoo.transport.resolving import Address, Resolver, Unanswered

__all__ = ["Body", "Http", "HttpLimits", "Reply", "lost"]

_log = logging.getLogger("oimkit.odoo")

_PIECE = 256 * 1024

_FREE_OF_RATIO = 8 * 1024 * 1024
"""Bytes that a reply may unfold to whatever it was on the wire."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds on one exchange.

    reply_bytes  size of a reply after decompression
    unfolding    times its size on the wire that a reply may unfold to, once it is larger than 8 MiB. Records read with
                 all their fields, most of them empty, reach 130 times; a bomb of one repeated sign reaches 1,030
    connect_s    seconds for one attempt to connect
    """

    reply_bytes: int = 256 * 1024 * 1024
    connect_s: float = 15.0
    unfolding: int = 400


class Body:
    """The bytes of a request, which may hold a secret: they show themselves only when they are sent."""

    __slots__ = ("_reveal", "size")

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self._reveal: Callable[[], bytes] = lambda: data

    def reveal(self) -> bytes:
        return self._reveal()

    def __repr__(self) -> str:
        return f"<body of {self.size} bytes>"


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """A complete answer, decompressed; ``headers`` have names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_json(self) -> bool:
        return "json" in self.headers.get("content-type", "")

    @property
    def has_length(self) -> bool:
        """True when the server told where the body ends; else it ends where the connection did, for any reason."""
        return "content-length" in self.headers or "chunked" in self.headers.get("transfer-encoding", "").lower()

    @property
    def is_html(self) -> bool:
        start = self.body[:200].lstrip().lower()
        return start.startswith((b"<!doctype html", b"<html", b"<head", b"<title"))

    def __repr__(self) -> str:
        return f"<reply {self.status}, {len(self.body)} bytes>"


def lost(reason: str, *, changes: bool, advice: str = "", again: bool = False) -> OdooError:
    """The error for a call that was sent and has no usable answer.

    changes  the call may change something: its outcome is unknown
    again    for a call that changes nothing: asking once more may help
    """
    if changes:
        return OutcomeUnknown(
            reason, advice=advice or "it may have happened: settle it by its key, never send it afresh"
        )
    return LostReply(reason, advice=advice) if again else BadReply(reason, advice=advice)


class LostReply(BadReply):
    """The answer of a call that changes nothing was lost on the way: asking again is safe and may help."""


class Http:
    """Exchanges with one server over kept connections; threads may share it.

    url        the address, with any base path, without a closing slash
    ca_bundle  file of the certificates to trust instead of the usual ones
    proxy      address of a proxy to go through
    """

    def __init__(
        self,
        url: str,
        *,
        limits: HttpLimits | None = None,
        allow_plain_http: bool = False,
        ca_bundle: str | None = None,
        proxy: str | None = None,
    ) -> None:
        self.url = checked_url(url, allow_plain_http=allow_plain_http)
        self.limits = limits or HttpLimits()
        self._local = threading.local()
        self._resolver = Resolver()
        self._cookies = requests.cookies.RequestsCookieJar()
        if ca_bundle is not None and not Path(ca_bundle).exists():
            raise ConfigurationError(
                f"the file of the certificate authorities is not there: {ca_bundle}", advice="check OIMKIT_CA_BUNDLE"
            )
        self._ca_bundle = ca_bundle
        self._proxy = proxy

    def __repr__(self) -> str:
        return f"Http({getattr(self, 'url', None)!r})"

    def with_own_cookies(self) -> Http:
        """Another way to the same server, on the same terms, that shares no connection and no cookie with this one."""
        return Http(self.url, limits=self.limits, allow_plain_http=True, ca_bundle=self._ca_bundle, proxy=self._proxy)

    def exchange(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        *,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Callable[[requests.PreparedRequest], requests.PreparedRequest] | None = None,
        changes: bool = False,
        sink: Callable[[bytes], object] | None = None,
        limit_bytes: int | None = None,
    ) -> Reply:
        """Send one request, once, and return the whole answer whatever its status, redirects excepted.

        Args:
            sink: takes the body of an answer with status 200 piece by piece; the Reply's own is then empty.
            limit_bytes: of the answer after decompression, in place of ``limits``.

        Raises:
            NotSent: no connection, or none in time.
            OutcomeUnknown, BadReply: sent, but no complete answer within deadline and limits; see ``lost``.
        """
        deadline.demand()
        limit = self.limits.reply_bytes if limit_bytes is None else limit_bytes
        trail = _Trail(deadline, limit, self._resolver)
        outcome = self._attempt(method, path, trail, body, headers, auth, changes=changes, sink=sink)
        if isinstance(outcome, Reply):
            _log.debug(
                "%s %s: %d, %d bytes, %.3f s",
                method,
                path,
                outcome.status,
                len(outcome.body),
                deadline.total_s - deadline.remaining_s,
            )
            return outcome
        _log.debug("%s %s: %s", method, path, type(outcome).__name__)
        raise outcome  # outside of any handler: foreign errors hold the request, and so the secret

    def _attempt(
        self,
        method: str,
        path: str,
        trail: _Trail,
        body: Body | None,
        headers: Mapping[str, str] | None,
        auth: Callable[[requests.PreparedRequest], requests.PreparedRequest] | None,
        *,
        changes: bool,
        sink: Callable[[bytes], object] | None,
    ) -> Reply | OdooError:
        remaining = max(trail.deadline.remaining_s, 0.001)
        connect_s = min(self.limits.connect_s, remaining)
        try:
            with trail.followed():
                response = self._session.request(
                    method,
                    self.url + path,
                    data=body.reveal() if body else None,
                    headers=dict(headers or {}),
                    auth=auth,
                    timeout=(connect_s, remaining),
                    allow_redirects=False,
                    stream=True,
                )
                try:
                    return self._read(response, trail.limit, changes=changes, sink=sink)
                except BaseException:
                    response.close()
                    raise
        except OdooError as error:
            return error
        except requests.exceptions.SSLError as error:
            return _tls_failure(error, trail, changes=changes)
        except (
            requests.exceptions.RequestException,
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            OSError,
        ) as error:
            return _failure(error, trail, self.url, changes=changes)
        except _TooLong:
            return lost(f"the reply is larger than {trail.limit} bytes", changes=changes, advice=_SMALLER)
        except _Swollen:
            reason = f"the reply unfolds to more than {self.limits.unfolding} times its size on the wire"
            return lost(reason, changes=changes, advice="ask for fewer records or fields")

    @property
    def _session(self) -> requests.Session:
        """This thread's session: requests does not promise that threads can share one."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.verify = self._ca_bundle or True
            if self._proxy:
                session.proxies = {"http": self._proxy, "https": self._proxy}
            session.cookies = self._cookies
            session.headers.clear()
            session.headers.update({"User-Agent": f"oimkit/{__version__}", "Accept-Encoding": "gzip, deflate"})
            session.mount("http://", _Adapter())
            session.mount("https://", _Adapter())
            self._local.session = session
        return session

    def _read(
        self, response: requests.Response, limit: int, *, changes: bool, sink: Callable[[bytes], object] | None
    ) -> Reply:
        headers = {name.lower(): value for name, value in response.headers.items()}
        if 300 <= response.status_code < 400:
            raise _redirect(response.status_code, headers.get("location", ""), self.url, changes=changes)
        if sink is not None and response.status_code == 200:
            for piece in _pieces(response, headers, limit, None, changes=changes):  # nothing of it is held
                sink(piece)
            return Reply(200, headers, b"")
        pieces = _pieces(response, headers, limit, self.limits.unfolding, changes=changes)
        return Reply(response.status_code, headers, b"".join(pieces))


_SMALLER = "ask for fewer records or fields, or raise limit_bytes"


def checked_url(url: str, *, allow_plain_http: bool) -> str:
    """*url* without a closing slash; ConfigurationError when a secret must not be sent there."""
    advice = "give it as https://host or https://host/path"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError("the address of the server cannot be read", advice=advice) from None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise ConfigurationError("the address of the server has no scheme or no host", advice=advice)
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise ConfigurationError(
            "the address of the server holds a user or password", advice="give them as user and secret"
        )
    if parts.query or parts.fragment or any(ord(character) <= 32 or ord(character) > 126 for character in url):
        raise ConfigurationError("the address of the server has more than scheme, host, port and path", advice=advice)
    if parts.scheme == "http" and not _is_loopback(host) and not allow_plain_http:
        raise ConfigurationError(
            "plain http would send the secret readable over the network",
            advice="use https, or pass allow_plain_http=True where the network is trusted",
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# --- the reply


def _pieces(
    response: requests.Response, headers: Mapping[str, str], limit: int, unfolding: int | None, *, changes: bool
) -> Iterator[bytes]:
    """The body of *response*, decompressed, piece by piece; None as *unfolding* lets it unfold as it likes."""
    encoding = headers.get("content-encoding", "").strip().lower()
    pieces = response.raw.stream(_PIECE, decode_content=False)
    if encoding in ("", "identity"):
        yield from _counted(pieces, limit)
    elif encoding in ("gzip", "x-gzip", "deflate"):
        try:
            yield from _counted(_inflate(pieces, unfolding), limit)
        except zlib.error:
            raise lost("the reply cannot be decompressed", changes=changes) from None
    else:
        raise lost("the reply is compressed in a way that was not asked for", changes=changes)


def _counted(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise _TooLong
        yield piece


def _inflate(pieces: Iterator[bytes], unfolding: int | None) -> Iterator[bytes]:
    """Decompress piece by piece, never more than one piece ahead; every gzip member, zlib, or raw deflate."""
    window: int = zlib.MAX_WBITS | 32
    inflater = zlib.decompressobj(window)
    first = True
    taken = given = 0

    def checked(out: bytes, left: int) -> bytes:
        """*out*, which came of what was taken but for the *left* bytes of it that wait."""
        nonlocal given
        given += len(out)
        if unfolding is not None and given > _FREE_OF_RATIO and given > unfolding * (taken - left):
            raise _Swollen
        return out

    for piece in pieces:
        data = piece
        taken += len(piece)
        while data:
            if inflater.eof:
                inflater = zlib.decompressobj(window)
            try:
                out = inflater.decompress(data, _PIECE)
            except zlib.error:
                if not first or window == -zlib.MAX_WBITS:
                    raise
                window = -zlib.MAX_WBITS
                inflater = zlib.decompressobj(window)
                out = inflater.decompress(data, _PIECE)
            first = False
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            if out:
                yield checked(out, len(data))
            while not data and not inflater.eof and len(out) == _PIECE:
                out = inflater.decompress(b"", _PIECE)
                if out:
                    yield checked(out, 0)
    if not inflater.eof:
        raise zlib.error("incomplete")


def _redirect(status: int, location: str, url: str, *, changes: bool) -> OdooError:
    """Odoo's services never redirect; following would carry the secret to wherever the answer names."""
    try:
        here, there = urlsplit(url), urlsplit(location)
        if there.hostname and there.hostname != here.hostname:
            where = "to another host"
        elif there.scheme and there.scheme != here.scheme:
            where = f"to {there.scheme if there.scheme in ('http', 'https') else 'another scheme'} on the same host"
        else:
            where = "to another path or port of the same host"
    except ValueError:
        where = "to an address that cannot be read"
    return lost(
        f"the server redirects {where} (status {status}), which is not followed because the secret would go there",
        changes=changes,
        advice=f"give the address that the server really answers at{_perhaps(location)}",
    )


def _perhaps(location: str) -> str:
    """The address of an Odoo that a redirect points at, without what a request added to it; "" when it tells none."""
    try:
        there = urlsplit(location)
        port = f":{there.port}" if there.port else ""
    except ValueError:
        return ""
    host = there.hostname or ""
    if (
        there.scheme not in ("http", "https")
        or not host.isascii()
        or not host.replace("-", "").replace(".", "").isalnum()
    ):
        return ""
    base = re.split(r"/(?:jsonrpc|xmlrpc|json|web|odoo)(?:/|$)", there.path + "/", maxsplit=1)[0].rstrip("/")
    path = base if re.fullmatch(r"(?:/[A-Za-z0-9_-]{1,40}){0,4}", base, re.ASCII) else ""
    return f", perhaps {there.scheme}://{host}{port}{path}"


def _tls_failure(error: BaseException, trail: _Trail, *, changes: bool) -> OdooError:
    if trail.sent:
        return lost("the encrypted connection broke", changes=changes, again=True)
    text = str(error)
    if "hostname" in text.lower() or "doesn't match" in text.lower() or "IP address mismatch" in text:
        why = "its certificate is for another host"
    elif "expired" in text:
        why = "its certificate has expired"
    elif "not yet valid" in text:
        why = "its certificate is not yet valid, or the clock here is wrong"
    elif "self-signed" in text or "self signed" in text or "unable to get local issuer" in text:
        why = "its certificate is not signed by an authority that is trusted here"
    elif "wrong version number" in text.lower() or "record layer failure" in text.lower():
        why = "it does not speak TLS at this port"
    else:
        why = "no encrypted connection could be agreed on"
    return NotSent(
        f"the server was not contacted: {why}", advice="mend the certificate or address, or name its authority's file"
    )


def _failure(error: BaseException, trail: _Trail, url: str, *, changes: bool) -> OdooError:
    """What a broken exchange means, by how far it got; the foreign error's text is never repeated."""
    over = trail.deadline.remaining_s <= 0
    if not trail.sent:
        host = urlsplit(url).netloc
        if over:
            return NotSent(
                f"no connection to {host} within {trail.deadline.total_s:g} s", advice="check address and network"
            )
        if trail.is_unresolved:
            return NotSent(f"no name server told the address of {host} in time", advice="check the network")
        if isinstance(error, requests.exceptions.ProxyError):
            return NotSent(f"the proxy towards {host} cannot be reached", advice="check the proxy setting")
        if "NameResolution" in repr(error) or "getaddrinfo" in repr(error):
            return NotSent(f"the host name {host} is not known", advice="check the address for a slip of the pen")
        return NotSent(f"{host} cannot be reached", advice="check that the server runs and the port is right")
    if over:
        return lost(f"no complete answer within the deadline of {trail.deadline.total_s:g} s", changes=changes)
    if isinstance(error, (http.client.LineTooLong,)) or "headers" in str(error) or "LineTooLong" in repr(error):
        return lost("the reply has endless headers", changes=changes)
    return lost("the connection broke before the answer was complete", changes=changes, again=True)


# --- connections that know the deadline


class _TooLong(Exception):
    """More bytes came over the wire than the limit permits."""


class _Swollen(Exception):
    """A few bytes on the wire unfold to more than any honest reply does."""


class _Trail:
    """How far one exchange got, and when it ends."""

    __slots__ = ("deadline", "is_unresolved", "limit", "resolver", "sent")

    def __init__(self, deadline: Deadline, limit: int, resolver: Resolver) -> None:
        self.deadline = deadline
        self.limit = limit
        self.resolver = resolver
        self.sent = False
        self.is_unresolved = False

    @contextmanager
    def followed(self) -> Iterator[None]:
        token = _TRAIL.set(self)
        try:
            yield
        finally:
            _TRAIL.reset(token)

    def remaining_s(self) -> float:
        remaining = self.deadline.remaining_s
        if remaining <= 0:
            raise TimeoutError("the deadline is over")
        return remaining


_TRAIL: ContextVar[_Trail] = ContextVar("oimkit_http_trail")
"""The exchange that runs in this context; urllib3 offers no way to hand it down."""

_SEND = 16 * 1024


class _TimedReader(io.RawIOBase):
    """Reads from a socket; every read ends at the exchange's deadline, so that dripped bytes gain no time."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._trail = _TRAIL.get()
        self._allowance = self._trail.limit + 1024 * 1024
        self.is_at_end = False
        sock._io_refs += 1  # type: ignore[attr-defined]  # as socket.makefile does: the socket closes with its last reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._trail.remaining_s())
        count = self._sock.recv_into(buffer)
        self.is_at_end = count == 0
        self._allowance -= count
        if self._allowance < 0:
            raise _TooLong
        return count

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._sock._decref_socketios()  # type: ignore[attr-defined]


class _TimedSocket:
    """What http.client needs of a socket to read a response from: a file."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock), 64 * 1024)


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **named: Any) -> None:
        super().__init__(_TimedSocket(sock), *args, **named)  # type: ignore[arg-type]

    def begin(self) -> None:
        """Read the headers; the end of the stream inside them is no end of theirs, as http.client takes it."""
        super().begin()
        reader = getattr(self.fp, "raw", None)
        if isinstance(reader, _TimedReader) and reader.is_at_end:
            raise http.client.IncompleteRead(b"")


class _Timed:
    """A connection that notes when its first byte leaves, and resolves, connects, sends and reads in time."""

    response_class: Any = _TimedResponse
    sock: Any
    timeout: Any
    host: Any
    port: Any
    _dns_host: Any
    socket_options: Any

    def _new_conn(self) -> socket.socket:
        """A connected socket, whose next steps (a proxy's answer, the handshake of TLS) end with the deadline too."""
        trail = _TRAIL.get()
        end = trail.deadline.clock() + min(self.timeout, trail.remaining_s())
        addresses = self._addresses(trail)
        failure: OSError = OSError("no address")
        for index, address in enumerate(addresses):
            remaining = end - trail.deadline.clock()
            if remaining <= 0:
                failure = TimeoutError("the time to connect is over")
                break
            try:
                connected = _connected(address, remaining / (len(addresses) - index), self.socket_options or ())
            except OSError as error:
                failure = error
                continue
            connected.settimeout(trail.remaining_s())
            return connected
        raise failure

    def _addresses(self, trail: _Trail) -> Sequence[Address]:
        try:
            return trail.resolver.addresses(self._dns_host, self.port, min(self.timeout, trail.remaining_s()))
        except Unanswered:
            trail.is_unresolved = True
            raise
        except socket.gaierror as error:
            raise urllib3.exceptions.NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        trail = _TRAIL.get()
        if not isinstance(data, (bytes, bytearray)):
            raise TypeError("only bytes are sent")
        view = memoryview(data)
        for start in range(0, len(view), _SEND):
            self.sock.settimeout(trail.remaining_s())
            trail.sent = True
            self.sock.sendall(view[start : start + _SEND])

    def connect(self) -> None:
        raise NotImplementedError


def _connected(address: Address, timeout_s: float, options: Iterable[tuple[Any, ...]]) -> socket.socket:
    """A socket connected to *address* within *timeout_s* seconds. Raises OSError."""
    family, kind, protocol, _name, where = address
    connecting = socket.socket(family, kind, protocol)
    try:
        for option in options:
            connecting.setsockopt(*option)
        connecting.settimeout(timeout_s)
        connecting.connect(where)
    except BaseException:
        connecting.close()
        raise
    return connecting


class _HttpConnection(_Timed, urllib3.connection.HTTPConnection):
    def connect(self) -> None:
        urllib3.connection.HTTPConnection.connect(self)


class _HttpsConnection(_Timed, urllib3.connection.HTTPSConnection):
    def connect(self) -> None:
        urllib3.connection.HTTPSConnection.connect(self)


class _HttpPool(urllib3.connectionpool.HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(urllib3.connectionpool.HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


class _Adapter(HTTPAdapter):
    """Connections of the classes above, none of which repeats a request by itself."""

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        self._time(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **named)
        self._time(manager)
        return manager

    @staticmethod
    def _time(manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
