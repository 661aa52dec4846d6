"""Model to graph: which AWS things an app needs, and which points at which.

Comes in: an ``App``. Goes out: a ``Graph`` of resources for two Terraform roots: ``foundation``
(what holds data, identity or an address) and ``release`` (how a version behaves). Forbidden
here: Terraform's syntax, prices, AWS calls, files.
"""
