"""Which questions do a holder's pages ask? Forms; what is right is decided by the functions they call."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from licet.portal import clock, keys
from licet.portal.organizations.models import Membership
from licet.release.release import Release
from licet.terms import fact
from licet.terms.clause import Scalar

DAY_S = 24 * 3600
EXPIRES = ((str(30), _("in 30 days")), (str(90), _("in 90 days")), (str(365), _("in a year")), ("", _("never")))
OVERLAPS = (
    (str(keys.OVERLAP_S), _("for another day")),
    (str(7 * DAY_S), _("for another week")),
    ("0", _("not at all")),
)
NARROWING = frozenset({"networks", "budgets", "features", "releases"})


class KeyForm(forms.Form):
    """A new key: for whom, its name, its end, the features it is narrowed to, and what its owner declares."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("For you: where will it be used?"))
    expires = forms.ChoiceField(label=_("It ends"), choices=EXPIRES, required=False, initial="90")
    nonce = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(
        self,
        *args: object,
        releases: Iterable[Release],
        operator: bool,
        own: Iterable[Membership] = (),
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.initial.setdefault("nonce", clock.new_id("form"))
        releases = list(releases)
        if organizations := [(row.organization_id, row.organization.name) for row in own]:
            self.fields["for_whom"] = forms.ChoiceField(
                label=_("For whom"), choices=[("", _("for myself")), *organizations], required=False,
                help_text=_("A key for an organization calls in your role there, and ends with your membership."),
            )  # fmt: skip
            self.order_fields(["for_whom", "name"])
        self.declare = tuple(dict.fromkeys(name for r in releases for name in r.declare))
        for name in self.declare:
            self.fields[f"fact_{name}"] = _fact_field(name)
        features = tuple(dict.fromkeys(f.name for r in releases for f in r.features))
        self.fields["networks"] = forms.CharField(
            label=_("Only from these addresses"), required=False, max_length=400,
            help_text=_("Addresses or networks, separated by commas, like 10.0.0.0/8. Empty: from anywhere."),
        )  # fmt: skip
        self.fields["budgets"] = forms.CharField(
            label=_("At most so much with this key"), required=False, max_length=200,
            help_text=_("Inside your tier, like 100 calls / day. Empty: all that your tier has."),
        )  # fmt: skip
        if features:
            self.fields["features"] = forms.MultipleChoiceField(
                label=_("Only for these features"), choices=[(f, f) for f in features], required=False,
                widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: all that your tier has."),
            )  # fmt: skip
        if len(releases) > 1:
            self.fields["releases"] = forms.MultipleChoiceField(
                label=_("Only for these releases"), choices=[(r.name, r.name) for r in releases], required=False,
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip
        if operator:
            self.fields["scopes"] = forms.MultipleChoiceField(
                label=_("It may also"), choices=list(keys.SCOPES.items()), required=False,
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip

    def asked(self) -> list[forms.BoundField]:
        """What everybody answers."""
        return [field for field in self.visible_fields() if field.name not in NARROWING]

    def narrowing(self) -> list[forms.BoundField]:
        """What makes the key do less. Nobody has to look at it."""
        return [field for field in self.visible_fields() if field.name in NARROWING]

    def narrowed(self) -> bool:
        """Was something written there? Then it is not folded away, least of all with a mistake in it."""
        return self.is_bound and any(field.data or field.errors for field in self.narrowing())

    def declared(self) -> dict[str, Scalar]:
        """The facts as typed values. The form is valid."""
        return {name: self.cleaned_data[f"fact_{name}"] for name in self.declare}

    def several(self, name: str) -> list[str]:
        """The parts of a field that takes several, separated by commas."""
        return [part.strip() for part in self.cleaned_data[name].split(",") if part.strip()]

    def expires_s(self) -> int | None:
        days = self.cleaned_data["expires"]
        return clock.now_s() + int(days) * DAY_S if days else None


class RotateForm(forms.Form):
    overlap_s = forms.ChoiceField(label=_("The old secret works"), choices=OVERLAPS)
    nonce = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.initial.setdefault("nonce", clock.new_id("form"))


class RequestForm(forms.Form):
    """Why somebody wants a tier that needs approval."""

    reason = forms.CharField(
        label=_("What do you want to do with it?"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The operator reads it and answers by e-mail."),
    )  # fmt: skip


class AcceptForm(forms.Form):
    """The promise about the text that was shown, named by its SHA-256; what is asked besides; and for an organization in
    which capacity it is given.
    """

    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: object, ask: Iterable[str] = (), organization: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.ask = tuple(ask)
        for n, question in enumerate(self.ask):
            self.fields[f"answer_{n}"] = forms.CharField(label=question, max_length=1_000)
        if organization:
            self.fields["authority"] = forms.CharField(
                label=_("In which capacity do you sign?"), max_length=200,
                help_text=_("For example: managing director. You declare that you may bind the organization."),
            )  # fmt: skip
        says = str(_("I have read this text and I accept it."))
        if organization:
            says = _("I have read this text and I accept it in the name of %(name)s.") % {"name": organization}
        self.fields["accepted"] = forms.BooleanField(label=says)

    @property
    def words(self) -> str:
        """What stands beside the box."""
        return str(self.fields["accepted"].label)

    def answers(self) -> dict[str, str]:
        """By question. The form is valid."""
        return {question: self.cleaned_data[f"answer_{n}"] for n, question in enumerate(self.ask)}


class LeaveForm(forms.Form):
    sure = forms.BooleanField(label=_("Delete my account and end all my keys now."))


def _fact_field(name: str) -> forms.Field:
    row = fact.FACTS[name]
    if row.type is bool:
        return forms.TypedChoiceField(
            label=row.question, choices=(("true", _("Yes")), ("false", _("No"))), coerce=lambda text: text == "true",
            widget=forms.RadioSelect,
        )  # fmt: skip
    if row.type is int:
        return forms.IntegerField(label=row.question, min_value=0)
    if row.choices:
        return forms.ChoiceField(label=row.question, choices=[(c, c) for c in row.choices])
    return _Parsed(name, label=row.question, max_length=60)


class _Parsed(forms.CharField):
    """A text fact, checked by the same words as on the command line."""

    def __init__(self, name: str, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self._name = name

    def clean(self, value: object) -> object:
        text = super().clean(value)
        try:
            return fact.parse(self._name, text)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
