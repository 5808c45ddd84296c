"""The portal's API answers as the description says, which stands in the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.portal.test_pages_of_mine import client

from licet.gate.openapi.elsewhere import PORTAL
from licet.gate.openapi.schemas import SCHEMAS


def held(method: str, path: str, answer: Any) -> None:
    """The answer's status, type and body are among those that the description has."""
    told = PORTAL[method, path].responses()
    assert str(answer.status_code) in told, (method, path, answer.status_code)
    ((kind, media),) = told[str(answer.status_code)]["content"].items()
    assert answer["Content-Type"].partition(";")[0] == kind
    jsonschema.validate(answer.json(), {**media["schema"], "components": {"schemas": SCHEMAS}})


@pytest.mark.parametrize(("method", "path"), sorted(PORTAL))
def test_what_the_portals_api_answers_is_what_is_said_of_it(release: Path, method: str, path: str) -> None:
    from licet.portal import acceptances, accounts, events, keys

    ada = accounts.create("ada@example.org", "correct horse battery", events.COMMAND)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {keys.make(ada, 'k', events.COMMAND).secret.reveal()}"}
    text = acceptances.text("sana", "weights")
    assert text is not None
    good = {
        "/v1/acceptances": {"license": text.license, "sha256": text.sha256},
        "/v1/requests": {"tier": "vip", "reason": "x"},
    }
    bodies: list[Any] = [good[path], good[path], {}, [], {"tier": 7}, {**good[path], "more": "x"},
                         {**good[path], "release": "none"}, "text"]  # fmt: skip
    browser = client()
    if method == "GET":
        browser.post(path, good[path], content_type="application/json", **bearer)
        for headers in (bearer, {}, {"HTTP_AUTHORIZATION": "Bearer lic_x"}, {"HTTP_AUTHORIZATION": "Basic eA=="}):
            held(method, path, browser.get(path, **headers))
        return
    for body in bodies:
        held(method, path, browser.post(path, body, content_type="application/json", **bearer))
    held(method, path, browser.post(path, "{", content_type="application/json", **bearer))
    held(method, path, browser.post(path, "x", content_type="text/plain", **bearer))
    held(method, path, browser.post(path, good[path], content_type="application/json"))
    held(
        method, path, browser.put(path, good[path], content_type="application/json", **bearer)
    ) if method == "PUT" else None
