"""A real gate over the portal, as the organizations' tests have it."""

from tests.portal.organizations.test_organization_at_the_gate import gate

__all__ = ["gate"]
