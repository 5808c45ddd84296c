"""What can be asked of this server over HTTP? OpenAPI 3.1, made from the gate's own table of routes and the features' hints.

`operations.py` says of each answer of `gate.routes` what it takes and gives; `elsewhere.py` the same of what others
answer on this address (the Hub's wire, the portal's API). `document.py` joins them, `page.py` draws them.
"""
