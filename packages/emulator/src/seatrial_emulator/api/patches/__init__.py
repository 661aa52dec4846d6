"""Where moto and AWS differ and the difference decides a result: one small file each.

Each says AWS's documented behaviour with its source, moto's, and names the test that fails
without it. They reach into moto's internals, so moto is pinned.
"""

from __future__ import annotations

from seatrial_emulator.api.patches import (
    access,
    arns,
    autoscaling,
    bucket_policy,
    budgets,
    cloudfront,
    elasticache,
    flow_logs,
    images,
    log_bounds,
    managed_policies,
    not_implemented,
    objects,
    prefix_list,
    queues,
    quotas,
    rds,
    secrets,
    security_groups,
    service_deployments,
    services,
    streaming,
    targets,
    tasks,
    unsigned_operations,
)

MENDINGS = (
    not_implemented,
    access,
    arns,
    autoscaling,
    bucket_policy,
    budgets,
    cloudfront,
    elasticache,
    flow_logs,
    service_deployments,
    images,
    log_bounds,
    managed_policies,
    objects,
    prefix_list,
    queues,
    quotas,
    rds,
    secrets,
    security_groups,
    services,
    streaming,
    targets,
    tasks,
    unsigned_operations,
)


def apply() -> None:
    """Mend moto in this process."""
    for mending in MENDINGS:
        mending.apply()
