"""The two-service app of ``run.py`` in AWS CDK's own form, to be measured beside Seatrial.

Run by ``run.py --peer PYTHON``, where PYTHON has ``aws-cdk-lib`` installed; needs Node.js.
"""

from __future__ import annotations

import sys

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as sm

app = App(outdir=sys.argv[1])
stack = Stack(app, "shop")
vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)
cluster = ecs.Cluster(stack, "Cluster", vpc=vpc)
bucket = s3.Bucket(
    stack, "Files", versioned=True, enforce_ssl=True,
    block_public_access=s3.BlockPublicAccess.BLOCK_ALL, encryption=s3.BucketEncryption.S3_MANAGED,
)  # fmt: skip
database = rds.DatabaseInstance(
    stack, "Db", vpc=vpc, multi_az=True, storage_encrypted=True,
    engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16),
)  # fmt: skip
secrets = {name: sm.Secret(stack, name) for name in ("Key", "Token")}
balancer = elb.ApplicationLoadBalancer(stack, "Lb", vpc=vpc, internet_facing=True)
listener = balancer.add_listener("Http", port=80, open=True)
for name in ("web", "worker"):
    task = ecs.FargateTaskDefinition(stack, f"{name}Task", cpu=256, memory_limit_mib=512)
    container = task.add_container(
        name,
        image=ecs.ContainerImage.from_ecr_repository(ecr.Repository(stack, f"{name}Repo")),
        logging=ecs.LogDrivers.aws_logs(
            stream_prefix=name, log_group=logs.LogGroup(stack, f"{name}Logs")
        ),
        secrets={key.upper(): ecs.Secret.from_secrets_manager(s) for key, s in secrets.items()},
    )
    service = ecs.FargateService(stack, f"{name}Service", cluster=cluster, task_definition=task)
    bucket.grant_read_write(task.task_role)
    database.connections.allow_default_port_from(service)
    scaling = service.auto_scale_task_count(max_capacity=4)
    scaling.scale_on_cpu_utilization("Cpu", target_utilization_percent=70)
    if name == "web":
        container.add_port_mappings(ecs.PortMapping(container_port=8080))
        listener.add_targets("Web", port=80, targets=[service])
app.synth()
