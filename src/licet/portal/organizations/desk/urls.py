"""Which addresses are an organization's? All under `/my/organizations/`; an id that is not one's own is 404."""

from __future__ import annotations

from django.urls import include, path

from licet.portal.organizations.desk import home, keys, members, roles, tier
from licet.portal.sso import desk as sign_in

OF_ONE = [
    path("", home.home, name="organization"),
    path("rename", home.rename, name="organization_rename"),
    path("leave", home.leave, name="organization_leave"),
    path("hand-over", home.hand_over, name="organization_hand_over"),
    path("delete", home.delete, name="organization_delete"),
    path("members", members.members, name="organization_members"),
    path("members/<str:membership_id>/role", members.change_role, name="organization_member_role"),
    path("members/<str:membership_id>/remove", members.remove, name="organization_member_remove"),
    path("invitations/<str:invitation_id>/withdraw", members.withdraw, name="organization_invitation_withdraw"),
    path("roles", roles.table, name="organization_roles"),
    path("roles/<str:role_id>", roles.change, name="organization_role"),
    path("roles/<str:role_id>/remove", roles.remove, name="organization_role_remove"),
    path("keys", keys.keys, name="organization_keys"),
    path("keys/<str:key_id>/revoke", keys.revoke, name="organization_key_revoke"),
    path("service-accounts", keys.programs, name="organization_programs"),
    path("service-accounts/<str:membership_id>", keys.program, name="organization_program"),
    path("service-accounts/<str:membership_id>/role", keys.move, name="organization_program_role"),
    path("service-accounts/<str:membership_id>/end", keys.end, name="organization_program_end"),
    path("tier", tier.tier, name="organization_tier"),
    path("tier/ask", tier.ask, name="organization_tier_ask"),
    path("tier/take", tier.take, name="organization_tier_take"),
    path("requests/<str:request_id>/withdraw", tier.withdraw, name="organization_request_withdraw"),
    path("licenses/<str:release>/<str:component>", tier.accept, name="organization_accept"),
    path("usage", tier.usage, name="organization_usage"),
    path("events", tier.events, name="organization_events"),
    path("sign-in", sign_in.sign_in, name="organization_sign_in"),
    path("sign-in/rule", sign_in.rule, name="organization_sign_in_rule"),
    path("sign-in/server", sign_in.connect, name="organization_sign_in_connect"),
    path("sign-in/server/end", sign_in.disconnect, name="organization_sign_in_disconnect"),
    path("sign-in/domains", sign_in.domain, name="organization_sign_in_domain"),
    path("sign-in/domains/<str:domain_id>/end", sign_in.domain_end, name="organization_sign_in_domain_end"),
    path("sign-in/domains/<str:domain_id>/look", sign_in.domain_look, name="organization_sign_in_domain_look"),
    path("sign-in/groups", sign_in.group, name="organization_sign_in_group"),
    path("sign-in/groups/<str:group_id>/end", sign_in.group_end, name="organization_sign_in_group_end"),
]

urlpatterns = [
    path("", home.mine, name="organizations"),
    path("join/<str:word>", members.join, name="organization_join"),
    path("<str:org_id>/", include(OF_ONE)),
]
