"""Which questions do the community's pages ask? Forms; what is right is decided by `acts` and `people`."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from licet.portal.community.acts import BODY, TITLE, WHY
from licet.portal.community.models import Question, Report

_MARKDOWN = _("Markdown: *emphasis*, **strong**, `code`, lists, > quotes, links. No pictures, no HTML.")


class Ask(forms.Form):
    title = forms.CharField(
        label=_("Your question in a line"), max_length=TITLE, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    body = forms.CharField(
        label=_("What you want to do, and what is unclear"), max_length=BODY, help_text=_MARKDOWN,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
    )  # fmt: skip
    private = forms.ChoiceField(
        label=_("Who may read it"), initial="", required=False, widget=forms.RadioSelect,
        choices=(("", _("everybody")), ("1", _("only the licensor and you"))),
    )  # fmt: skip
    cite = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    asked = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)


class Say(forms.Form):
    body = forms.CharField(
        label=_("Your answer"), max_length=BODY, help_text=_MARKDOWN,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )  # fmt: skip


class Settle(forms.Form):
    """The licensor's word. `accept` has one choice for each of the licensor's own answers."""

    state = forms.ChoiceField(label=_("State"), choices=Question.State.choices)
    accept = forms.ChoiceField(label=_("Accepted answer"), required=False)
    cite = forms.CharField(
        label=_("Pinned to the clause"), max_length=200, required=False,
        help_text=_("As on the page: CC-BY-NC-4.0 §1(i), licet.toml:41. The answer then stands beside it."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why (needed to decline)"), max_length=WHY, required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )  # fmt: skip

    def __init__(self, *args: object, answers: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["accept"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("none")), *answers]


class Tell(forms.Form):
    """A report."""

    reason = forms.ChoiceField(label=_("This post"), choices=Report.Reason.choices, widget=forms.RadioSelect)
    words = forms.CharField(label=_("In your words, if you like"), max_length=500, required=False)


class Address(forms.Form):
    email = forms.EmailField(label=_("Your e-mail address"), max_length=254, help_text=_("It is never shown."))


class Typed(forms.Form):
    code = forms.CharField(
        label=_("The code from the mail"), max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )  # fmt: skip


class Name(forms.Form):
    name = forms.CharField(
        label=_("What you are called here"), max_length=40, required=False,
        help_text=_("Shown beside what you write. Empty: “somebody”."), widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip
