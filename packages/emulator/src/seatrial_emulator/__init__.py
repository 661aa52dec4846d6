"""An AWS emulator that really runs ECS tasks, RDS databases and ElastiCache caches.

It needs no container engine. Terraform, CDK, boto3 and Seatrial reach it as they reach AWS. It
imports nothing of Seatrial.
"""
