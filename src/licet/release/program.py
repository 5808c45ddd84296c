"""Which programs of access are ready to be taken: what they ask, which evidence, how long, how soon an answer?

Patterns only. A `[[program]]` of licet.toml names one and says which features it opens; whatever it says itself stands in
the pattern's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Pattern(NamedTuple):
    """`questions` are answered in words, `evidence` by a link or in words. `months`: how long a grant lasts."""

    title: str
    about: str
    questions: tuple[str, ...]
    evidence: tuple[str, ...]
    months: int
    answer_days: int


PATTERNS: Mapping[str, Pattern] = {
    "research": Pattern(
        "Research",
        "For research whose results are published.",
        (
            "What is the research question, and what will you use this for?",
            "Who carries it out: people, institution, funder?",
            "How and when will the results be published?",
        ),
        (
            "A page of your institution that names you, or your ORCID",
            "The project: a proposal, a preregistration or a grant number",
        ),
        12,
        10,
    ),
    "education": Pattern(
        "Education",
        "For courses and classes.",
        (
            "Which course or class is it for, and at which institution?",
            "How many learners will use it, and from when until when?",
            "What will they do with it?",
        ),
        ("A page of the institution that names the course and you",),
        6,
        7,
    ),
    "medicine": Pattern(
        "Medicine",
        "For medical research and care.",
        (
            "What is it for, in research or in care, and whose data are concerned?",
            "Who checks what comes out before it touches a decision about a patient?",
            "Which personal data go in, and on which legal basis?",
        ),
        (
            "The vote of an ethics committee, or why none is needed",
            "A page of the hospital or institute that names you",
        ),
        12,
        14,
    ),
    "journalism": Pattern(
        "Journalism",
        "For reporting in the public interest.",
        (
            "What is the story about, as far as you can say?",
            "For which publication, and when is it due?",
            "How do you protect sources whose material goes in?",
        ),
        ("Published work of yours, or a page of the newsroom that names you",),
        3,
        3,
    ),
    "non-profit": Pattern(
        "Non-profit",
        "For organizations that serve the public and pay out no profit.",
        (
            "What does the organization do, and for whom?",
            "What will it use this for?",
            "Who pays for the organization, and who decides in it?",
        ),
        (
            "Its entry in a public register, or the notice of its tax exemption",
            "Its newest annual report, or a page that tells what it does",
        ),
        12,
        10,
    ),
    "climate": Pattern(
        "Climate",
        "For work on climate, nature and their protection.",
        (
            "Which effect on climate or nature does the work aim at, and how is it measured?",
            "What will you use this for in it?",
            "About how much will you compute, and where?",
        ),
        (
            "The project: a paper, a proposal or a page",
            "A page of the institution or organization that carries it",
        ),
        12,
        10,
    ),
}

MONTHS, ANSWER_DAYS = 12, 10  # of a program without a pattern
