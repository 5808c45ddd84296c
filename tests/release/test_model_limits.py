"""`models` of a tier: read whole, each mistake with its line and mend, and every change weighed by who loses."""

from __future__ import annotations

import pytest

from licet.errors import Findings
from licet.release.diff import changes
from licet.release.document import read
from licet.release.limits import Limits

BASE = """
[release]
name = "sana"
version = "1.0.0"
licensor = "Example Lab"

[[component]]
name = "weights"
kind = "weights"
path = "weights/"
license = "MIT"

[[feature]]
name = "chat"
openai = "http://127.0.0.1:8081/v1"
serves = ["weights"]

[[feature]]
name = "embed"
openai = "http://127.0.0.1:8082/v1"
serves = ["weights"]

[[feature]]
name = "files"
download = "weights"

[[tier]]
name = "free"
features = ["chat", "embed", "files"]
"""
FULL = """max_tokens = 512
prompt_tokens = 4000
answers = 1
temperature = [0, 1.5]
top_p = [0.1, 1]
tools = ["get_weather"]
modalities = ["text", "image"]
aliases = ["gpt-4o-mini", "lab/small:1"]
"""


def limits(more: str) -> tuple[Limits, ...]:
    return read((BASE + more).encode()).tiers[0].models


def test_everything_that_can_be_limited_is_read_with_its_line() -> None:
    (one,) = limits("[tier.models.chat]\n" + FULL)
    assert one == Limits(
        "chat", one.line, 512, 4000, 1, {"temperature": (0, 1.5), "top_p": (0.1, 1)}, frozenset({"get_weather"}),
        frozenset({"text", "image"}), ("gpt-4o-mini", "lab/small:1"),
    )  # fmt: skip
    assert (BASE + "[tier.models.chat]\n" + FULL).split("\n")[one.line - 1] == "[tier.models.chat]"


def test_it_may_stand_in_one_line_and_absent_limits_nothing() -> None:
    one, other = limits("models = { chat = { tools = false }, embed = { prompt_tokens = 100 } }\n")
    assert (one.tools, one.modalities, one.max_tokens, one.aliases) == (frozenset(), None, None, ())
    assert (other.tools, other.prompt_tokens) == (None, 100)
    assert limits("") == ()


def test_callers_without_an_account_are_limited_in_the_same_words() -> None:
    release = read(
        (
            BASE + '[anonymous]\nfeatures = ["chat"]\nquota = ["3 calls / day"]\nmodels = { chat = { max_tokens = 9 } }'
        ).encode()
    )
    assert release.anonymous is not None
    assert release.anonymous.models[0].max_tokens == 9


@pytest.mark.parametrize(
    ("more", "rule", "mend"),
    [
        ("models = { chta = { answers = 1 } }", "unknown-feature", "did you mean `chat`"),
        ("models = { files = { answers = 1 } }", "key-without-use", "openai"),
        ("models = {}", "empty", "name a feature"),
        ("models = { chat = {} }", "empty", "limit something"),
        ("models = { chat = { temprature = [0, 1] } }", "unknown-key", "did you mean `temperature`"),
        ("models = { chat = { temperature = 1 } }", "wrong-type", "write"),
        ("models = { chat = { temperature = [0] } }", "wrong-type", "temperature = [0, 2]"),
        ("models = { chat = { temperature = [false, 1] } }", "wrong-type", "temperature = [0, 2]"),
        ("models = { chat = { temperature = [1, 0.5] } }", "out-of-range", "temperature = [0, 2]"),
        ("models = { chat = { temperature = [0, nan] } }", "out-of-range", "temperature = [0, 2]"),
        ("models = { chat = { top_p = [0, 2] } }", "out-of-range", "top_p = [0, 1]"),
        ("models = { chat = { answers = 0 } }", "out-of-range", "1 to 128"),
        ("models = { chat = { tools = true } }", "wrong-type", "tools = false"),
        ("models = { chat = { tools = [] } }", "empty", "at least one"),
        ('models = { chat = { modalities = ["smell"] } }', "bad-choice", "known: `text`"),
        ('models = { chat = { aliases = ["a b"] } }', "bad-spelling", "a model's name"),
        ('models = { chat = { aliases = ["embed"] } }', "twice", "choose another"),
        ('models = { chat = { aliases = ["x"] }, embed = { aliases = ["x"] } }', "twice", "keep one"),
    ],
)
def test_a_mistake_is_found_and_mended(more: str, rule: str, mend: str) -> None:
    with pytest.raises(Findings) as found:
        limits(more)
    rules = {f.rule: f for f in found.value.findings}
    assert rule in rules
    assert mend in rules[rule].mend
    assert rules[rule].line == len(BASE.split("\n"))


@pytest.mark.parametrize(
    ("old", "new", "way"),
    [
        ("", "max_tokens = 10", "stricter"),
        ("max_tokens = 10", "", "looser"),
        ("max_tokens = 10", "max_tokens = 11", "looser"),
        ("prompt_tokens = 10", "prompt_tokens = 9", "stricter"),
        ("temperature = [0, 1]", "temperature = [0, 2]", "looser"),
        ("temperature = [0, 1]", "temperature = [0.5, 1]", "stricter"),
        ("temperature = [0, 1]", "temperature = [0.5, 2]", "other"),
        ("", "temperature = [0, 1]", "stricter"),
        ("tools = false", 'tools = ["a"]', "looser"),
        ('tools = ["a"]', 'tools = ["b"]', "other"),
        ('tools = ["a"]', "answers = 1", "other"),
        ('modalities = ["text", "image"]', 'modalities = ["text"]', "stricter"),
        ('aliases = ["x"]', 'aliases = ["x", "y"]', "looser"),
        ('aliases = ["x"]', "", "stricter"),
    ],
)
def test_a_change_of_limits_is_weighed_by_who_loses(old: str, new: str, way: str) -> None:
    def one(words: str) -> bytes:
        return (BASE + (f"[tier.models.chat]\n{words}\n" if words else "")).encode()

    (change,) = changes(read(one(old)), read(one(new)))
    assert (change.way, change.tiers) == (way, {"free"})
    assert "`chat`" in change.says
    assert changes(read(one(new)), read(one(new))) == ()
