"""The same commands against this machine: an AWS emulator in which the services really run.

Comes in: AWS API calls, from Terraform, from us, from tasks. Goes out: running processes, real
traffic, real rows. Forbidden here: the app file. What was not applied to the emulator does not
exist, so a wiring mistake in the Terraform fails here as it would on AWS.
"""
