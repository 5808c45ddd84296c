"""Licet eats its own dish: the page of this repository's own licet.toml is built by it, and answers as `may` does."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

import licet
from licet.portal.config import PortalConfig
from licet.release.document import read
from licet.terms.action import ACTIONS, SUGAR

ROOT = Path(__file__).parents[2]


@pytest.fixture
def own(portal: PortalConfig, tmp_path: Path) -> Path:
    """This repository's own terms, published as any other's are."""
    from licet.portal import documents, events

    for name in ("licet.toml", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    documents.publish((ROOT / "licet.toml").read_bytes(), events.COMMAND, folder=tmp_path)
    return tmp_path


def text(path: str, **asked: str) -> str:
    from django.test import Client

    answer = Client(headers={"host": "localhost:8000"}).get(path, asked)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_the_page_says_what_this_repository_is_and_why_it_is_open(own: Path) -> None:
    page = text("/")
    release = read((own / "licet.toml").read_bytes())
    assert "No model is in it" in page and "no class yet" not in page
    assert "so that nobody has to ask" in page and release.licensor in page
    for component in release.components:
        assert f'href="/licenses/{component.name}"' in page
        assert "Permission is hereby granted" in text(f"/licenses/{component.name}")


@pytest.mark.parametrize("component", ["code", "shelf", "docs"])
def test_its_answers_are_those_of_the_library(own: Path, component: str) -> None:
    release = read((own / "licet.toml").read_bytes())
    told = set()
    for action in (*ACTIONS, *SUGAR):
        answer = licet.may(action, release, component=component).answer.name.lower()
        assert f'class="answer {answer}"' in text("/", do=action, **{"with": component}), (action, answer)
        told.add(answer)
    assert len(told) > 1, "MIT allows much, and is silent about names"


def test_its_terms_go_out_as_data_and_its_document_as_it_is(own: Path) -> None:
    terms = json.loads(text("/terms.json"))
    assert {one["name"] for one in terms["components"]} == {"code", "shelf", "docs"}
    assert "MIT" in text("/badge.svg") or "commercial use" in text("/badge.svg")
    assert "Everything here is MIT" in text(f"/documents/{sha256((own / 'licet.toml').read_bytes()).hexdigest()}")
