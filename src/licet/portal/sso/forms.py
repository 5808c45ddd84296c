"""Which questions do the pages of signing in ask? What is right is decided by the functions that they call."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from licet.portal.organizations.models import Role
from licet.portal.sso.domains import BY_RECORD, MAILBOXES
from licet.portal.sso.models import Connection, Rule


class First(forms.Form):
    """Only the address: it decides where the sign-in goes on."""

    login = forms.EmailField(
        label=_("Email"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username webauthn"})
    )

    def __init__(self, *args: object, request: object = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]


class _WithRole(forms.Form):
    def __init__(self, *args: object, roles: Iterable[Role], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        # Nothing is chosen beforehand: nobody gives away a role by haste.
        none = [("", _("choose a role") if field.required else _("none: only groups let somebody in"))]
        field.choices = [*none, *((role.pk, role.name) for role in roles)]


class ConnectionForm(_WithRole):
    issuer = forms.CharField(
        label=_("Issuer"), max_length=300, help_text=_("Letter by letter as the server writes it, from https:// on.")
    )
    client_id = forms.CharField(label=_("Client id"), max_length=200)
    secret = forms.CharField(
        label=_("Client secret"), max_length=500, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept sealed and never shown again. Left empty, the one that is kept stays."),
    )  # fmt: skip
    groups_claim = forms.CharField(label=_("Claim with the groups"), max_length=60, initial="groups")
    role = forms.ChoiceField(
        label=_("Role of everybody else"), required=False, help_text=_("Of whom none of the groups below gives a role.")
    )


class GroupForm(_WithRole):
    group = forms.CharField(label=_("Group"), max_length=200)
    role = forms.ChoiceField(label=_("Role"))


class DomainForm(forms.Form):
    name = forms.CharField(
        label=_("Domain"), max_length=253, help_text=_("What stands behind the @, like example.org.")
    )
    mailbox = forms.ChoiceField(
        label=_("Confirmed by"),
        choices=[(BY_RECORD, _("a TXT record")), *((one, _("mail to %s@…") % one) for one in MAILBOXES)],
        help_text=_("A record that only whoever runs the domain can set; or a link by mail, for whoever reads it."),
    )  # fmt: skip


class RuleForm(forms.Form):
    sso = forms.BooleanField(label=_("Members sign in through the organization's server"), required=False)
    days = forms.IntegerField(
        label=_("Days that a sign-in counts for one's keys"), required=False, min_value=1, max_value=365,
        help_text=_("A key of somebody who did not sign in there for so long is refused. Empty: for ever."),
    )  # fmt: skip
    factor = forms.ChoiceField(
        label=_("Second factor"), required=False, widget=forms.RadioSelect,
        choices=[(Rule.Factor.NONE, _("as everybody likes")), (Rule.Factor.ANY, _("a passkey or codes of an app")),
                 (Rule.Factor.PASSKEY, _("a passkey"))],
    )  # fmt: skip


def of_connection(row: Connection | None) -> dict[str, object]:
    """What the form begins with; the secret never does."""
    if row is None:
        return {}
    return {
        "issuer": row.issuer,
        "client_id": row.client_id,
        "groups_claim": row.groups_claim,
        "role": row.role_id or "",
    }
