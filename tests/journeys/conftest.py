"""One demo and one Chromium for all journeys of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Mailbox, browser
from tests.serve.served import running


@dataclass
class Demo:
    url: str
    operator: dict[str, str]
    mail: Mailbox


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder: Path = tmp_path_factory.mktemp("demo")
    with running("demo", "--json", "--port", "0", "--dir", str(folder)) as process:
        told = json.loads(process.wait_for('"url"'))
        yield Demo(told["url"], told["operator"], Mailbox(folder / ".licet" / "mail"))
        assert process.popen.poll() is None, "the demo ended by itself: " + "".join(process.errors)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as started:
        yield started
