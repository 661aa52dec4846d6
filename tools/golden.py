"""Rewrite each example's Terraform and long form, for every environment; the diff is the review."""

from __future__ import annotations

import json
from pathlib import Path

import click

from seatrial.appfile import load
from seatrial.cli import pictures
from seatrial.cli.commands import cost
from seatrial.cli.commands.plan import text as rendered
from seatrial.cost.case import Traffic
from seatrial.ops.ci import role, workflow
from seatrial.ops.ci.checks import Check
from seatrial.ops.cost import cost as cost_of
from seatrial.ops.cost import estimate
from seatrial.ops.plan import Planned, PlanReport
from seatrial.resources import risks
from seatrial.resources.catalog import graph
from seatrial.resources.graph import Graph
from seatrial.resources.picture import picture
from seatrial.terraform import document, guide

EXAMPLES = Path(__file__).parents[1] / "examples"
PIPELINES = Path(__file__).parents[1] / "tests" / "golden" / "pipelines"
ACCOUNT = "123456789012"

# Attributes whose change replaces something that holds data or an address (provider 5.100's
# schema, ForceNew). golden/stateful.json records their values: a diff there is a data loss.
STATEFUL = {
    "aws_db_instance": ("identifier", "engine", "username", "db_name", "storage_encrypted",
                        "db_subnet_group_name", "availability_zone", "kms_key_id"),
    "aws_s3_bucket": ("bucket",),
    "aws_lb": ("name", "internal", "load_balancer_type"),
    "aws_secretsmanager_secret": ("name",),
    "aws_ecr_repository": ("name", "image_tag_mutability"),
    "aws_cloudwatch_log_group": ("name",),
    "aws_db_subnet_group": ("name",),
    "aws_vpc": ("cidr_block",),
    "aws_subnet": ("cidr_block", "availability_zone"),
    "aws_ecs_cluster": ("name",),
}  # fmt: skip


def files(example: Path) -> dict[str, str]:
    """Return every golden file of an example by its path below ``golden/``."""
    file = load.read(example / "seatrial.yml")
    found: dict[str, str] = {}
    for environment in file.environments:
        app = load.app_for(file, environment)
        made = graph(app)
        for root, body in document.documents(made).items():
            for name, text in document.files(body).items():
                found[f"{environment}/{root}/{name}"] = text
        found[f"{environment}/README.md"] = guide.text(app.app, environment, app.region)
        found[f"{environment}/stateful.json"] = stateful(made)
        found[f"{environment}/diagram.svg"] = pictures.diagram(picture(app))
        found[f"{environment}/plan.txt"] = plan(file, environment)
        where = f"{app.app} ({environment}), {app.region}"
        found[f"{environment}/cost.txt"] = (
            click.unstyle(cost.text(cost_of(app, Traffic()), where)) + "\n"
        )
        found[f"{environment}/long-form.json"] = (
            json.dumps(load.long_form(file, environment), indent=2) + "\n"
        )
    return found


def plan(file: load.AppFile, environment: str) -> str:
    """Return the plan of a first deploy, as ``seatrial plan`` prints it."""
    made = graph(
        load.app_for(file, environment), lambda noun: load.line_of(file, tuple(noun.split(".")))
    )
    changes = tuple(
        Planned(r.noun, r.line, ".".join(r.address), "create", (), ())
        for r in sorted(made.resources, key=lambda r: (r.noun, r.address))
        if not r.data
    )
    app = load.app_for(file, environment)
    seen = risks.risks(made, production=app.profile == "production")
    report = PlanReport(changes, 0.0, estimate(app).monthly, seen)
    return click.unstyle(rendered(report)) + "\n"


def stateful(made: Graph) -> str:
    """Return the attributes whose change would replace data or an address."""
    rows = {
        ".".join(r.address): {k: str(r.body[k]) for k in STATEFUL[r.type] if k in r.body}
        for r in made.resources
        if r.type in STATEFUL
    }
    return json.dumps(rows, indent=2, sort_keys=True) + "\n"


def examples() -> list[Path]:
    """Return the folders of all examples."""
    return sorted(path.parent for path in EXAMPLES.glob("*/seatrial.yml"))


def pipelines() -> dict[str, str]:
    """Return what `seatrial ci` writes for an app in a repository's folder, by its file's name."""
    app = load.app_for(load.read(EXAMPLES / "hello" / "seatrial.yml"), "production")
    checks = (
        Check(".", "ruff", ("pipx run ruff check .",)),
        Check("web app", "npm lint and test", ("npm ci", "npm run lint", "npm run test")),
    )
    pipeline = workflow.Pipeline(
        app=app.app,
        environment=app.environment,
        region=app.region,
        account=ACCOUNT,
        folder="apps/hello",
        file="",
        branch="main",
        version="0.1.0",
        checks=checks,
    )
    hub = role.Repository(path="acme/hello", branch="main", issuer=role.GITHUB, ids="123/456")
    lab = role.Repository(path="acme/web/hello", branch="main", issuer=role.GITLAB)
    roles = {
        "github-role.tf.json": role.document(app, ACCOUNT, hub, provider=True),
        "gitlab-role.tf.json": role.document(app, ACCOUNT, lab, provider=False),
    }
    return {
        "github.yml": workflow.text(pipeline, "github"),
        "gitlab.yml": workflow.text(pipeline, "gitlab"),
        **{name: json.dumps(made, indent=2) + "\n" for name, made in roles.items()},
    }


def main() -> None:
    """Write the golden files."""
    PIPELINES.mkdir(parents=True, exist_ok=True)
    for name, text in pipelines().items():
        (PIPELINES / name).write_text(text, encoding="utf-8")
    for example in examples():
        for name, text in files(example).items():
            path = example / "golden" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
