"""What the user means: frozen values, one noun a file, every field described.

Comes in: plain text trees in their long form. Goes out: an ``App``. Forbidden here: files,
clocks, the network, and any knowledge of AWS resources or of Terraform.
"""
