from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_chain")]
    operations = [
        migrations.AddField("key", "networks", models.JSONField(blank=True, null=True)),
        migrations.AddField("key", "budgets", models.JSONField(default=list)),
    ]
