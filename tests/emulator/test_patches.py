"""Where moto was patched: each test fails without its patch. Real HTTP, real clients."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers import EmulatorProcess, code, user

pytestmark = pytest.mark.slow
TRUST = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"},
    "Action": "sts:AssumeRole"}]}  # fmt: skip


def test_an_unsupported_operation_fails_without_retries(emulator: EmulatorProcess):
    """An operation the emulator lacks is refused without retries."""
    begin = time.monotonic()
    with pytest.raises(ClientError):
        emulator.client("codebuild").list_shared_projects()
    assert time.monotonic() - begin < 5


def test_requests_with_wrong_keys_are_refused(emulator: EmulatorProcess):
    """IAM is enforced: unknown keys and wrong signatures get nothing."""
    for keys in (
        {"aws_access_key_id": "AKIAUNKNOWN000000000", "aws_secret_access_key": "x"},
        {"aws_access_key_id": emulator.access_key, "aws_secret_access_key": "wrong"},
    ):
        with pytest.raises(ClientError) as raised:
            emulator.client("s3", **keys).list_buckets()
        assert code(raised) in ("InvalidAccessKeyId", "SignatureDoesNotMatch")


def test_a_grant_for_one_secret_allows_no_other(emulator: EmulatorProcess):
    """A statement for one secret allows that secret and no other."""
    admin = emulator.client("secretsmanager")
    mine = admin.create_secret(Name="grant/mine", SecretString="v")["ARN"]
    other = admin.create_secret(Name="grant/other", SecretString="v")["ARN"]
    keys = user(
        emulator,
        "grants",
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": mine},
    )
    client = emulator.client("secretsmanager", **keys)
    assert client.get_secret_value(SecretId=mine)["SecretString"] == "v"
    with pytest.raises(ClientError):
        client.get_secret_value(SecretId=other)


def test_an_image_digest_is_the_sha256_of_its_manifest(emulator: EmulatorProcess):
    """Two manifests without layers have two digests: the sha256 of their text."""
    import hashlib

    ecr = emulator.client("ecr")
    ecr.create_repository(repositoryName="digests")
    digests = []
    for number in range(2):
        text = json.dumps({"schemaVersion": 2, "layers": [], "config": {"n": number}})
        ecr.put_image(
            repositoryName="digests",
            imageManifest=text,
            imageTag=f"t{number}",
            imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
        )
        digests.append("sha256:" + hashlib.sha256(text.encode()).hexdigest())
    rows = ecr.describe_images(repositoryName="digests")["imageDetails"]
    assert set(digests) == {row["imageDigest"] for row in rows}


def test_moving_awscurrent_changes_the_value(emulator: EmulatorProcess):
    """After AWSCURRENT moved, the value is the new version's."""
    client = emulator.client("secretsmanager")
    arn = client.create_secret(Name="labels", SecretString="old")["ARN"]
    old = client.get_secret_value(SecretId=arn)["VersionId"]
    new = client.put_secret_value(SecretId=arn, SecretString="new", VersionStages=["AWSPENDING"])[
        "VersionId"
    ]
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "old"
    client.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", RemoveFromVersionId=old, MoveToVersionId=new
    )
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "new"


def test_a_security_group_in_use_cannot_be_deleted(emulator: EmulatorProcess):
    """A group that another group's rule names cannot be deleted; rules keep descriptions."""
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    one, two = (
        ec2.create_security_group(GroupName=f"in-use-{n}", Description="d", VpcId=vpc)["GroupId"]
        for n in range(2)
    )
    rule = ec2.authorize_security_group_ingress(
        GroupId=one,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 1,
                "ToPort": 1,
                "UserIdGroupPairs": [{"GroupId": two, "Description": "why"}],
            }
        ],
    )
    assert rule["SecurityGroupRules"][0]["Description"] == "why"
    with pytest.raises(ClientError) as raised:
        ec2.delete_security_group(GroupId=two)
    assert code(raised) == "DependencyViolation"
    ec2.delete_security_group(GroupId=one)
    ec2.delete_security_group(GroupId=two)


def test_a_log_stream_keeps_its_newest_events(emulator: EmulatorProcess):
    """A stream keeps its newest 20,000 events."""
    logs = emulator.client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    now = int(time.time() * 1000)
    for start in range(0, 25_000, 5_000):
        logs.put_log_events(
            logGroupName="g",
            logStreamName="s",
            logEvents=[{"timestamp": now, "message": str(start + n)} for n in range(5_000)],
        )
    first = logs.get_log_events(logGroupName="g", logStreamName="s", startFromHead=True, limit=1)
    assert first["events"][0]["message"] == "5000"


def test_log_events_are_filtered_by_the_prefix_of_their_stream(emulator: EmulatorProcess):
    """Those of streams that begin so, and none where no stream does."""
    logs, now = emulator.client("logs"), int(time.time() * 1000)
    logs.create_log_group(logGroupName="by-prefix")
    for name in ("web/a", "web/b", "worker/a"):
        logs.create_log_stream(logGroupName="by-prefix", logStreamName=name)
        row = {"timestamp": now, "message": name}
        logs.put_log_events(logGroupName="by-prefix", logStreamName=name, logEvents=[row])

    def found(prefix: str) -> list[str]:
        rows = logs.filter_log_events(logGroupName="by-prefix", logStreamNamePrefix=prefix)
        return sorted(row["message"] for row in rows["events"])

    assert found("web/") == ["web/a", "web/b"]
    assert found("web/b") == ["web/b"]
    assert found("nobody") == []


def test_a_log_group_keeps_the_events_of_its_newest_streams(emulator: EmulatorProcess):
    """Each task has a stream: 20,000 events of a group are kept, the oldest task's go first."""
    logs, now = emulator.client("logs"), int(time.time() * 1000)
    logs.create_log_group(logGroupName="many")
    for name in ("first", "second", "third"):
        logs.create_log_stream(logGroupName="many", logStreamName=name)
        rows = [{"timestamp": now, "message": str(number)} for number in range(8_000)]
        logs.put_log_events(logGroupName="many", logStreamName=name, logEvents=rows)
    left = [
        logs.get_log_events(logGroupName="many", logStreamName=name, startFromHead=True, limit=1)[
            "events"
        ][0]["message"]
        for name in ("first", "second", "third")
    ]
    assert left == ["4000", "0", "0"]


def network(emulator: EmulatorProcess, name: str) -> dict[str, Any]:
    """Make a subnet and a group, and return ECS's network configuration."""
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.8.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"]
    return {"vpc": vpc, "awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group]}}


def family(emulator: EmulatorProcess, name: str) -> None:
    """Register a task definition."""
    emulator.client("ecs").register_task_definition(
        family=name,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "c", "image": "i"}],
    )


def test_a_task_stays_provisioning_until_the_agent_moves_it(emulator: EmulatorProcess):
    """A task begins PROVISIONING at a free address of its subnet and stays as it is."""
    ecs, made = emulator.client("ecs"), network(emulator, "moves")
    made.pop("vpc")
    ecs.create_cluster(clusterName="moves")
    family(emulator, "moves")
    arns = [
        ecs.run_task(
            cluster="moves", taskDefinition="moves", launchType="FARGATE", networkConfiguration=made
        )["tasks"][0]["taskArn"]
        for _ in range(2)
    ]
    addresses = set()
    for _ in range(3):
        for task in ecs.describe_tasks(cluster="moves", tasks=arns)["tasks"]:
            assert task["lastStatus"] == "PROVISIONING"
            assert "exitCode" not in task["containers"][0]
            details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
            addresses.add(details["privateIPv4Address"])
    assert len(addresses) == 2
    assert all(address.startswith("10.8.1.") for address in addresses)
    ecs.stop_task(cluster="moves", task=arns[0])
    assert (
        ecs.describe_tasks(cluster="moves", tasks=arns[:1])["tasks"][0]["desiredStatus"]
        == "STOPPED"
    )
    with pytest.raises(ecs.exceptions.ClientError, match="ClusterContainsTasksException"):
        ecs.delete_cluster(cluster="moves")


def test_a_service_keeps_its_fields_and_starts_deployments(emulator: EmulatorProcess):
    """What was given is read back; a new revision is a new primary deployment."""
    ecs, made = emulator.client("ecs"), network(emulator, "fields")
    made.pop("vpc")
    ecs.create_cluster(clusterName="fields")
    family(emulator, "fields")
    ecs.create_service(
        cluster="fields",
        serviceName="s",
        taskDefinition="fields",
        desiredCount=1,
        capacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1}],
        networkConfiguration=made,
        healthCheckGracePeriodSeconds=7,
        deploymentConfiguration={
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
    )
    family(emulator, "fields")
    ecs.update_service(cluster="fields", service="s", taskDefinition="fields:2")
    (found,) = ecs.describe_services(cluster="fields", services=["s"])["services"]
    assert found["healthCheckGracePeriodSeconds"] == 7
    assert found["deploymentConfiguration"]["deploymentCircuitBreaker"]["rollback"]
    assert found["capacityProviderStrategy"][0]["capacityProvider"] == "FARGATE"
    assert [(d["status"], int(d["taskDefinition"][-1])) for d in found["deployments"]] == [
        ("PRIMARY", 2),
        ("ACTIVE", 1),
    ]
    assert found["runningCount"] == 0


def test_a_target_group_without_a_load_balancer_is_refused(emulator: EmulatorProcess):
    """CreateService refuses a target group that no listener uses, in AWS's words."""
    made = network(emulator, "unused")
    group = emulator.client("elbv2").create_target_group(
        Name="unused", Protocol="HTTP", Port=80, VpcId=made.pop("vpc"), TargetType="ip"
    )
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    ecs = emulator.client("ecs")
    ecs.create_cluster(clusterName="unused")
    family(emulator, "unused")
    with pytest.raises(ClientError, match="does not have an associated load balancer"):
        ecs.create_service(
            cluster="unused",
            serviceName="s",
            taskDefinition="unused",
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration=made,
            loadBalancers=[{"targetGroupArn": arn, "containerName": "c", "containerPort": 80}],
        )


def test_registering_a_scalable_target_moves_the_count(emulator: EmulatorProcess):
    """Registering a range moves the desired count into it, and its tags are kept."""
    ecs, made = emulator.client("ecs"), network(emulator, "range")
    made.pop("vpc")
    ecs.create_cluster(clusterName="range")
    family(emulator, "range")
    ecs.create_service(
        cluster="range",
        serviceName="s",
        taskDefinition="range",
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=made,
    )
    scaling = emulator.client("application-autoscaling")
    arn = scaling.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/range/s",
        MinCapacity=3,
        MaxCapacity=5,
        ScalableDimension="ecs:service:DesiredCount",
        Tags={"a": "b"},
    )["ScalableTargetARN"]
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "b"}
    (found,) = ecs.describe_services(cluster="range", services=["s"])["services"]
    assert found["desiredCount"] == 3


def test_each_database_has_its_own_resource_id(emulator: EmulatorProcess):
    """Two databases have two resource ids."""
    rds = emulator.client("rds")
    ids = {
        rds.create_db_instance(
            DBInstanceIdentifier=f"own-{n}",
            Engine="postgres",
            DBInstanceClass="db.t4g.micro",
            MasterUsername="u",
            MasterUserPassword="password1",
            AllocatedStorage=20,
        )["DBInstance"]["DbiResourceId"]
        for n in range(2)
    }
    assert len(ids) == 2


def test_a_registered_target_is_initial_before_its_first_check(emulator: EmulatorProcess):
    """A registered target is not healthy before anything asked it."""
    made = network(emulator, "health")
    balancing = emulator.client("elbv2")
    arn = balancing.create_target_group(
        Name="health", Protocol="HTTP", Port=80, VpcId=made["vpc"], TargetType="ip"
    )
    arn = arn["TargetGroups"][0]["TargetGroupArn"]
    balancing.register_targets(TargetGroupArn=arn, Targets=[{"Id": "10.8.1.9", "Port": 80}])
    rows = balancing.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert rows[0]["TargetHealth"]["State"] == "initial"


def test_automated_backups_of_a_renamed_database_end_with_it(emulator: EmulatorProcess):
    """They belong to the instance: nothing of them is left under its first name."""
    rds = emulator.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="first-name",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="someone",
        MasterUserPassword="long-enough-for-aws",
    )
    rds.modify_db_instance(
        DBInstanceIdentifier="first-name",
        NewDBInstanceIdentifier="second-name",
        ApplyImmediately=True,
    )
    rds.delete_db_instance(DBInstanceIdentifier="second-name", SkipFinalSnapshot=True)
    backups = rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    names = {row["DBInstanceIdentifier"] for row in backups}
    assert not names & {"first-name", "second-name"}


def test_a_percentile_is_between_the_values(emulator: EmulatorProcess):
    """p90 of 0 to 19 is 18."""
    watch, now = emulator.client("cloudwatch"), datetime.now(UTC)
    watch.put_metric_data(
        Namespace="Mine",
        MetricData=[{"MetricName": "m", "Value": v, "Timestamp": now} for v in range(20)],
    )
    stat = {"Metric": {"Namespace": "Mine", "MetricName": "m"}, "Period": 3600, "Stat": "p90"}
    found = watch.get_metric_data(
        MetricDataQueries=[{"Id": "a", "MetricStat": stat}],
        StartTime=now - timedelta(minutes=30),
        EndTime=now + timedelta(minutes=20),
    )
    assert found["MetricDataResults"][0]["Values"] == [18.0]
