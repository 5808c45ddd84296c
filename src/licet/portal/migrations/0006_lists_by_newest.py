"""The console's lists begin with the newest: without an index each would sort everybody there is."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("portal", "0005_evidence")]
    operations = [
        migrations.AddIndex("account", models.Index(fields=["-made_s"], name="account_newest")),
        migrations.AddIndex("holder", models.Index(fields=["-made_s"], name="holder_newest")),
        migrations.AddIndex("key", models.Index(fields=["-made_s"], name="key_newest")),
        migrations.AddIndex(
            "held", models.Index(fields=["release", "tier"], condition=Q(ended_s=None), name="tier_held_now")
        ),
    ]
