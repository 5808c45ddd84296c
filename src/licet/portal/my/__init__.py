"""A holder's own pages: keys, usage, tier, acceptances, events. Nobody sees another holder's: what is not his is
404.
"""
