"""Which one-time links to become an operator were given out? Their digests only."""

from __future__ import annotations

from django.db import models


class OperatorLink(models.Model):
    digest = models.BinaryField(primary_key=True, max_length=32)
    expires_s = models.BigIntegerField()
    used_s = models.BigIntegerField(null=True)
    used_by = models.CharField(max_length=60, blank=True)
