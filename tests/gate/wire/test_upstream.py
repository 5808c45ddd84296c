"""The client side of a proxied call by itself: TLS, time, and what a connection may be used for again."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from scripted import Scripted, raw, whole

from licet.gate.upstream import Upstream, Upstreams
from licet.gate.upstream_wire import Fault


async def ask(upstream: Upstream, timeout_s: float = 2, most_bytes: int = 1000) -> bytes:
    head = upstream.head("/x", [(b"content-type", b"text/plain")])
    return (await upstream.ask(head, b"body", timeout_s=timeout_s, most_bytes=most_bytes)).body


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, pem, serialization.NoEncryption()))
    return cert, secret


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_server_is_asked_over_tls_only_if_its_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    cert, secret = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, secret)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"body")
        writer.write(whole(200, b"secret"))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    upstream = Upstream(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    if trusted:
        assert await ask(upstream) == b"secret"
    else:
        with pytest.raises(Fault) as fault:
            await ask(upstream)
        assert fault.value.kind == "unreachable"
        assert "CERTIFICATE_VERIFY_FAILED" in str(fault.value)
    server.close()


async def test_a_shorter_patience_on_a_kept_connection_is_kept_too(upstream: Scripted) -> None:
    client = Upstream(upstream.url)
    assert await ask(client, timeout_s=600) == b"body"

    async def never(asked: Any, writer: Any) -> None:
        await asked.gone.wait()

    upstream.then = never
    async with asyncio.timeout(5):
        with pytest.raises(Fault) as fault:
            await ask(client, timeout_s=0.1)
    assert fault.value.kind == "late"
    assert upstream.connections == 1
    assert client.open == 0


async def test_an_answer_above_the_most_is_refused_and_its_connection_closed(upstream: Scripted) -> None:
    upstream.then = raw(whole(200, b"x" * 5000), close=False)
    client = Upstream(upstream.url)
    with pytest.raises(Fault) as fault:
        await ask(client)
    assert (fault.value.kind, client.open) == ("too_large", 0)


async def test_a_caller_who_is_cancelled_leaves_no_connection_behind(upstream: Scripted) -> None:
    async def never(asked: Any, writer: Any) -> None:
        await asked.gone.wait()

    upstream.then = never
    client = Upstream(upstream.url)
    task = asyncio.create_task(ask(client))
    while not upstream.asked:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await upstream.asked[0].gone.wait()
    assert client.open == 0


async def test_many_calls_share_few_connections_and_all_are_closed_at_the_end(upstream: Scripted) -> None:
    all_of_them = Upstreams()
    client, target = all_of_them.of(upstream.url + "/v1/x")
    assert target == "/v1/x"
    for _ in range(3):
        assert await asyncio.gather(*(ask(client) for _ in range(20))) == [b"body"] * 20
    assert upstream.connections == 20
    assert all_of_them.open == 20
    all_of_them.tidy(every=True)
    assert all_of_them.open == 0


def test_a_line_break_in_a_header_never_reaches_a_server() -> None:
    with pytest.raises(ValueError, match="line break"):
        Upstream("http://127.0.0.1").head("/", [(b"authorization", b"Bearer x\r\nhost: evil")])
