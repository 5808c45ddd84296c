"""How often, how fast and how heavily does `licet identify` tell licenses apart, beside other tools on the same files?

    python benchmarks/identify.py [--texts FOLDER] [--packages SITE_PACKAGES] [--peers PYTHON] [--json FILE]

FOLDER holds `<id>.txt` files (licenses of AI models among them; LICET_TEST_TEXTS names it, or it stands beside the
repository); without it the license files of the installed packages are taken. SITE_PACKAGES is one with
`scancode-toolkit-mini`, whose texts are the common licenses. PYTHON is the interpreter of an environment with
`pyaskalono`, `licenseclassifier` and `scancode-toolkit`. A variant is *exact* when its answer is the license and nothing
else; a rider is *silent* when a license with a paragraph added is reported as just that license.

Goals: exact >= 99.5 % on `all`; riders silent 0; harmless copies flagged <= 3 %; unknown AI texts 0 false ids; CPU a text
<= 5 ms warm, <= 0.5 s for the first of a process; <= 150 MiB.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from pathlib import Path

RIDERS = {
    "non-commercial": "Notwithstanding anything above, the Software may be used for non-commercial research and "
    "evaluation purposes only; any commercial use requires a separate written agreement with the licensor.",
    "hardware lock": "The Work and any derivative works thereof may only be executed on accelerators that are designed, "
    "manufactured or sold by the Licensor or one of its affiliates, whatever the preceding sections say.",
    "revocable": "The licensor reserves the right to withdraw this grant at any time and for any reason by giving "
    "thirty days of notice, after which every copy has to be deleted without delay.",
    "size": "Organizations whose products served more than one million monthly active users in the previous calendar "
    "quarter must request an additional license from us, which we may grant or refuse as we see fit.",
    "field": "You must not use this project for military purposes, for mass surveillance, for predictive policing, or "
    "in any system that decides about asylum, credit or employment of natural persons.",
    "no key word": "Whoever plants an oak under the old moon shall bring three baskets of pears to the keeper of the "
    "gate before dawn, and shall sing while walking there.",
    "branding": "Every interface in which this model or anything derived from it appears must prominently display the "
    "words Powered by Frobnicator together with our logo in its main window.",
}


def rewrapped(text: str, dice: random.Random) -> str:
    return "\n\n".join(textwrap.fill(" ".join(p.split()), 100) for p in re.split(r"\n\s*\n", text))


def commented(text: str, dice: random.Random) -> str:
    mark = dice.choice(("#", "//", " *", ";;"))
    return "\n".join(f"{mark} {line}" for line in text.split("\n"))


def held_by_another(text: str, dice: random.Random) -> str:
    return "Copyright (c) 2031 Zebra Quux and the Frobnicators\n\n" + text


def dropped(text: str, dice: random.Random) -> str:
    return re.sub(r"\S+", lambda word: "" if dice.random() < 0.05 else word.group(), text)


def in_capitals(text: str, dice: random.Random) -> str:
    return text.upper()


def marked_down(text: str, dice: random.Random) -> str:
    first, _, rest = text.partition("\n")
    return f"# {first}\n\n" + re.sub(r"(?m)^([A-Za-z]{3,})(?=\s)", r"**\1**", rest)


def everything(text: str, dice: random.Random) -> str:
    for change in (dropped, held_by_another, rewrapped, commented):
        text = change(text, dice)
    return text


def plain(text: str, dice: random.Random) -> str:
    return text


VARIANTS: dict[str, Callable[[str, random.Random], str]] = {
    "plain": plain,
    "re-wrapped": rewrapped,
    "comment marks": commented,
    "copyright": held_by_another,
    "capitals": in_capitals,
    "Markdown": marked_down,
    "drop 5 %": dropped,
    "all": everything,
}
HARMLESS = tuple(VARIANTS)


def ridden(text: str, dice: random.Random) -> Iterator[tuple[str, str]]:
    """The text with each rider, at its end, at its beginning or between two of its paragraphs."""
    paragraphs = re.split(r"\n\s*\n", text)
    for name, rider in RIDERS.items():
        at = dice.choice((0, len(paragraphs), len(paragraphs), dice.randrange(len(paragraphs) + 1)))
        yield name, "\n\n".join((*paragraphs[:at], rider, *paragraphs[at:]))


def texts_at_hand() -> dict[str, str]:
    """The folder of texts where there is one, else the license files of installed packages that are known exactly."""
    beside = Path(__file__).parents[2] / "shared" / "texts"
    folder = Path(os.environ.get("LICET_TEST_TEXTS") or beside)
    return texts_in(folder) if folder.is_dir() else installed_texts()


def installed_texts() -> dict[str, str]:
    """One license file an id, of those that come with the Python packages of this environment."""
    from licet.licenses.identify_exact import exact
    from licet.licenses.identify_words import words

    found: dict[str, str] = {}
    for package in distributions():
        for path in package.files or ():
            if re.match(r"(?i)(licen[sc]e|copying|unlicense)", path.name) and path.suffix != ".py":
                text = Path(str(package.locate_file(path))).read_text(encoding="utf-8", errors="replace")
                if id := exact(words(text)):
                    found.setdefault(id, text)
    return found


def texts_in(folder: Path) -> dict[str, str]:
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.txt")) if file.name[0] != "_"}


def common_texts(packages: Path) -> dict[str, str]:
    """The texts of the SPDX licenses in ScanCode's collection: each is the only one of its id."""
    found: dict[str, str] = {}
    for file in sorted((packages / "licensedcode/data/licenses").glob("*.LICENSE")):
        _, front, text, *_ = (*file.read_text(encoding="utf-8").split("---\n", 2), "", "")
        id = re.search(r"^spdx_license_key: (?!LicenseRef)(\S+)$", front, re.MULTILINE)
        if id and "is_exception" not in front and "is_deprecated: yes" not in front and len(text.split()) > 25:
            found.setdefault(id.group(1), text)
    # Ids that differ in what stands outside the text ("or later", reserved names) count as one.
    return {id: text for id, text in found.items() if not re.search(r"-or-later$|-invariants|RFN", id)}


def accuracy(texts: dict[str, str], ask: Callable[[str], tuple[str | None, bool]], seed: int) -> dict[str, object]:
    """Shares in percent: exact by variant, harmless copies flagged, riders reported in silence; and what was missed."""
    exact = dict.fromkeys(VARIANTS, 0)
    flagged = silent = asked = 0
    missed: list[str] = []
    for id, text in texts.items():
        dice = random.Random(f"{seed} {id}")
        for name, change in VARIANTS.items():
            answer, altered = ask(change(text, dice))
            exact[name] += answer == id and not altered
            flagged += altered
            if answer != id or altered:
                missed.append(f"{id}, {name}: {answer}{', altered' if altered else ''}")
        for name, changed in ridden(text, dice):
            answer, altered = ask(changed)
            asked += 1
            if answer is not None and not altered:
                silent += 1
                missed.append(f"{id}, rider {name}: {answer} in silence")
    count = len(texts)
    return {
        "texts": count,
        "exact": {name: round(100 * n / count, 2) for name, n in exact.items()},
        "harmless flagged": round(100 * flagged / (count * len(VARIANTS)), 2),
        "riders silent": round(100 * silent / asked, 2),
        "missed": missed,
    }


def unknown(texts: dict[str, str], seed: int) -> dict[str, object]:
    """Each license of a model is asked about as if it had never been seen: any id is a false one."""
    from licet.licenses.fingerprint import prints
    from licet.licenses.identify import identify

    false: dict[str, list[str]] = {"plain": [], "all": []}
    held_out = [id for id in texts if id.startswith("LicenseRef-")]
    for id in held_out:
        others = prints().without([id])
        for name in false:
            found = identify(VARIANTS[name](texts[id], random.Random(f"{seed} {id}")), among=others)
            if found.id:
                false[name].append(f"{id} taken for {found.id}")
    return {"held out": len(held_out), "false ids": {name: len(each) for name, each in false.items()}, "which": false}


def speed(texts: dict[str, str]) -> dict[str, object]:
    from licet.licenses.identify import identify

    took = []
    for id, text in texts.items():
        copy = everything(text, random.Random(id))
        start = time.process_time()
        identify(copy)
        took.append((time.process_time() - start) * 1000)
    took.sort()
    return {
        "CPU ms median": round(statistics.median(took), 2),
        "mean": round(statistics.fmean(took), 2),
        "p95": round(took[int(len(took) * 0.95)], 2),
    }


FIRST = """
import resource, sys, time
text = open(sys.argv[1], encoding="utf-8").read()
start = time.process_time()
from licet.licenses.identify import identify
identify(text)
print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
PEER = """
import json, sys, time
tool, texts = sys.argv[1], json.load(sys.stdin)
start = time.process_time()
if tool == "pyaskalono":
    import askalono
    def ask(text):
        found = askalono.identify(text)
        return found.name if found and found.score >= 0.9 else None
elif tool == "licenseclassifier":
    from licenseclassifier import identify_license
    def ask(text):
        found = {one.id for one in identify_license(text)}
        return found.pop() if len(found) == 1 else None
elif tool == "scancode":  # its matching alone, without reading files; two seconds and more go into its index
    from licensedcode.cache import get_index, get_licenses_db
    index, known = get_index(), get_licenses_db()
    def ask(text):
        found = {key for one in index.match(query_string=text) for key in one.rule.license_keys()}
        return known[found.pop()].spdx_license_key if len(found) == 1 else None
answers, took = [], []
for text in texts:
    begun = time.process_time()
    try:
        answers.append(ask(text))
    except Exception as error:
        answers.append(None)
    took.append((time.process_time() - begun) * 1000)
import resource
took.sort()
json.dump({"answers": answers, "median": took[len(took) // 2],
           "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}, sys.stdout)
"""


def first_call(text: str) -> dict[str, float]:
    """CPU and memory of a process that imports, loads and answers one damaged text."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        told = subprocess.run([sys.executable, "-c", FIRST, file.name], capture_output=True, text=True, check=True)
    cpu_s, rss = map(float, told.stdout.split())
    return {"first, CPU s": round(cpu_s, 3), "RSS MiB": round(rss)}


def peer(tool: str, python: Path, texts: dict[str, str], seed: int) -> dict[str, object]:
    """The same files for another tool; the answers come in the order in which they were asked for."""
    asked: list[str] = []

    def remember(text: str) -> tuple[str | None, bool]:
        asked.append(text)
        return None, False

    accuracy(texts, remember, seed)
    told = subprocess.run([str(python), "-c", PEER, tool], input=json.dumps(asked), capture_output=True, text=True)
    if told.returncode:
        return {"could not run": told.stderr.strip().splitlines()[-1:]}
    result = json.loads(told.stdout)
    answers = iter(result["answers"])
    found = accuracy(texts, lambda _: (next(answers), False), seed)
    return {**found, "missed": [], "CPU ms median": round(result["median"], 2), "RSS MiB": round(result["rss"])}


def row(name: str, told: dict[str, object]) -> str:
    exact = told.get("exact")
    if not isinstance(exact, dict):
        return f"{name:<28} {told}"
    cells = "  ".join(f"{variant} {share:g}" for variant, share in exact.items())
    rest = "  ".join(f"{key} {value}" for key, value in told.items() if key not in ("exact", "missed", "which"))
    return f"{name:<28} {cells}\n{'':<28} {rest}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--packages", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument(
        "--peer-texts", type=int, default=40, help="so many licenses for the other tools, which are slow"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    from licet.licenses.identify import identify

    def ours(text: str) -> tuple[str | None, bool]:
        found = identify(text)
        return found.id, found.altered

    sets = {"licenses on the shelf": texts_in(args.texts) if args.texts else texts_at_hand()}
    if args.packages:
        sets["SPDX licenses"] = common_texts(args.packages)
    result: dict[str, dict[str, object]] = {}
    for name, texts in sets.items():
        result[f"licet, {name}"] = accuracy(texts, ours, args.seed)
    shelf = sets["licenses on the shelf"]
    result["licet"] = {
        **unknown(shelf, args.seed),
        **speed(shelf),
        **first_call(everything(shelf["Apache-2.0"], random.Random(1))),
    }
    result["licet"]["RSS here MiB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    if args.peers:
        spdx = {id: text for id, text in shelf.items() if not id.startswith("LicenseRef-")}
        some = dict(list(spdx.items())[: args.peer_texts])
        result["licet, files of the peers"] = {**accuracy(some, ours, args.seed), "missed": []}
        for tool in ("pyaskalono", "licenseclassifier", "scancode"):
            result[tool] = peer(tool, args.peers, some, args.seed)
    for name, told in result.items():
        print(row(name, told))
        for line in told.get("missed", []):  # type: ignore[attr-defined]
            print("   ", line)
    print(json.dumps(result["licet"], indent=1))
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
