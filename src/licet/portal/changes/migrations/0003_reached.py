"""Which addresses of a holder were told already is noted, so that none of them is told twice."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("changes", "0002_texts")]

    operations = [
        migrations.AddField(
            "told",
            "reached",
            models.TextField("digests of the addresses that were told", blank=True, default=""),
        )
    ]
