"""The table of tiers says what callers may ask a model for, as the gate enforces it."""

from __future__ import annotations

from licet.portal.config import PortalConfig
from licet.release.document import read
from licet.release.limits import Limits

MODELS = b"""
[release]
name = "sana"
version = "1.0.0"
licensor = "Example Lab"
[[component]]
name = "weights"
kind = "weights"
license = "MIT"
[[feature]]
name = "chat"
openai = "http://127.0.0.1:8081/v1"
serves = ["weights"]
[[tier]]
name = "free"
features = ["chat"]
models = { chat = { max_tokens = 1500, temperature = [0, 0.7], tools = false, aliases = ["small"] } }
[[tier]]
name = "premium"
features = ["chat"]
"""


def test_each_limit_has_its_words_and_what_is_not_limited_none(portal: PortalConfig) -> None:
    from licet.portal.pages import model_limits, tiers

    release = read(MODELS)
    (row,) = [row for row in tiers.table(release, 0).limits if row.label == "Models"]
    assert [cell.texts for cell in row.cells] == [
        ("chat: answers of 1,500 tokens, temperature 0 to 0.7, no tools, also called small",),
        (),
    ]
    some = Limits("chat", 1, prompt_tokens=1, answers=2, tools=frozenset({"b", "a"}), modalities=frozenset({"text"}))
    words = "chat: prompts of 1 token, 2 answers a request, only these tools: a, b, only text"
    assert model_limits.in_words(some) == words
