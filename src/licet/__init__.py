"""Licet: may WHO do WHAT with WHICH COMPONENT, and why?"""
