"""Graph to Terraform JSON: two plain documents. Pure and dull.

Comes in: a ``Graph``. Goes out: documents and their text. Forbidden here: decisions. What is
rehearsed is what ships, so nothing in a document knows where it will be applied.
"""
