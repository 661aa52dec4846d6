"""AWS's own schemas of its resources, by region: whether AWS would take what we generate.

Comes in: a ``Graph``. Goes out: problems, each at a noun of the app file; and the actions that
making, changing and deleting each type takes. The schemas are CloudFormation's, as cfn-lint carries
them (its data only; its code is not imported). Forbidden here: calls, and Terraform.
"""
