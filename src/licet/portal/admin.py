"""Where does Django's admin look for our tables?"""

from __future__ import annotations

from django.contrib import admin

from licet.portal.console import granted, people, records, rights
from licet.portal.models import Acceptance, Account, Document, Event, GrantRow, Held, Holder, Key, Request

admin.site.register(Request, rights.Requests)
admin.site.register(Holder, people.Holders)
admin.site.register(Account, people.Accounts)
admin.site.register(Held, rights.TiersHeld)
admin.site.register(GrantRow, granted.Grants)
admin.site.register(Key, records.Keys)
admin.site.register(Acceptance, rights.Acceptances)
admin.site.register(Document, records.Documents)
admin.site.register(Event, records.Events)
