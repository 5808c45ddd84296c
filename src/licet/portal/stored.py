"""What is stored, for what, and how long? One line for every column of every table: `/privacy` draws it.

A test walks the tables as they really are and fails where a column has no line, or a line has no column. An app of ours
may bring the lines of its own tables: a module `stored` with `TABLES`, like this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.utils.translation import gettext_noop as _later

UNTIL_ERASED = _later("until the account is deleted")
LASTING = _later("stays under an id without a name when the account is deleted")
BY_SETTING = _later("by the settings below; what is personal in it at most until the account is deleted")
SHORT = _later("removed after it has ended, at the latest when the server is next started")


@dataclass(frozen=True, slots=True)
class Table:
    """`about` says what for; `kept` how long. Without fields it is machinery, and nothing in it is about a person."""

    title: str
    about: str
    kept: str = ""
    fields: Mapping[str, str] | None = None


ID, WHOSE, RELEASE = _later("its id"), _later("whose it is, as an id"), _later("of which release")
MADE, WHO, DOCUMENT = _later("when it was made"), _later("who did it, as an id"), _later("at which published document")

PORTAL: Mapping[str, Table] = {
    "portal.Account": Table(_later("Accounts"), _later("To let people sign in and to write to them."), UNTIL_ERASED, {
        "id": ID, "email": _later("the e-mail address"), "email_folded": _later("the same in the form that is compared"),
        "password": _later("a digest of the password (Argon2id), never the password"),
        "last_login": _later("the last sign-in"), "is_operator": _later("whether it may use the console"),
        "is_active": _later("whether it may sign in"), "made_s": MADE,
    }),
    "portal.Holder": Table(_later("Holders"), _later("The id that usage, keys and promises hang on."), LASTING, {
        "id": ID, "kind": _later("account or organization"), "account_id": _later("the account, until it is deleted"),
        "made_s": MADE, "suspended_s": _later("when it was suspended"),
        "suspended_why": _later("why, in the operator's words; removed with the account"),
        "deleted_s": _later("when it was deleted"),
    }),
    "portal.Key": Table(_later("Keys"), _later("To tell who calls."), LASTING, {
        "id": ID, "holder_id": WHOSE, "name": _later("the name you gave it; removed with the account"),
        "env": _later("what kind of server it is for"), "prefix": _later("how it begins, to tell keys apart"),
        "scopes": _later("what else it may"), "features": _later("the features it was narrowed to"),
        "releases": _later("the releases it was narrowed to"),
        "networks": _later("the networks it may be used from; removed with the account"),
        "budgets": _later("how much may be used with it"),
        "declared": _later("what you declared when you made it, with the question as it was asked"), "made_s": MADE,
        "expires_s": _later("when it ends"), "rotated_s": _later("when it got a new secret"),
        "revoked_s": _later("when it was revoked"), "nonce": _later("the form that made it, so that twice is once"),
    }),
    "portal.CredentialRow": Table(_later("Credentials"), _later("What the gate looks a key up by."), LASTING, {
        "digest": _later("the SHA-256 of the secret, never the secret"), "key_id": _later("which key"),
        "holder_id": WHOSE, "kind": _later("what kind of secret"), "expires_s": _later("when it ends"),
        "revoked_s": _later("when it was revoked"), "narrow": _later("what the key was narrowed to"),
        "facts": _later("what was declared with the key"), "made_s": MADE,
        "nonce": _later("the form that made it, so that twice is once"),
    }),
    "portal.StandingRow": Table(
        _later("Standings"), _later("What the gate reads of a holder; worked out from the other tables."), UNTIL_ERASED, {
            "id": ID, "holder_id": WHOSE, "release": RELEASE, "from_s": _later("from when"),
            "until_s": _later("until when"), "tier": _later("the tier"), "document": DOCUMENT,
            "claims": _later("tiers held and awaited, and whether it is suspended"),
            "facts": _later("what was approved and accepted"), "anchor_s": _later("where its months begin"),
            "grants": _later("its grants"), "domain": _later("the domain of the confirmed address"),
        }),
    "portal.Held": Table(_later("Tiers held"), _later("Who had which tier, and when."), LASTING, {
        "id": ID, "holder_id": WHOSE, "release": RELEASE, "tier": _later("the tier"), "document": DOCUMENT,
        "from_s": _later("from when"), "until_s": _later("until when"), "ended_s": _later("when it ended"),
        "anchor_s": _later("where its months begin"), "by": WHO,
        "why": _later("why, in words; removed with the account"),
    }),
    "portal.Request": Table(_later("Requests"), _later("Wishes for a tier that needs approval."), LASTING, {
        "id": ID, "holder_id": WHOSE, "release": RELEASE, "tier": _later("the tier"), "document": DOCUMENT,
        "reason": _later("what you wrote; removed with the account"), "state": _later("whether it was answered"),
        "made_s": MADE, "answered_s": _later("when it was answered"), "answered_by": WHO,
        "words": _later("the answer's words; removed with the account"),
    }),
    "portal.GrantRow": Table(_later("Grants"), _later("Exceptions for one holder or one mail domain."), LASTING, {
        "id": ID, "holder_id": WHOSE, "domain": _later("for everybody whose address is in this domain"),
        "release": RELEASE, "actions": _later("what was granted"), "components": _later("on which components"),
        "quotas": _later("how much of it"), "reason": _later("why, in words; removed with the account"),
        "program": _later("the program it was asked for by"), "approver": WHO, "made_s": MADE,
        "from_s": _later("from when"), "until_s": _later("until when"), "revoked_s": _later("when it was taken back"),
        "reminded_s": _later("when a mail told of its end"),
    }),
    "portal.Acceptance": Table(
        _later("Acceptances"), _later("Promises about a license's exact text: evidence for both sides."), LASTING, {
            "id": ID, "holder_id": WHOSE, "release": RELEASE, "version": _later("of which version"),
            "component": _later("for which component"), "license": _later("the license"),
            "sha256": _later("the SHA-256 of its text"),
            "summary_sha256": _later("the SHA-256 of the summary beside it"), "document": DOCUMENT,
            "tier": _later("the tier you had"), "at_s": _later("when"),
            "how": _later("on a page, by a program or from a command line"), "words": _later("what you agreed to"),
            "by": WHO,
            "authority": _later("in which capacity you signed for an organization; removed with the account"),
            "answers": _later("what you answered; removed with the account"),
            "address": _later("the address it came from; goes after the days above, and with the account"),
            "agent": _later("what the browser or program calls itself; goes with the address"),
            "receipt": _later("the receipt, with your name; removed with the account"),
            "receipt_kid": _later("which key signed the receipt"),
            "receipt_signature": _later("the receipt's signature; removed with the account"),
        }),
    "portal.Event": Table(
        _later("Events"), _later("Who did what, when and from where: to find misuse, and to prove what was allowed."),
        BY_SETTING, {
            "id": _later("its number"), "at_s": _later("when"), "what": _later("the act"), "holder_id": WHOSE, "by": WHO,
            "release": RELEASE, "detail": _later("which key, tier or document; before and after"),
            "address": _later("the address it came from"), "said": _later("names and words that were given"),
            "salts": _later("what hides the personal part in its digest; dropped with it"),
            "sealed": _later("the digests of the personal parts"), "digest": _later("the digest that chains the rows"),
        }),
    "portal.OperatorLink": Table(_later("Links for operators"), _later("To make the first operator, once."), SHORT, {
        "digest": _later("the SHA-256 of the link's word"), "expires_s": _later("when it ends"),
        "used_s": _later("when it was used"), "used_by": WHO,
    }),
    "account.EmailAddress": Table(_later("Addresses"), _later("To know which address was confirmed."), UNTIL_ERASED, {
        "id": ID, "user_id": _later("whose account"), "email": _later("the e-mail address"),
        "verified": _later("whether it was confirmed"), "primary": _later("whether mail goes there"),
    }),
    "account.EmailConfirmation": Table(_later("Confirmations"), _later("Of an address; unused: codes are."), SHORT, {
        "id": ID, "email_address_id": _later("which address"), "created": MADE, "sent": _later("when it was sent"),
        "key": _later("the word of the link"),
    }),
    "mfa.Authenticator": Table(_later("Second factors and passkeys"), _later("To sign in with them."), UNTIL_ERASED, {
        "id": ID, "user_id": _later("whose account"), "type": _later("passkey, one-time codes or recovery codes"),
        "data": _later("what it is checked by"), "created_at": MADE, "last_used_at": _later("when it was last used"),
    }),
    "socialaccount.SocialAccount": Table(
        _later("Accounts elsewhere"), _later("To know you again when you sign in with one."), UNTIL_ERASED, {
            "id": ID, "user_id": _later("whose account"), "provider": _later("where"), "uid": _later("your id there"),
            "last_login": _later("the last sign-in from there"), "date_joined": MADE,
            "extra_data": _later("what was told there: names, addresses of your page and picture"),
        }),
    "socialaccount.SocialToken": Table(_later("Tokens of accounts elsewhere"), _later("allauth's; unused."), SHORT, {
        "id": ID, "app_id": _later("unused"), "account_id": _later("unused"), "token": _later("unused"),
        "token_secret": _later("unused"), "expires_at": _later("unused"),
    }),
    "socialaccount.SocialApp": Table(_later("Providers"), _later("allauth's; unused: they stand in the settings.")),
    "usersessions.UserSession": Table(_later("Where you are signed in"), _later("To show and end it."), UNTIL_ERASED, {
        "id": ID, "user_id": _later("whose account"), "created_at": MADE, "ip": _later("the address it came from"),
        "last_seen_at": _later("when it was last seen"), "session_key": _later("which session"),
        "user_agent": _later("what the browser calls itself"), "data": _later("nothing of ours"),
    }),
    "sessions.Session": Table(
        _later("Sessions"), _later("To keep people signed in, by a cookie with a random word. No other cookies but the"
                                   " one against forged forms."), SHORT, {
            "session_key": _later("the cookie's word"),
            "session_data": _later("who is signed in, and what a form was about to do"),
            "expire_date": _later("when it ends"),
        }),
    "admin.LogEntry": Table(
        _later("The console's own log"), _later("Django's list of what an operator made with a form."), UNTIL_ERASED, {
            "id": ID, "action_time": _later("when"), "user_id": _later("which operator"),
            "content_type_id": _later("in which table"), "object_id": _later("which row"),
            "object_repr": _later("the row in words"), "action_flag": _later("made, changed or removed"),
            "change_message": _later("what was changed"),
        }),
    "portal.Document": Table(_later("Published documents"), _later("The terms as they were published.")),
    "portal.LicenseText": Table(_later("License texts"), _later("The texts that were accepted.")),
    "portal.ChangeRow": Table(_later("Changes"), _later("What the gate has to read again: ids and digests only.")),
    "auth.Permission": Table(_later("Permissions"), _later("Django's; unused.")),
    "auth.Group": Table(_later("Groups"), _later("Django's; unused.")),
    "auth.Group_permissions": Table(_later("Permissions of groups"), _later("Django's; unused.")),
    "contenttypes.ContentType": Table(_later("Names of tables"), _later("Django's list of its tables.")),
}  # fmt: skip

ORGANIZATIONS: Mapping[str, Table] = {
    "organizations.Organization": Table(_later("Organizations"), _later("Who acts together."), LASTING, {
        "holder_id": ID, "name": _later("its name"), "founder_id": _later("who founded it, as an id"), "made_s": MADE,
    }),
    "organizations.Role": Table(_later("Roles"), _later("What members of a role may do."), LASTING, {
        "id": ID, "organization_id": _later("of which organization"), "name": _later("its name"),
        "acts": _later("what it may do"), "made_s": MADE, "removed_s": _later("when it was removed"),
    }),
    "organizations.Membership": Table(_later("Members"), _later("Who belongs to an organization."), LASTING, {
        "id": ID, "organization_id": _later("which organization"), "person_id": WHOSE,
        "name": _later("the name of a service account"), "role_id": _later("in which role"), "made_s": MADE,
        "ended_s": _later("when it ended"),
    }),
    "organizations.Invitation": Table(_later("Invitations"), _later("To ask somebody in, by mail."), LASTING, {
        "id": ID, "organization_id": _later("which organization"), "email": _later("the address it went to"),
        "email_folded": _later("the same in the form that is compared"), "role_id": _later("in which role"),
        "digest": _later("the SHA-256 of the link's word"), "invited_by_id": WHO, "made_s": MADE,
        "expires_s": _later("when it ends"), "accepted_s": _later("when it was accepted"),
        "withdrawn_s": _later("when it was withdrawn"),
    }),
    "organizations.KeyOf": Table(_later("Keys of members"), _later("In whose role a key calls."), LASTING, {
        "key_id": _later("which key"), "membership_id": _later("which member"),
    }),
}  # fmt: skip

TABLES: Mapping[str, Table] = {**PORTAL, **ORGANIZATIONS}

LEDGER: Mapping[str, Table] = {
    "holder": Table(_later("Who used"), _later("The id that usage hangs on."), LASTING, {
        "n": _later("its number here"), "name": WHOSE, "release": RELEASE,
    }),
    "call": Table(
        _later("Calls"), _later("What was used, to count quotas and to answer for each decision. Nothing of what was sent"
                                " or answered."), LASTING, {
            "id": ID, "holder": WHOSE, "feature": _later("which feature"), "key_id": _later("with which key"),
            "at_s": _later("when"), "process": _later("which process of the server"),
            "lease_s": _later("how long it may run unheard of"), "lapses_s": _later("when it would lapse"),
            "state": _later("how it ended"), "takes": _later("the units held"), "counted": _later("the units counted"),
            "closed_s": _later("when it ended"), "status": _later("the answer's status"),
            "took_ms": _later("how long it took"), "was_over": _later("whether it counted more than it held"),
            "was_late": _later("whether it ended after its lease"), "verdict": _later("why it was let in"),
        }),
    "counter": Table(_later("Counters"), _later("The sums that quotas are held against."), LASTING, {
        "n": _later("its number"), "holder": WHOSE, "meter": _later("what is counted"), "window_s": _later("from when"),
        "resets_s": _later("until when"), "used": _later("units used"), "held": _later("units held"),
    }),
    "refusal": Table(
        _later("Refusals"), _later("Why a call was refused, for whoever asks."),
        _later("30 days, the newest 100,000"), {
            "n": _later("its number"), "id": ID, "holder": WHOSE, "release": RELEASE, "feature": _later("which feature"),
            "key_id": _later("with which key"), "at_s": _later("when"), "status": _later("the answer's status"),
            "verdict": _later("why it was refused"),
        }),
    "filed": Table(_later("Calls by holder"), _later("Whose calls are whose, to find them quickly."), LASTING, {
        "holder": WHOSE, "at_s": _later("when"), "id": ID,
    }),
    "filed_until": Table(_later("Calls sorted in"), _later("Until when the calls are sorted in under their holder.")),
    "process": Table(_later("Processes"), _later("Of the server, to free what a dead one held.")),
    "verdict": Table(_later("Verdicts"), _later("Texts of decisions, kept once for all calls.")),
    "seal": Table(_later("Sealed months"), _later("Digests of closed months.")),
    "sealed": Table(_later("Sums of sealed months"), _later("Sums by counter, no calls.")),
}  # fmt: skip


def tables() -> dict[str, Table]:
    """Of every app that is installed, by the label of its model."""
    ours = [
        app.name for app in apps.get_app_configs() if app.name.startswith("licet.") and find_spec(f"{app.name}.stored")
    ]
    lines = {label: table for name in ours for label, table in import_module(f"{name}.stored").TABLES.items()}
    installed = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    return {label: table for label, table in lines.items() if label in installed}
