"""`read` gives a whole release, or every finding with its line, its words and its mend."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.access import key
from licet.errors import Finding, Findings
from licet.release.document import read
from licet.release.reader.secret import secret_in
from licet.release.release import Price, Quota, Rate, Release

EXAMPLE = Path(__file__).with_name("example.toml").read_text()


def findings(text: str | bytes) -> tuple[Finding, ...]:
    with pytest.raises(Findings) as raised:
        read(text.encode() if isinstance(text, str) else text)
    return raised.value.findings


def changed(old: str, new: str) -> str:
    assert EXAMPLE.count(old) >= 1, old
    return EXAMPLE.replace(old, new, 1)


@pytest.fixture(scope="module")
def sana() -> Release:
    return read(EXAMPLE.encode())


def test_the_example_reads_without_a_finding(sana: Release) -> None:
    assert (sana.name, sana.version, sana.licensor) == ("sana", "1.2.0", "Example Lab")
    assert sana.warnings == ()
    assert [c.name for c in sana.components] == ["code", "weights", "trainer"]
    assert sana.declare == ("commercial",)


def test_the_release_is_named_by_the_digest_of_its_bytes(sana: Release) -> None:
    assert sana.sha256 == hashlib.sha256(EXAMPLE.encode()).hexdigest()
    assert read(b"\xef\xbb\xbf" + EXAMPLE.encode()).sha256 != sana.sha256


def test_every_part_knows_its_line(sana: Release) -> None:
    rows = EXAMPLE.split("\n")
    for part in (*sana.components, *sana.features, *sana.tiers):
        assert rows[part.line - 1].startswith("[[") and f'"{part.name}"' in rows[part.line]
    assert sana.anonymous and rows[sana.anonymous.line - 1] == "[anonymous]"
    assert rows[sana.line - 1] == "[release]"
    premium = sana.tier("premium")
    assert premium and premium.price and rows[premium.price.line - 1].startswith("price")
    assert all(rows[q.line - 1].startswith("quota") for q in premium.quotas)


def test_a_price_becomes_integers(sana: Release) -> None:
    premium = sana.tier("premium")
    assert premium is not None
    assert premium.price == Price(9_000_000, "EUR", premium.price.line if premium.price else 0, 1, "month")
    assert [(p.micros, p.per, p.unit) for p in premium.overage] == [
        (400_000, 1000, "calls"),
        (150_000, 10**6, "tokens"),
    ]


def test_quotas_and_rates_become_integers(sana: Release) -> None:
    free = sana.tier("free")
    assert free is not None
    assert free.quotas == (Quota("calls", 1000, "month", free.quotas[0].line),)
    assert free.rate == Rate(60, 60, free.rate.line if free.rate else 0)
    assert free.concurrency == 2


def test_a_star_holds_every_feature(sana: Release) -> None:
    research = sana.tier("research")
    assert research and research.every_feature and research.features == {"basic_analysis", "chat"}


def test_what_is_read_but_not_yet_served_is_said_on_its_line(sana: Release) -> None:
    assert sana.unserved == ()
    quotas = 'quota = ["100 calls / day", "100000 calls / month", "5000000 tokens / month"]'
    twice = read(changed('quota = ["100000 calls / month", "5000000 tokens / month"]', quotas).encode())
    (found,) = twice.unserved
    assert (found.rule, EXAMPLE.split("\n")[found.line - 1].split(" =")[0]) == ("unserved", "overage")
    assert "2 quotas of it" in found.message


def test_a_change_date_opens_the_component_at_midnight_utc(sana: Release) -> None:
    weights = sana.component("weights")
    assert weights and weights.change_s == 1_830_297_600  # 2028-01-01T00:00:00Z
    assert weights.license_at(1_830_297_599) == "CC-BY-NC-4.0"
    assert weights.license_at(1_830_297_600) == "Apache-2.0"
    quoted = read(changed("change_date = 2028-01-01", 'change_date = "2028-01-01"').encode())
    assert quoted.component("weights").change_s == 1_830_297_600  # type: ignore[union-attr]


def test_a_license_comes_back_in_its_canonical_spelling() -> None:
    release = read(changed('"Apache-2.0"', '"apache-2.0 or mit"').encode())
    assert release.components[0].license == "Apache-2.0 OR MIT"


def test_a_quota_may_count_some_features_only() -> None:
    table = 'quota = ["1000 calls / month", { limit = "10 calls / day", features = ["basic_analysis"] }]'
    release = read(changed('quota = ["1000 calls / month"]', table).encode())
    assert [q.counter for q in release.tiers[0].quotas] == ["calls/month", "calls/day@basic_analysis"]


def test_a_proprietary_component_may_open_later() -> None:
    later = 'proprietary = true\nchange_date = 2030-01-01\nchange_license = "MIT"'
    trainer = read(changed("proprietary = true", later).encode()).component("trainer")
    assert trainer and trainer.license is None and trainer.license_at(2**31) == "MIT"


def test_a_smallest_release_needs_no_feature_and_no_tier() -> None:
    head = '[release]\nname = "ab"\nversion = "1"\nlicensor = "L"\n'
    release = read(f'{head}[[component]]\nname = "c"\nkind = "code"\nlicense = "MIT"'.encode())
    assert (release.features, release.tiers, release.anonymous, release.currency) == ((), (), None, "EUR")


# (what stands in the example, what stands there instead, the rule, some of the words). The finding is on the line of
# the first row of the new text, or on the row that ends in `# here`.
CASES = [
    ("[release]", "[relase]", "unknown-key", "did you mean `release`?"),
    ('name = "sana"', 'name = "Sana"', "bad-spelling", "`Sana`; lower-case letters"),
    ('name = "sana"', 'name = "s"', "bad-spelling", "2 to 64"),
    ('version = "1.2.0"', "version = 1.2", "wrong-type", 'is text, not a number with a fraction; write it in quotes'),
    ('version = "1.2.0"', 'version = "  "', "empty", "`version` of `[release]` is empty"),
    ('licensor = "Example Lab"', 'licensor = "Exam\\u001bple"', "unprintable", "characters that cannot be shown"),
    ('licensor = "Example Lab"', 'licensor = "Exam\\u202eple"', "unprintable", "characters that cannot be shown"),
    ('"example-lab/sana"', '"sana"', "bad-spelling", 'write it like `repository = "example-lab/sana"`'),
    ('"example-lab/sana"', '"API/sana"', "reserved-namespace", "no repository can stand under `API`"),
    ('currency = "EUR"', 'currency = "Euro"', "bad-spelling", "three capital letters"),
    ('declare = ["commercial"]', 'declare = ["comercial"]', "unknown-fact", "did you mean `commercial`?"),
    ('declare = ["commercial"]', 'declare = ["now_s"]', "unknown-fact", "nobody can be asked to declare `now_s`"),
    ('declare = ["commercial"]', 'declare = ["commercial", "commercial"]', "twice", "names `commercial` twice"),
    ('declare = ["commercial"]', "declare = [1]", "wrong-type", "lists texts, not a whole number"),
    ('declare = ["commercial"]', 'declare = "commercial"', "wrong-type", "is a list, not text"),
    ("notice_days = 30", "notice_days = -1", "out-of-range", "write a number from 0 to 3650"),
    ("notice_days = 30", "notice_days = true", "wrong-type", "is a whole number, not true or false"),
    ("notice_days = 30", "notice_day = 30", "unknown-key", "did you mean `notice_days`?"),
    ('kind = "code"', 'kind = "codes"', "bad-choice", "did you mean `code`?"),
    ('path = "src/"', 'path = "/src"', "path-outside", "leaves the release"),
    ('path = "src/"', 'path = "src/../../x"', "path-outside", "leaves the release"),
    ('path = "src/"', 'path = "C:src"', "path-outside", "leaves the release"),
    ('path = "src/"', 'path = "src\\\\x"', "path-outside", "leaves the release"),
    ('path = "src/"', 'path = ".licet/x"', "path-outside", "Licet's own folder"),
    ('path = "weights/"', 'path = "./src"', "path-twice", "and component `code` are both at `./src`"),
    ('license = "Apache-2.0"', 'license = "Apache 2"', "bad-license", "did you mean `Apache-2.0`?"),
    ('license = "Apache-2.0"', 'license = "MIT AND ("', "bad-license", "is no license expression"),
    ('license = "Apache-2.0"', 'license = "' + "(" * 900 + '"', "bad-license", "component `code`"),
    ('"DCO-1.1"', '"DCO"', "bad-choice", "did you mean `DCO-1.1`?"),
    ('"DCO-1.1"', '"CLA"', "missing-key", "a CLA that nobody can find"),
    ('"DCO-1.1"', '"CLA"\ncontributions_url = "example.org" # here', "bad-address", "no http address"),
    ("accept = true", 'accept = "yes"', "wrong-type", "is true or false, not text"),
    ("upstream = [{", "upstream = [{ by = 1,", "unknown-key", "unknown key `by` in upstream `gemma-2-2b-it`"),
    ("upstream = [{", 'upstream = ["llama", {', "wrong-type", "lists tables, not text"),
    ('change_date = 2028-01-01\n', "", "missing-key", "has a `change_license` and no `change_date`"),
    ("change_date = 2028-01-01", "change_date = 2028-01-01T00:00:00Z", "wrong-type", "not a date with a time"),
    ("change_date = 2028-01-01", 'change_date = "2028-13-01"', "wrong-type", "is a day, not `2028-13-01`"),
    ("proprietary = true", 'license = "MIT"\nproprietary = true # here', "license-and-proprietary", "keep one"),
    ("proprietary = true", "proprietary = true\naccept = true # here", "accept-nothing", "no license to accept"),
    ('name = "weights"\nkind', 'name = "code"\nkind', "twice", "component `code` stands twice"),
    ('name = "basic_analysis"', 'name = "sell"', "feature-named-like-action", "has the name of an action"),
    ('name = "basic_analysis"', 'name = "download"', "feature-named-like-action", "has the name of an action"),
    ("demo.features:basic_analysis", "demo.features:", "bad-spelling", "package.module:function"),
    ('call = "demo', 'http = "http://x"\ncall = "demo', "two-sources", "from `call` and `http`; keep one"),
    ('serves = ["code"]', 'serves = ["cod"]', "unknown-component", "did you mean `code`?"),
    ('serves = ["code"]', "serves = []", "empty", "name at least one"),
    ("cost = 1", "cost = -1", "out-of-range", "write a number from 0 to 1000000"),
    ("cost = 1", 'model = "x"', "key-without-use", "only with `openai`"),
    ("cost = 1", "timeout_s = 0", "out-of-range", "from 1 to 3600"),
    ("cost = 1", "example = '[1, 2]'", "no-example", "write an object with the named arguments"),
    ("cost = 1", "example = '{\"x\": NaN}'", "no-example", "write an object with the named arguments"),
    ("cost = 1", "example = '{\"x\": 1e999}'", "no-example", "write an object with the named arguments"),
    ("cost = 1", "example = '{\"x\": \"\\ud800\"}'", "no-example", "write an object with the named arguments"),
    ("cost = 1", "example = '{\"data\": [1, 2'", "no-example", "write an object with the named arguments"),
    ('"http://127.0.0.1:8081/v1"', '"ftp://x"', "bad-address", "no http address"),
    ('"http://127.0.0.1:8081/v1"', '"http://[x/"', "bad-address", "no http address"),
    ('"http://127.0.0.1:8081/v1"', '"http://me@host/v1"', "address-with-secret", "more than an address should"),
    ('"http://127.0.0.1:8081/v1"', '"http://host/v1?key=1"', "address-with-secret", "more than an address should"),
    ('key_env = "CHAT_KEY"', 'key_env = "correct horse"', "key-in-document", "not the name of a variable"),
    ('quota = ["20 calls / day"]', 'quota = ["20 calls / month"]', "anonymous-month", "known for a day"),
    ('quota = ["20 calls / day"]', 'price = "1.00 EUR / month"', "unknown-key", "unknown key `price` in `[anonymous]`"),
    ('features = ["basic_analysis"]\nquota = ["1000', 'features = ["basic_analyses"]\nquota = ["1000',
     "unknown-feature", "unknown feature `basic_analyses` in tier `free`; did you mean `basic_analysis`?"),
    ('features = ["*"]', 'features = ["*", "chat"]', "star-and-more", "names every feature already"),
    ('name = "free"', 'name = "anonymous"', "reserved-name", "write `[anonymous]`"),
    ('name = "premium"', 'name = "research"', "twice", "tier `research` stands twice"),
    ('"1000 calls / month"', '"1,000 calls / month"', "bad-quota", "no commas"),
    ('"1000 calls / month"', '"1000 call / month"', "bad-quota", "did you mean `calls`?"),
    ('"1000 calls / month"', '"1000 calls / mont"', "bad-quota", "did you mean `month`?"),
    ('"1000 calls / month"', '"0 calls / month"', "bad-quota", "a quota of 0 allows nothing"),
    ('"1000 calls / month"', '"' + "9" * 5000 + ' calls / month"', "bad-quota", "too large in tier `free`"),
    ('"1000 calls / month"', '"1_000_000_000_000_000 calls / month"', "bad-quota", "too large"),
    ('"1000 calls / month"', '"1000 calls / month", "5 calls / month"', "quota-twice", "two quotas of calls per month"),
    ('"1000 calls / month"', "1000", "wrong-type", "is text, not a whole number"),
    ('"1000 calls / month"', '{ limit = "1 calls / day", features = ["chat"] }', "unknown-feature", "does not hold it"),
    ('"1000 calls / month"', '{ limit = "1 calls / day" }', "missing-key", "a quota of tier `free` has no `features`"),
    ('rate = "60 / minute"', 'rate = "60 / day"', "bad-rate", "with `quota`"),
    ('rate = "60 / minute"', 'rate = "60"', "bad-rate", "write it like `60 / minute`"),
    ('rate = "60 / minute"', 'rate = "0 / minute"', "bad-rate", "a rate of 0 allows nothing"),
    ("concurrency = 2", "concurrency = 0", "out-of-range", "from 1 to 10000"),
    ("concurrency = 2", "seats = 0", "out-of-range", "from 1 to 1000000"),
    ("concurrency = 2", 'seats = "5"', "wrong-type", "write it without quotes"),
    ('requires = "approval"', 'requires = "aproval"', "bad-choice", "did you mean `approval`?"),
    ('"9.00 EUR / month"', "9.00", "wrong-type", "so that no digit is lost"),
    ('"9.00 EUR / month"', '"9,00 EUR / month"', "bad-price", "write it like `9.00 EUR / month`"),
    ('"9.00 EUR / month"', '"9.00 EUR / week"', "bad-price", "a price has no period `week`"),
    ('"9.00 EUR / month"', '"9.00 USD / month"', "two-currencies", "is paid in USD, the release in EUR"),
    ('"9.00 EUR / month"', '"0.00 EUR / month"', "bad-price", "a price of 0 is no price"),
    ('"9.00 EUR / month"', '"9.0000001 EUR / month"', "bad-price", "cannot read the price"),
    ('"9.00 EUR / month"', '"9.005 EUR / month"', "bad-price", "nobody can pay `9.005 EUR / month`"),
    ('"9.00 EUR / month"', '"900.50 JPY / month"', "bad-price", "JPY has no digits behind the point"),
    ('"9.00 EUR / month"', '["9.00 EUR / month", "8.00 EUR / month"]', "twice", "two prices a month"),
    ('"9.00 EUR / month"', '["9.00 EUR / month", "9 EUR"]', "bad-price", "cannot read the price"),
    ('"9.00 EUR / month"', '["9.00 EUR / month", "90.00 USD / year"]', "two-currencies", "is paid in USD"),
    ('"9.00 EUR / month"', "[]", "empty", "price"),
    ('"9.00 EUR / month"', "9.0", "wrong-type", "write it in quotes, so that no digit is lost"),
    ('grace_days = 7', 'coupons = ["LAUNCH 20"]', "bad-coupon", "write it like `LAUNCH 20 % for 3 months`"),
    ('grace_days = 7', 'coupons = ["LAUNCH 120 %"]', "bad-coupon", "takes nothing off, or too much"),
    ('grace_days = 7', 'coupons = ["LAUNCH 5 % for 0 months"]', "bad-coupon", "takes nothing off, or too much"),
    ('grace_days = 7', 'coupons = ["LAUNCH 5 %", "LAUNCH 9 %"]', "twice", "two coupons LAUNCH"),
    ('grace_days = 7', 'trial_days = 400', "out-of-range", "from 0 to 366"),
    ('"0.40 EUR / 1000 calls"', '"0.40 EUR / 1000 bytes"', "overage-without-quota", "no quota of bytes"),
    ('"0.40 EUR / 1000 calls"', '"0.40 EUR / 0 calls"', "bad-price", "an overage of 0"),
    ("{ weights = ", "{ weigths = ", "unknown-component", "did you mean `weights`?"),
    ('"LicenseRef-Example-Commercial-1.0"', '"Example"', "bad-license", "unknown license `Example`"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "rule", "words"), CASES, ids=[f"{c[2]}: {c[1][:40]}" for c in CASES])
def test_a_mistake_is_found_on_its_line_and_says_how_to_mend_it(old: str, new: str, rule: str, words: str) -> None:
    text = changed(old, new)
    rows = text.split("\n")
    marked = [n for n, row in enumerate(rows, 1) if row.endswith("# here")]
    place = marked[0] if marked else EXAMPLE[: EXAMPLE.index(old)].count("\n") + 1
    same = [f for f in findings(text) if f.rule == rule and words in str(f)]
    assert [f.line for f in same] == [place], [str(f) for f in findings(text)]
    assert all(f.mend for f in same)


def test_all_findings_come_at_once() -> None:
    text = changed('name = "sana"', 'name = "S"').replace('kind = "weights"', 'kind = "weihgts"')
    text = text.replace("concurrency = 2", "concurency = 2").replace('"9.00 EUR', '"9.00 USD')
    assert [f.rule for f in findings(text)] == ["bad-spelling", "bad-choice", "unknown-key", "two-currencies"]


def test_a_bad_name_is_one_finding_not_one_for_each_use() -> None:
    text = EXAMPLE.replace('"chat"', '"Chat Bot"').replace('features = ["*"]', 'features = ["Chat Bot"]')
    assert [f.rule for f in findings(text)] == ["bad-spelling"]


@pytest.mark.parametrize(
    ("data", "rule", "line", "words"),
    [
        (b"[release]\nname = sana\n", "not-toml", 2, "text stands in quotes"),
        (b'[release]\nname = "a"\n\nname = "b"\n', "not-toml", 4, "the same key stands twice"),
        (b"[release]\n[tier.free]\n[release]\n", "not-toml", 3, "cannot declare `release` twice"),
        (b"[release]\nwhy = '''\n\n\n", "not-toml", 4, "at the end"),
        (b'[release]\nname = "a\n', "not-toml", 2, "close the quotes"),
        (b"[release]\n# caf\xe9\n", "not-utf-8", 2, "byte 0xe9 is not UTF-8; save it as UTF-8"),
        (b"\n\nn = " + b"9" * 5000, "not-toml", 3, "a number is too long"),
        (b"a = " + b"[" * 100_000, "too-deep", 1, "nothing here nests so deep"),
        (b"a = " + b"[" * 50 + b"]" * 50, "too-deep", 1, "nothing here nests so deep"),
        (b"\n" + b"a." * 100_000 + b"b = 1", "too-deep", 2, "too many dots"),
        (b"#" * 300_000, "too-large", 1, "keep it under"),
    ],
)
def test_what_is_no_toml_says_where(data: bytes, rule: str, line: int, words: str) -> None:
    (finding,) = findings(data)
    assert (finding.rule, finding.line) == (rule, line)
    assert words in str(finding)


def test_an_empty_file_lacks_two_things_and_says_no_more() -> None:
    assert [f.message for f in findings(b"")] == ["this file has no `[[component]]`", "this file has no `[release]`"]


# Pieces joined here, so that no scanner of this repository takes them for keys that were lost.
SECRETS = [
    "sk_live_" + "0123456789abcdef",
    "sk-proj-" + "0123456789abcdefABCDEF",
    "hf_" + "abcdefghijklmnopqrstuvwxyz" * 2,
    "ghp_" + "0123456789abcdefghij0123456789abcdef",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "xoxb-" + "123456789012-abcdef",
    "eyJhbGciOiJIUzI1" + ".eyJzdWIiOiIxMjM0" + ".SflKxwRJSMeKKF2QT4",
    "lic_live_" + "k1_" + "0123456789abcdefghij",
    "https://me:" + "hunter2@example.org/v1",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "old",
    [
        '"CHAT_KEY"',
        '"Example Lab"',
        '"sana"',
        '"http://127.0.0.1:8081/v1"',
        '"*"',
        '"1000 calls / month"',
        '"Apache-2.0"',
    ],
)
def test_a_secret_is_found_wherever_it_stands_and_never_echoed(secret: str, old: str) -> None:
    found = findings(changed(old, f'"{secret}"'))
    line = EXAMPLE[: EXAMPLE.index(old)].count("\n") + 1
    assert any(f.rule == "secret" and f.line == line for f in found)
    assert secret not in "\n".join(map(str, found))


def test_a_name_that_is_a_secret_is_never_advised() -> None:
    secret = "hf_" + "abcdefghijklmnopqrstuvwxyz" * 2
    found = findings(
        EXAMPLE.replace('"basic_analysis"', f'"{secret}"', 1).replace('features = ["*"]', 'features = ["hf_x"]')
    )
    assert secret not in "\n".join(map(str, found))


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_a_comment_or_a_key_is_a_secret(secret: str) -> None:
    for text in (EXAMPLE + f"\n# {secret}\n", EXAMPLE + f'\n["{secret}"]\n', f"{secret} = = \n", f'["{secret}"]\n' * 2):
        found = findings(text)
        assert any(f.rule == "secret" for f in found)
        assert secret not in "\n".join(map(str, found))


@given(st.binary(min_size=24, max_size=24), st.sampled_from(["live", "test", "demo", "e2e"]))
def test_every_key_that_licet_makes_is_known_for_a_secret(random: bytes, env: str) -> None:
    _, made = key.make(env, lambda n: (random * 2)[:n], 1_800_000_000_000)
    assert secret_in(f"use {made.reveal()}, please") == "a Licet key"


@pytest.mark.parametrize(
    "prose", ["sk-image-segmentation-large-v2", "see https://example.org:8080/a@b", "hf_hub", "sk_live"]
)
def test_prose_is_no_secret(prose: str) -> None:
    assert secret_in(prose) == ""


def test_what_might_be_a_key_in_key_env_is_not_shown() -> None:
    (finding,) = findings(changed('"CHAT_KEY"', '"correct horse battery"'))
    assert "correct" not in str(finding)


def test_what_is_odd_is_a_warning_and_stops_nobody() -> None:
    text = changed('quota = ["1000 calls / month"]', 'quota = ["1000 tokens / month"]')
    text = text.replace('price = "9.00 EUR / month"\n', "").replace('quota = ["20 calls / day"]\n', "")
    text += '\n[[feature]]\nname = "lonely"\ncall = "a:b"\nserves = ["code"]\n'
    text = text.replace('features = ["*"]', 'features = ["chat"]')
    release = read(text.encode())
    assert {f.rule for f in release.warnings} == {
        "quota-unmeasured",
        "key-without-use",
        "anonymous-unlimited",
        "feature-unreached",
    }
    assert all(f.level == "warning" for f in release.warnings)
