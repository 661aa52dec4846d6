"""Metrics, alarms and autoscaling of a rehearsal, asked through AWS's API while requests flow."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from helpers import Rehearsal, eventually, get

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
RESOURCE = "service/hello-dev/web"
SCALE = {
    "ServiceNamespace": "ecs",
    "ResourceId": RESOURCE,
    "ScalableDimension": "ecs:service:DesiredCount",
}


@pytest.fixture
def load(hello: Rehearsal) -> Iterator[None]:
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


def test_load_raises_an_alarm_and_scales_out(hello: Rehearsal, load: None):
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
