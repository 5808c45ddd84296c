"""A mail server on the loopback that can be switched off and on, and refuses whom it is told to."""

from __future__ import annotations

import email
import email.policy
import socket
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from threading import Thread


@dataclass
class Postbox:
    """`refuses`: the addresses it answers 550; `took`: what it accepted, in order; nobody listens until `on()`."""

    port: int = 0
    refuses: set[str] = field(default_factory=set)
    took: list[tuple[str, EmailMessage]] = field(default_factory=list)
    _server: socketserver.ThreadingTCPServer | None = None

    def __post_init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def on(self) -> None:
        postbox = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                postbox._talk(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        self._server = Server(("127.0.0.1", self.port), Talk)
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def off(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for whom, mail in self.took if whom == address]

    def _talk(self, wire: socketserver.StreamRequestHandler) -> None:
        def say(words: str) -> None:
            wire.wfile.write(f"{words}\r\n".encode())

        say("220 postbox.invalid")
        to = ""
        while line := wire.rfile.readline():
            word, _, rest = line.decode().strip().partition(":")
            match word.split()[0].upper():
                case "RCPT" if (to := rest.strip().strip("<>")) in self.refuses:
                    say("550 nobody of that name")
                case "DATA":
                    say("354 go on")
                    rows = []
                    while (row := wire.rfile.readline()) != b".\r\n":
                        rows.append(row.removeprefix(b"."))
                    mail = email.message_from_bytes(b"".join(rows), policy=email.policy.default)
                    assert isinstance(mail, EmailMessage)
                    self.took.append((to, mail))
                    say("250 taken")
                case "QUIT":
                    say("221 bye")
                    return
                case _:
                    say("250 yes")


@contextmanager
def postbox() -> Iterator[Postbox]:
    """The portal's mails go to it, over the wire, as with `LICET_SMTP_URL`."""
    from dataclasses import replace

    from django.test import override_settings

    from licet.portal import config
    from licet.portal.django_settings import _mail

    box = Postbox()
    mailers = _mail(replace(config.current(), smtp_url=f"smtp://127.0.0.1:{box.port}"))["MAILERS"]
    with override_settings(MAILERS=mailers):
        try:
            yield box
        finally:
            box.off()
