"""The operator's console: Django's admin, told in our words, and changed only through the functions that write
events.
"""
