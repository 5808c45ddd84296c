"""What does a program ask? One field a question and one a piece of evidence, in the document's order and words."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from licet.portal.organizations.models import Membership
from licet.portal.programs.applications import MOST
from licet.portal.programs.models import Application
from licet.release.release import Program


class ApplicationForm(forms.Form):
    """`answers()` and `evidence()` give what was typed, valid or not: a draft keeps it as it stands."""

    def __init__(
        self,
        *args: object,
        program: Program,
        own: Iterable[Membership] = (),
        draft: Application | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.program = program
        if organizations := [(row.organization_id, row.organization.name) for row in own]:
            self.fields["for_whom"] = forms.ChoiceField(
                label=_("For whom"), choices=[("", _("for myself")), *organizations], required=False,
                help_text=_("What is granted is used with the keys of whom it is for."),
            )  # fmt: skip
        for n, question in enumerate(program.questions):
            self.fields[f"answer_{n}"] = forms.CharField(
                label=gettext(question), max_length=MOST, widget=forms.Textarea(attrs={"rows": 4}),
                initial=_said(draft.answers, question) if draft else "",
            )  # fmt: skip
        for n, asked in enumerate(program.evidence):
            self.fields[f"evidence_{n}"] = forms.CharField(
                label=gettext(asked), max_length=MOST, widget=forms.Textarea(attrs={"rows": 2}),
                initial=_said(draft.evidence, asked) if draft else "",
                help_text=_("A link, or a few words. Nothing is uploaded."),
            )  # fmt: skip

    def answers(self) -> list[str]:
        return [self._typed(f"answer_{n}") for n in range(len(self.program.questions))]

    def evidence(self) -> list[str]:
        return [self._typed(f"evidence_{n}") for n in range(len(self.program.evidence))]

    def _typed(self, name: str) -> str:
        return str(self.data.get(name, ""))


class ReplyForm(forms.Form):
    """The applicant's answer to the operator's question."""

    words = forms.CharField(label=_("Your answer"), max_length=MOST, widget=forms.Textarea(attrs={"rows": 5}))


def _said(kept: Iterable[dict[str, str]], question: str) -> str:
    return next((one["said"] for one in kept if one["asked"] == question), "")
