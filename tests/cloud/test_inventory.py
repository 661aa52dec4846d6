"""What an account still holds: every kind is found; what may not be listed is reported."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from canned import answers, refused
from helpers import EXAMPLES, ROOT, EmulatorProcess, started_emulator
from seatrial.cloud import inventory
from seatrial.cloud.inventory import KIND_OF_TYPE, KINDS, UNLISTED, Thing
from seatrial.cloud.session import Session
from seatrial.target import Target

APP, ENVIRONMENT, NAME = "strays", "live", "strays-live-x-use1"
TAGS = {"seatrial:app": APP, "seatrial:environment": ENVIRONMENT}
LISTED = [{"Key": key, "Value": value} for key, value in TAGS.items()]
LOWER = [{"key": key, "value": value} for key, value in TAGS.items()]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    """Return an account with one stray of every kind, put there by hand."""
    with started_emulator(tmp_path_factory.mktemp("account")) as made:
        for fill in (network, edge, data, tasks, watching):
            fill(made)
        yield made


@pytest.fixture
def session(account: EmulatorProcess) -> Session:
    """Return a session of the account."""
    keys = (account.access_key, account.secret_key)
    place = (Path("nowhere"), account.endpoint, *keys)
    return Session(Target(ENVIRONMENT, "123456789012", "us-east-1", *place), 1)


def network(account: EmulatorProcess) -> None:
    """Put a network with all of its parts."""
    ec2, elb = account.client("ec2"), account.client("elbv2")

    def tagged(kind: str) -> dict[str, Any]:
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": LISTED}]}

    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", **tagged("vpc"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", **tagged("subnet"))
    first = subnet["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc", **tagged("elastic-ip"))["AllocationId"]
    ec2.create_nat_gateway(SubnetId=first, AllocationId=address, **tagged("natgateway"))
    ec2.create_internet_gateway(**tagged("internet-gateway"))
    ec2.create_route_table(VpcId=vpc, **tagged("route-table"))
    ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", **tagged("vpc-endpoint")
    )
    ec2.create_security_group(VpcId=vpc, GroupName="x", Description="x", **tagged("security-group"))
    ec2.create_network_interface(SubnetId=first)  # as CloudFront's VPC origin makes: without tags
    account.client("s3").create_bucket(Bucket="flows-of-strays")
    ec2.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL",
        LogDestinationType="s3", LogDestination="arn:aws:s3:::flows-of-strays",
        **tagged("vpc-flow-log"),
    )  # fmt: skip
    other = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1b")
    subnets = [first, other["Subnet"]["SubnetId"]]
    elb.create_load_balancer(Name="x", Subnets=subnets, Tags=LISTED)
    elb.create_target_group(Name="x", Protocol="HTTP", Port=80, VpcId=vpc, Tags=LISTED)
    account.client("rds").create_db_subnet_group(
        DBSubnetGroupName=NAME, DBSubnetGroupDescription="x", SubnetIds=subnets, Tags=LISTED
    )
    account.client("elasticache").create_cache_subnet_group(
        CacheSubnetGroupName=NAME, CacheSubnetGroupDescription="x", SubnetIds=subnets, Tags=LISTED
    )


def edge(account: EmulatorProcess) -> None:
    """Put what stands before an app."""
    cdn = account.client("cloudfront")
    cdn.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": NAME, "SigningProtocol": "sigv4", "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )  # fmt: skip
    cdn.create_distribution_with_tags(
        DistributionConfigWithTags={
            "DistributionConfig": {
                "CallerReference": "x", "Comment": "x", "Enabled": True,
                "Origins": {
                    "Quantity": 1,
                    "Items": [{
                        "Id": "o", "DomainName": "example.com",
                        "CustomOriginConfig": {
                            "HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only",
                        },
                    }],
                },
                "DefaultCacheBehavior": {
                    "TargetOriginId": "o", "ViewerProtocolPolicy": "redirect-to-https",
                    "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
                },
            },
            "Tags": {"Items": LISTED},
        }
    )  # fmt: skip
    cdn.create_function(
        Name=NAME, FunctionCode=b"x",
        FunctionConfig={"Comment": "x", "Runtime": "cloudfront-js-2.0"},
    )  # fmt: skip
    cdn.create_response_headers_policy(ResponseHeadersPolicyConfig={"Name": NAME})
    balancer = account.client("elbv2").describe_load_balancers()["LoadBalancers"][0]
    cdn.create_vpc_origin(
        VpcOriginEndpointConfig={
            "Name": NAME, "Arn": balancer["LoadBalancerArn"], "HTTPPort": 80, "HTTPSPort": 443,
            "OriginProtocolPolicy": "http-only",
        }
    )  # fmt: skip
    account.client("acm").request_certificate(DomainName="example.com", Tags=LISTED)
    dns = account.client("route53")
    zone = dns.create_hosted_zone(Name="example.com", CallerReference="x")["HostedZone"]["Id"]
    check = dns.create_health_check(
        CallerReference="y",
        HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "example.com"},
    )["HealthCheck"]["Id"]
    for kind, identity in (("hostedzone", zone.rpartition("/")[2]), ("healthcheck", check)):
        dns.change_tags_for_resource(ResourceType=kind, ResourceId=identity, AddTags=LISTED)
    account.client("wafv2").create_web_acl(
        Name=NAME, Scope="REGIONAL", DefaultAction={"Allow": {}}, Tags=LISTED,
        VisibilityConfig={
            "SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "x",
        },
    )  # fmt: skip
    account.client("cognito-idp").create_user_pool(PoolName="x", UserPoolTags=TAGS)


def data(account: EmulatorProcess) -> None:
    """Put what holds data."""
    rds, s3 = account.client("rds"), account.client("s3")
    for name in (NAME, f"{NAME}-old"):
        rds.create_db_instance(
            DBInstanceIdentifier=name, DBInstanceClass="db.t4g.micro", Engine="postgres",
            AllocatedStorage=20, MasterUsername="app_owner", MasterUserPassword="of-a-test-only",
            BackupRetentionPeriod=7, Tags=LISTED,
        )  # fmt: skip
    rds.create_db_snapshot(DBInstanceIdentifier=NAME, DBSnapshotIdentifier="last", Tags=LISTED)
    rds.create_db_parameter_group(
        DBParameterGroupName=NAME, DBParameterGroupFamily="postgres17", Description="x", Tags=LISTED
    )
    account.client("elasticache").create_replication_group(
        ReplicationGroupId="x", ReplicationGroupDescription="x", Engine="valkey",
        CacheNodeType="cache.t4g.micro", Tags=LISTED,
    )  # fmt: skip
    s3.create_bucket(Bucket="any-name-at-all")
    s3.put_bucket_tagging(Bucket="any-name-at-all", Tagging={"TagSet": LISTED})
    account.client("secretsmanager").create_secret(Name="x", SecretString="x", Tags=LISTED)
    account.client("sqs").create_queue(QueueName="x", tags=TAGS)
    account.client("sns").create_topic(Name="x", Tags=LISTED)
    account.client("dynamodb").create_table(
        TableName=NAME, BillingMode="PAY_PER_REQUEST", Tags=LISTED,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )  # fmt: skip


def tasks(account: EmulatorProcess) -> None:
    """Put what runs tasks."""
    ecs = account.client("ecs")
    ecs.create_cluster(clusterName="x", tags=LOWER)
    ecs.register_task_definition(
        family="strays-live-web", containerDefinitions=[{"name": "a", "image": "a", "memory": 128}]
    )
    ecs.create_cluster(clusterName="strays-live")
    ecs.create_service(
        cluster="strays-live", serviceName="web", taskDefinition="strays-live-web", desiredCount=0
    )
    account.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs", ResourceId="service/strays-live/web", MinCapacity=1, MaxCapacity=2,
        ScalableDimension="ecs:service:DesiredCount",
    )  # fmt: skip
    account.client("ecr").create_repository(repositoryName="strays", tags=LISTED)
    trust = '{"Version": "2012-10-17", "Statement": []}'
    account.client("iam").create_role(RoleName=NAME, AssumeRolePolicyDocument=trust)
    account.client("bedrock").create_guardrail(
        name="x", blockedInputMessaging="x", blockedOutputsMessaging="x", tags=LOWER,
        wordPolicyConfig={"wordsConfig": [{"text": "x"}]},
    )  # fmt: skip
    _knowledge_base(account)
    scheduler = account.client("scheduler")
    scheduler.create_schedule_group(Name="x", Tags=LISTED)
    scheduler.create_schedule(
        Name="strays-live-nightly", ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:sqs:us-east-1:1:x", "RoleArn": "arn:aws:iam::123456789012:role/x"},
    )  # fmt: skip


def _knowledge_base(account: EmulatorProcess) -> None:
    take = {"Effect": "Allow", "Principal": {"Service": "bedrock.amazonaws.com"}}
    trust = {"Version": "2012-10-17", "Statement": [take | {"Action": "sts:AssumeRole"}]}
    read = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}
    iam = account.client("iam")
    role = iam.create_role(RoleName="reads", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [read]})
    iam.put_role_policy(RoleName="reads", PolicyName="x", PolicyDocument=policy)
    account.client("bedrock-agent").create_agent(agentName="strays-live-x")
    key = account.client("secretsmanager").create_secret(Name="k", SecretString='{"apiKey": "k"}')
    model = "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"
    account.client("bedrock-agent").create_knowledge_base(
        name="strays-live-x", roleArn=role["Arn"],
        knowledgeBaseConfiguration={
            "type": "VECTOR", "vectorKnowledgeBaseConfiguration": {"embeddingModelArn": model},
        },
        storageConfiguration={"type": "PINECONE", "pineconeConfiguration": {
            "connectionString": "https://x", "credentialsSecretArn": key["ARN"],
            "fieldMapping": {"textField": "a", "metadataField": "b"},
        }},
    )  # fmt: skip


def watching(account: EmulatorProcess) -> None:
    """Put what watches, and groups that AWS itself makes without tags."""
    watch, logs = account.client("cloudwatch"), account.client("logs")
    watch.put_metric_alarm(
        AlarmName="x", MetricName="x", Namespace="x", Period=60, EvaluationPeriods=1,
        Threshold=1, Statistic="Sum", ComparisonOperator="GreaterThanThreshold", Tags=LISTED,
    )  # fmt: skip
    watch.put_dashboard(DashboardName=NAME, DashboardBody='{"widgets": []}')
    logs.create_log_group(logGroupName="by-tag", tags=TAGS)
    for name in AWS_GROUPS:
        logs.create_log_group(logGroupName=name)
    account.client("budgets").create_budget(
        AccountId="123456789012",
        Budget={
            "BudgetName": NAME, "BudgetType": "COST", "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "1", "Unit": "USD"},
        },
    )  # fmt: skip


AWS_GROUPS = (
    "/aws/ecs/containerinsights/strays-live/performance",
    "/aws/rds/instance/strays-live-db/postgresql",
)


def retained(session: Session) -> None:
    """Let RDS answer with a backup that outlived its instance: the emulator has none."""
    row = {"DBInstanceIdentifier": "strays-live-db", "Status": "retained"}
    answers(
        session, "rds", DescribeDBInstanceAutomatedBackups={"DBInstanceAutomatedBackups": [row]}
    )


def test_every_kind_of_stray_is_found(session: Session):
    """One of each, made by hand, whose state nobody has; and what AWS made beside them."""
    retained(session)
    found = inventory.look(session, APP, ENVIRONMENT)
    assert found.unseen == ()
    assert {*KINDS, "network interface"} - {thing.kind for thing in found.things} == set()
    groups = {thing.name for thing in found.things if thing.kind == "log group"}
    assert groups == {"by-tag", *AWS_GROUPS}
    assert inventory.retained(session, APP, ENVIRONMENT) == ("database snapshot last",)


def test_other_environments_things_are_not_found(session: Session):
    """Neither by tags nor by names that begin alike."""
    for app, environment in (("strays", "production"), ("stray", "live"), ("other", "live")):
        assert inventory.look(session, app, environment).things == ()


def test_every_generated_type_belongs_to_a_kind():
    """A new type fails here until the inventory can find what a lost state leaves of it."""
    text = "".join(path.read_text() for path in EXAMPLES.glob("*/golden/*/*/main.tf.json"))
    made = set(re.findall(r'^    "(aws_\w+)": \{', text, re.MULTILINE))
    sources = (ROOT / "src" / "seatrial" / "resources").glob("*.py")
    made |= set(re.findall(r'"(aws_[a-z0-9_]+)"', "".join(path.read_text() for path in sources)))
    data = {"aws_caller_identity", "aws_availability_zones", "aws_ec2_managed_prefix_list"}
    data |= {"aws_route53_zones", "aws_region", "aws_secretsmanager_random_password"}
    data |= {"aws_bedrock_foundation_model", "aws_bedrock_inference_profile"}
    assert made - KIND_OF_TYPE.keys() - UNLISTED.keys() - data == set()
    assert set(KIND_OF_TYPE.values()) - set(KINDS) == set()


@pytest.mark.parametrize("word", ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"])
def test_refused_call_is_could_not_look(session: Session, word: str):
    """The kind is reported with AWS's words, and the others are listed all the same."""
    retained(session)
    answers(session, "elasticache", DescribeReplicationGroups=refused(word, "not for you"))
    found = inventory.look(session, APP, ENVIRONMENT)
    assert found.unseen == ("cache: not for you",)
    assert Thing("secret", "x") in found.things


def test_refused_service_is_asked_by_tag(session: Session):
    """The Tagging API tells what the service does not; each names it in its own way."""
    answers(session, "sns", ListTopics=refused("AuthorizationError"))
    found = inventory.look(session, APP, ENVIRONMENT)
    assert [thing.name.rpartition(":")[2] for thing in found.things if thing.kind == "topic"] == [
        "x"
    ]
    assert found.unseen == ("topic: refused",)


def test_every_page_is_read(session: Session):
    """A marker in an answer leads to the next page, also where boto3 has no paginator."""
    pages = iter([("a", "more"), (NAME, "")])

    def answer(_: Any) -> dict[str, Any]:
        name, marker = next(pages)
        row = {"Name": name}
        return {"FunctionList": {"Items": [row], **({"NextMarker": marker} if marker else {})}}

    answers(session, "cloudfront", ListFunctions=answer)
    found = inventory.find(session, APP, ENVIRONMENT)
    assert Thing("CloudFront function", NAME) in found
