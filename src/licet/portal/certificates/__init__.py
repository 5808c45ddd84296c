"""Certificates: the licensor's signed promises, and receipts for the holders' own. docs/certificates.md"""
