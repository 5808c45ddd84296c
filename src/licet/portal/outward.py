"""Where may this server connect to on somebody else's word? The public internet, and the networks the operator named.

Whoever names a server for us to ask (a sign-in server, a receiver of webhooks) must not reach this machine or the network
behind it. All that a name stands for is checked, and the address that was checked is the one connected to: a name that
resolves otherwise a moment later leads nowhere.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from licet.errors import LicetError
from licet.portal.config import Network

type Ip = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")


def spelt(url: str, most: int, plain: Callable[[Ip], bool], mend: str) -> SplitResult:
    """The parts of an address of at most `most` characters that could be asked at all. Nothing is resolved yet.

    http:// goes only to an address by number of which `plain` is true. LicetError says what is wrong, with this mend.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise LicetError("this is not an address", mend=mend) from None
    good = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= most
    if not good or not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise LicetError("this is not an address of a server", mend=mend)
    if parts.scheme != "https" and not (parts.scheme == "http" and _by_number(host, plain)):
        raise LicetError("the address does not begin with https://", mend=mend)
    return parts


def _by_number(host: str, plain: Callable[[Ip], bool]) -> bool:
    try:
        return plain(ip_address(host))
    except ValueError:
        return False


def resolved(host: str, port: int, networks: Iterable[Network]) -> str | None:
    """The address to connect to; None where any that the name stands for is not allowed. OSError: it stands for none."""
    try:
        found = sorted({str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    except UnicodeError:
        raise OSError(f"`{host}` is no name") from None
    networks = tuple(networks)
    if not found or not all(allowed(ip_address(one.partition("%")[0]), networks) for one in found):
        return None
    return found[0]


def allowed(ip: Ip, networks: tuple[Network, ...]) -> bool:
    """Is it public, or in one of the networks? An address that carries another one is asked for both."""
    if any(ip in network for network in networks):
        return True
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else None)
        if inner is not None:
            return allowed(inner, networks)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def connection(scheme: str, host: str, port: int, address: str, timeout_s: float) -> Connection:
    """A connection to `address`, for the server named `host`."""
    if scheme == "https":
        return _PinnedTls(host, port, address, timeout_s)
    return _Pinned(host, port, address, timeout_s)


@contextmanager
def cut_after(connection: Connection, whole_s: float) -> Iterator[None]:
    """All that is waited for in here ends after `whole_s`: who sends a byte a second would else hold us for days."""
    late = threading.Timer(whole_s, _cut, (connection,))
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()


def _cut(connection: Connection) -> None:
    if connection.wire is not None:
        try:
            connection.wire.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it was over already


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was checked, whatever the name stands for by now."""

    def __init__(self, host: str, port: int, address: str, timeout_s: float) -> None:
        super().__init__(host, port, timeout=timeout_s)
        self._address = address
        self.wire: socket.socket | None = None  # `sock` is forgotten while an answer is still being read from it

    def connect(self) -> None:
        self.sock = self.wire = socket.create_connection((self._address, self.port), self.timeout)


class _PinnedTls(http.client.HTTPSConnection):
    def __init__(self, host: str, port: int, address: str, timeout_s: float) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=timeout_s, context=self._tls)
        self._address = address
        self.wire: socket.socket | None = None

    def connect(self) -> None:
        bare = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self.wire = self._tls.wrap_socket(bare, server_hostname=self.host)
        except BaseException:
            bare.close()
            raise


Connection = _Pinned | _PinnedTls
