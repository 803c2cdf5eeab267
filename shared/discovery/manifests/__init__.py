"""Manifests in: a partner's catalog, in whatever shape it comes, to products and a plain report.

Each shape is translated to rows with the platform's own columns; one place makes products of rows.
"""
