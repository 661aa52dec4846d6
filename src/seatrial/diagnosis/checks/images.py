"""Images and their registry."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.diagnosis.check import (
    COMMAND,
    ENDED,
    EVERYWHERE,
    TASK,
    Check,
    Evidence,
    either,
    said,
    verified,
)
from seatrial.diagnosis.facts import Facts

REGISTRY = ("ecr.api", "ecr.dkr", "s3")  # the endpoints that a pull needs (ECR user guide)


def _no_route(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        network = service.network
        missing = [name for name in REGISTRY if name not in network.endpoints]
        if network.cut_off and missing:
            subnet = network.cut_off[0]
            to = network.routes[subnet] or "nothing"
            text = f"ec2.describe_route_tables: the default route of {subnet} leads to {to}"
            how = ", and assignPublicIp is DISABLED" if to.startswith("igw-") else ""
            lacking = f"; no VPC endpoint for {', '.join(missing)}"
            yield Evidence(text + how + lacking, service.name, "", "error")
        if not network.lets_out:
            text = "ec2.describe_security_groups: no rule lets TCP 443 out"
            yield Evidence(text, service.name, "", "error")


def _changing_tag(facts: Facts) -> Iterator[Evidence]:
    for service in facts.services:
        if not service.image or "@sha256:" in service.image:
            continue
        running = {t.digest for t in facts.tasks if t.service == service.name and t.digest}
        if len(running) > 1:
            text = f"ecs.describe_tasks: imageDigest differs between tasks of {service.image}"
            yield Evidence(text, service.name)


CHECKS = (
    Check(
        id="D01",
        title="the image's tag does not exist",
        cause="The task definition names an image that is not in the registry: never pushed, "
        "deleted, expired by a lifecycle policy, or in another region or account.",
        fix="The image is not in its registry: was it deleted? `seatrial verify` looks; a deploy "
        "builds and pushes it again.",
        command="seatrial verify{at}",
        look=either(
            said(
                r"CannotPullContainerError.*(not found|manifest unknown)",
                r"image manifest has been retried \d+ time",
                r"ImageNotFound(Exception)?\b|manifest unknown",
                of=TASK,
            ),
            verified("verify-image", words="does not exist"),
        ),
    ),
    Check(
        id="D02",
        title="the repository does not exist",
        cause="The image's address has another name, region or account than a repository of ECR.",
        fix="Compare region and account in the address with those of the credentials; a deploy "
        "creates the app's repositories.",
        command="aws ecr describe-repositories",
        look=said(
            r"RepositoryNotFoundException",
            r"repository with name '[^']*' does not exist in the registry",
        ),
    ),
    Check(
        id="D03",
        title="no network path to ECR",
        cause="The task's subnet has neither a NAT gateway, nor a public address with an internet "
        "gateway, nor VPC endpoints; or a security group does not let TCP 443 out.",
        fix="Take one of the three that work: `network: {{outbound: nat}}`, `public` or "
        "`endpoints`. A deploy puts back routes and rules that were changed by hand.",
        command="{deploy}",
        look=either(
            said(
                r"(?s)unable to pull secrets or registry auth.*(\becr\b|auth from Amazon ECR)"
                r".*(exceeded maximum number|i/o timeout|connection issue|deadline exceeded)",
                r"connection issue between the task and Amazon ECR",
                r"CannotPullContainerError.*(i/o timeout|request canceled while waiting)",
                r"dial tcp [\d.]+:443: i/o timeout",
                r"request canceled while waiting for connection",
                of=TASK,
            ),
            _no_route,
        ),
    ),
    Check(
        id="D04",
        title="the execution role may not pull the image",
        cause="The task execution role lacks ecr:GetAuthorizationToken, ecr:BatchGetImage or "
        "ecr:GetDownloadUrlForLayer, or a policy of the repository or key denies them.",
        fix="The execution role lacks a permission: a deploy restores what was changed by hand.",
        command="{deploy}",
        look=said(
            r"task can.?t pull the image.*[Cc]heck that the role has the permissions",
            r"(AccessDenied|not authorized to perform).*ecr:(GetAuthorizationToken|BatchGetImage|"
            r"GetDownloadUrlForLayer|BatchCheckLayerAvailability)",
            of=TASK,
        ),
    ),
    Check(
        id="D05",
        title="the image is for another CPU architecture",
        cause="The image was built for another architecture than runtimePlatform.cpuArchitecture.",
        fix="The image is for another CPU: build it for services.{service}.platform.",
        command="{deploy}",
        look=either(
            said(
                r"exec format error|exec user process caused: .*format error",
                r"does not contain descriptor matching platform",
                of=EVERYWHERE,
            ),
            verified("verify-image", words="is not for"),
        ),
    ),
    Check(
        id="D06",
        title="Docker Hub limits pulls",
        cause="An image comes from Docker Hub without an account; everybody behind one NAT gateway "
        "shares its limit.",
        fix="Use a base image of public.ecr.aws, or a pull-through cache of ECR.",
        command="{deploy}",
        look=said(r"toomanyrequests", r"reached your (unauthenticated )?pull rate limit"),
    ),
    Check(
        id="D08",
        title="an immutable tag was pushed again",
        cause="The repository's tags are IMMUTABLE, and the tag names another image already.",
        fix="Give each image a tag of its own, or name it by digest, as a deploy does.",
        command="{deploy}",
        look=said(
            r"ImageTagAlreadyExistsException",
            r"tag invalid: .*already exists.*repository is immutable",
            r"image tag '[^']+' already exists in the '[^']+' repository",
        ),
    ),
    Check(
        id="D09",
        title="tasks of one revision run different images",
        cause="The task definition names a mutable tag: a new task takes what the tag means now, "
        "and so does a rollback.",
        fix="Name the image by its digest (`@sha256:...`) in services.{service}.image.",
        command="{deploy}",
        look=either(_changing_tag, said(r"mutable tag .*(latest|digest differs)", of=COMMAND)),
    ),
    Check(
        id="D121",
        title="the build's packages contradict each other",
        cause="The requirements allow no set of versions, or none for this version of Python.",
        fix="Lock the versions (`uv lock`), and use a Python that the packages support.",
        command="{deploy}",
        look=said(
            r"ResolutionImpossible|conflicting dependencies|No matching distribution found",
            r"No solution found when resolving dependencies|ERESOLVE unable to resolve",
            of=ENDED,
        ),
    ),
)
