"""Metrics, alarms and autoscaling of a rehearsal, asked through AWS's API while requests flow."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from helpers import EXAMPLES, Rehearsal, eventually, get
from seatrial.appfile import load
from seatrial.model.alarms import Alarms
from seatrial.resources.catalog import graph

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
RESOURCE = "service/hello-dev/web"
SCALE = {
    "ServiceNamespace": "ecs",
    "ResourceId": RESOURCE,
    "ScalableDimension": "ecs:service:DesiredCount",
}


@pytest.fixture
def busy(hello: Rehearsal) -> Iterator[None]:
    """Ask the app without a pause from one thread."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(0.005):
            get(hello.address)

    thread = threading.Thread(target=ask)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.G11
def test_load_raises_an_alarm_and_scales_out(hello: Rehearsal, busy: None):
    """Requests and CPU become metrics, an alarm turns, and a task more really runs; without the
    range the count goes back."""
    cloudwatch, scaler = hello.client("cloudwatch"), hello.client("application-autoscaling")
    ecs = hello.client("ecs")
    group = hello.client("elbv2").describe_target_groups()["TargetGroups"][0]
    dimensions = [
        {"Name": "TargetGroup", "Value": group["TargetGroupArn"].rsplit(":", 1)[-1]},
        {
            "Name": "LoadBalancer",
            "Value": group["LoadBalancerArns"][0].split(":loadbalancer/")[-1],
        },
    ]
    cloudwatch.put_metric_alarm(
        AlarmName="busy", Namespace="AWS/ApplicationELB", MetricName="RequestCount",
        Dimensions=dimensions, Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=10,
        ComparisonOperator="GreaterThanThreshold", TreatMissingData="notBreaching",
    )  # fmt: skip
    scaler.register_scalable_target(**SCALE, MinCapacity=1, MaxCapacity=2)
    tracking = {
        "TargetValue": 5.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
        },
        "ScaleOutCooldown": 60,
        "ScaleInCooldown": 300,
    }
    scaler.put_scaling_policy(
        **SCALE, PolicyName="cpu", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )  # fmt: skip

    def state() -> str:
        return str(cloudwatch.describe_alarms(AlarmNames=["busy"])["MetricAlarms"][0]["StateValue"])

    def running() -> int:
        row = ecs.describe_services(cluster="hello-dev", services=["web"])["services"][0]
        return int(row["runningCount"])

    try:
        eventually(state, lambda seen: seen == "ALARM", 40)
        eventually(running, lambda seen: seen == 2, 90)
    finally:
        scaler.delete_scaling_policy(**SCALE, PolicyName="cpu")
        scaler.register_scalable_target(**SCALE, MinCapacity=1, MaxCapacity=1)
        cloudwatch.delete_alarms(AlarmNames=["busy"])
    eventually(running, lambda seen: seen == 1, 40)


def alarms_of_hello(hello: Rehearsal, **dimensions: str) -> list[str]:
    """Put the alarms that an app file with `alarms` has on a service that may be gone."""
    cloudwatch, names = hello.client("cloudwatch"), []
    file = load.read(EXAMPLES / "hello" / "seatrial.yml")
    for environment in ("dev", "production"):
        app = load.app_for(file, environment)
        app = app.model_copy(update={"alarms": Alarms(email=("ops@example.com",))})
        for row in graph(app).resources:
            body = row.body
            wanted = row.name in ("web_running", "web_healthy", "edge_errors")
            if row.type != "aws_cloudwatch_metric_alarm" or not wanted:
                continue
            names.append(f"{environment}-{row.name}")
            found = {k: v for k, v in dimensions.items() if k in body["dimensions"]}
            cloudwatch.put_metric_alarm(
                AlarmName=names[-1], Namespace=body["namespace"], MetricName=body["metric_name"],
                Dimensions=[{"Name": k, "Value": v} for k, v in found.items()],
                Statistic=body["statistic"], Period=body["period"],
                EvaluationPeriods=body["evaluation_periods"],
                DatapointsToAlarm=body["datapoints_to_alarm"], Threshold=body["threshold"],
                ComparisonOperator=body["comparison_operator"],
                TreatMissingData=body["treat_missing_data"],
            )  # fmt: skip
    return names


@pytest.mark.G40
def test_a_service_that_is_gone_alarms(hello: Rehearsal):
    """Without tasks its alarms turn, by silence and by the balancer's own errors; with tasks again
    they are well.
    """
    group = hello.client("elbv2").describe_target_groups()["TargetGroups"][0]
    names = alarms_of_hello(
        hello,
        ClusterName="hello-dev",
        ServiceName="web",
        TargetGroup=group["TargetGroupArn"].rsplit(":", 1)[-1],
        LoadBalancer=group["LoadBalancerArns"][0].split(":loadbalancer/")[-1],
    )
    assert len(names) == 6

    def states() -> set[str]:
        rows = hello.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
        return {str(row["StateValue"]) for row in rows}

    def states_under_requests() -> set[str]:
        for _ in range(12):
            get(hello.address)
        return states()

    ecs = hello.client("ecs")
    eventually(states, lambda seen: seen == {"OK"}, 90)
    ecs.update_service(cluster="hello-dev", service="web", desiredCount=0)
    try:
        eventually(states_under_requests, lambda seen: seen == {"ALARM"}, 90)
    finally:
        ecs.update_service(cluster="hello-dev", service="web", desiredCount=1)
    eventually(states, lambda seen: seen == {"OK"}, 120)
    hello.client("cloudwatch").delete_alarms(AlarmNames=names)
