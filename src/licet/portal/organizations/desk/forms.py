"""Which questions do an organization's pages ask? Forms; what is right is decided by the functions they call."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from licet.access.role import ACTS
from licet.portal.organizations.models import Membership, Role


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)


class _WithRole(forms.Form):
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: object, roles: Iterable[Role], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.roles = {role.pk: role for role in roles}
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        # Nothing is chosen beforehand where there is no role yet: nobody becomes an owner by haste.
        first = [] if self.initial.get("role") else [("", _("choose a role"))]
        field.choices = [*first, *((pk, role.name) for pk, role in self.roles.items())]

    def chosen(self) -> Role:
        return self.roles[self.cleaned_data["role"]]


class InviteForm(_WithRole):
    """Only roles that the inviter could give are offered; a role that is not is no choice."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    field_order = ("email", "role")


class RoleChoice(_WithRole):
    pass


class ServiceAccountForm(_WithRole):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What is it for? A program, a pipeline."))
    field_order = ("name", "role")


class RoleForm(forms.Form):
    """A custom role: a name and acts, of those that its author has."""

    name = forms.CharField(label=_("Name of the role"), max_length=40)
    acts = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: object, acts: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["acts"]
        assert isinstance(field, forms.MultipleChoiceField)
        mine = set(acts)
        field.choices = [(act, f"{act}: {says}") for act, says in ACTS.items() if act in mine]


class HandOverForm(forms.Form):
    """To whom? People only."""

    to = forms.ChoiceField(label=_("New owner"))

    def __init__(self, *args: object, people: Iterable[Membership], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.people = {row.pk: row for row in people}
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pk, str(row)) for pk, row in self.people.items()]

    def chosen(self) -> Membership:
        return self.people[self.cleaned_data["to"]]


class DeleteForm(forms.Form):
    sure = forms.BooleanField(label=_("Delete the organization and end all its keys now."))
