"""How do members of an organization sign in? Through its own OpenID Connect server, with a second factor, or as they like.

What the organization asks is a *cannot* in its members' roles (`access/role.py`), so page, API and gate refuse alike.
"""
