"""Where moto and AWS differ and the difference decides a result: one small file each.

Each says AWS's documented behaviour with its source, moto's, and names the test that fails
without it. They reach into moto's internals, so moto is pinned, and each patch is guarded (see
``patch``): one whose target is gone stops the emulator with one clear error.
"""

from __future__ import annotations

from seatrial_emulator.api import service_data  # noqa: F401  (before anything imports moto)
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
    log_prefixes,
    managed_policies,
    not_implemented,
    objects,
    patch,
    percentiles,
    prefix_list,
    queues,
    quotas,
    rds,
    secrets,
    security_groups,
    service_deployments,
    services,
    simulation,
    streaming,
    targets,
    tasks,
    unsigned_operations,
)

MODULES = (
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
    log_prefixes,
    managed_policies,
    objects,
    percentiles,
    prefix_list,
    queues,
    quotas,
    rds,
    secrets,
    security_groups,
    services,
    simulation,
    streaming,
    targets,
    tasks,
    unsigned_operations,
)


def apply() -> None:
    """Patch moto in this process, once; raises PatchError where a patch does not fit it."""
    if not patch.PATCHES:
        for module in MODULES:
            module.apply()
    patch.require_fit()
