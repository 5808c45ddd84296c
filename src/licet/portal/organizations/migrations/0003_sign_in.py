"""One act more: to set how members sign in. It comes with owning the organization."""

from typing import Any

from django.db import migrations

ACT, WITH = "manage:sign-in", "own:organization"


def give(apps: Any, schema_editor: Any) -> None:
    for role in apps.get_model("organizations", "Role").objects.all():
        if WITH in role.acts and ACT not in role.acts:
            role.acts = sorted([*role.acts, ACT])
            role.save(update_fields=["acts"])


def take(apps: Any, schema_editor: Any) -> None:
    for role in apps.get_model("organizations", "Role").objects.all():
        role.acts = [act for act in role.acts if act != ACT]
        role.save(update_fields=["acts"])


class Migration(migrations.Migration):
    dependencies = [("organizations", "0002_roles")]

    operations = [migrations.RunPython(give, take)]
