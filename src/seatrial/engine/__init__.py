"""The programs we drive, as typed calls: Terraform and its provider.

Comes in: documents and variables. Goes out: events, plans, outputs, typed errors. Forbidden
here: AWS calls, and losing anything a program said when it fails.
"""
