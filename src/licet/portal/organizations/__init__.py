"""Who may do what for an organization? Founded, joined by invitation, left; roles as sets of acts; keys in a role.

What a role says is decided in `access/role.py`, by `may`; here is what keeps the rows, each act one transaction with
its events and the gate's read model. `desk/` are the pages.
"""
