"""Where does Django's admin look for our tables?"""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group

from licet.portal.console import people, records, rights
from licet.portal.models import Acceptance, Account, Document, Event, GrantRow, Held, Holder, Key, Request

admin.site.register(Request, rights.Requests)
admin.site.register(Holder, people.Holders)
admin.site.register(Account, people.Accounts)
admin.site.register(Held, rights.TiersHeld)
admin.site.register(GrantRow, rights.Grants)
admin.site.register(Key, records.Keys)
admin.site.register(Acceptance, rights.Acceptances)
admin.site.register(Document, records.Documents)
admin.site.register(Event, records.Events)

# What allauth and Django would add: operators reach people through holders, and there are no groups.
for model in [m for m in admin.site._registry if m._meta.app_label in ("account", "mfa", "usersessions") or m is Group]:
    admin.site.unregister(model)
