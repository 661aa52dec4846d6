"""Graph in, monthly estimate out: lines with their quantity, unit price and its source.

Pure; prices are dated data (``prices.json``). Forbidden here: Terraform, AWS, and a resource that
is neither priced nor known to be free: it raises, it never counts as nothing.
"""
