"""What does somebody want of a license? Eight questions in words, the same for a terminal, a command line and a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from licet.errors import LicetError, closest


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted; None means that it does not matter. The words of each field are the answers of `QUESTIONS`.

    LicetError for an answer that is none of these.
    """

    kind: str = "code"
    users: str | None = None
    commercial: bool | None = None
    changes: str | None = None
    naming: str | None = None
    outputs: str | None = None
    harm_limits: bool | None = None
    later_opening: bool | None = None
    path_to_yes: bool | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            answers = QUESTIONS[field.name].answers
            if value is not None and _word(value) not in answers:
                said = f"`{value}` is no answer to `{field.name}`"
                raise LicetError(said, mend=closest(str(value), answers) or f"one of: {', '.join(answers)}")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is put to somebody, with its answers and what each means."""

    asks: str
    answers: Mapping[str, str]
    only_for: tuple[str, ...] = ()


_TRUTH: Final = {"true": "yes", "false": "no"}
QUESTIONS: Final[Mapping[str, Question]] = {
    "kind": Question(
        "What is it?",
        {
            "code": "code",
            "weights": "weights of a model, or an adapter",
            "data": "data",
            "docs": "documents, images, other content",
        },
    ),
    "users": Question(
        "Who should be able to use it?",
        {
            "everyone": "everyone",
            "small": "people and small companies; large ones should ask",
            "research": "researchers only",
        },
    ),
    "commercial": Question("May it be used commercially?", _TRUTH),
    "changes": Question(
        "May others change it and give that on?",
        {
            "free": "yes, under terms of their own",
            "share-alike": "yes, under the same license",
            "none": "no",
        },
    ),
    "naming": Question(
        "Must they name you?",
        {"none": "no", "credit": "yes, your notices stay in it", "brand": "yes, visibly, with a name or mark"},
    ),
    "outputs": Question(
        "What of a model's outputs?",
        {"free": "theirs, for anything", "limited": "with limits"},
        only_for=("weights",),
    ),
    "harm_limits": Question("Shall the license itself forbid harmful uses?", _TRUTH),
    "later_opening": Question("Shall it open by itself on a later date?", _TRUTH),
    "path_to_yes": Question("Do you offer another license to those whom this one shuts out?", _TRUTH),
}


def wish_of(answers: Mapping[str, Any]) -> Wish:
    """The wish of answers in words (`"true"`, `"share-alike"`), as they come from a terminal or a form."""
    if wrong := [name for name in answers if name not in QUESTIONS]:
        raise LicetError(f"`{wrong[0]}` is no question", mend=closest(wrong[0], QUESTIONS))
    told = {name: value for name, value in answers.items() if value not in (None, "")}
    truths = {"true": True, "false": False}
    return Wish(**{name: truths.get(v, v) if QUESTIONS[name].answers is _TRUTH else v for name, v in told.items()})


def _word(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value
