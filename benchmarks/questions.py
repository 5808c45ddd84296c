"""How long until the first byte of a page with 10,000 questions behind it, beside the same page with 100?

    python benchmarks/questions.py

One server (`licet demo`), one connection, one call at a time; medians of 40 calls a page, the sizes measured by turns. The
time is the whole page: views, one SQLite file, templates. Goals: 10,000 questions cost at most twice what 100 cost, but for
a search without a hit, which reads every word there is.
"""

from __future__ import annotations

import http.client
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

FEW, MANY, ROUNDS = 100, 10_000, 40
FILL = """
import random, sys
from pathlib import Path
from licet.portal import start
from licet.portal.config import PortalConfig
start.configure(PortalConfig(Path(sys.argv[1])))
from licet.portal import clock
from licet.portal.community.models import Answer, Question, Writer
from licet.portal.pages import source
dice, release = random.Random(7), source.newest().release.name
writer = Writer.objects.first() or Writer.objects.create(name="Reader")
words = "may sell host share weights outputs data clause license tier quota notice question answer model".split()
made = []
for n in range(int(sys.argv[2]) - Question.objects.count()):
    body = " ".join(dice.choices(words, k=80))
    made.append(Question(writer=writer, release=release, title=f"Question {n}: {body[:60]}", body=body, words=body,
                         took_s=dice.randrange(10**6), private=n % 20 == 0))
Question.objects.bulk_create(made, batch_size=500)
for question in made[:20]:
    a = Answer.objects.create(writer=writer, release=release, question=question, body="Yes.", by_licensor=True)
    Question.objects.filter(pk=question.pk).update(accepted=a, replies=1, pin_cite="CC-BY-NC-4.0 \u00a72(a)(1)(A)", private=False)
print(Question.objects.filter(private=False).order_by("pk").first().pk)
"""


def fill(data: Path, number: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(data), str(number)], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def first_byte(line: http.client.HTTPConnection, path: str) -> float:
    begun = time.perf_counter()
    line.request("GET", path)
    answer = line.getresponse()
    took = time.perf_counter() - begun
    assert answer.status == 200, (path, answer.status)
    answer.read()
    return took


def measured(url: str, question: str) -> dict[str, float]:
    at = urlsplit(url)
    line = http.client.HTTPConnection(str(at.hostname), at.port)
    pages = {
        "the list": "/questions/",
        "search, many hits": "/questions/?q=weights+tier",
        "search, no hit": "/questions/?q=nowhere",
        "one question": f"/questions/{question}",
        "the feed": "/questions/feed.atom",
        "May I, answers beside it": "/?do=commercial-use&with=sample",
    }
    took: dict[str, list[float]] = {name: [] for name in pages}
    for path in pages.values():
        first_byte(line, path)
    for _ in range(ROUNDS):
        for name, path in pages.items():
            took[name].append(first_byte(line, path))
    return {name: statistics.median(times) for name, times in took.items()}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "licet", "demo", "--json", "--port", "0", "--dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert server.stdout is not None
        try:
            url = json.loads(server.stdout.readline())["url"]
            data = Path(folder) / ".licet"
            few = measured(url, fill(data, FEW))
            many = measured(url, fill(data, MANY))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)
    print(f"{'':<28} {FEW:>9,} {MANY:>9,}")
    for name, base in few.items():
        print(f"{name:<28} {base * 1000:6.1f} ms {many[name] * 1000:6.1f} ms   {many[name] / base:4.1f} x")


if __name__ == "__main__":
    main()
