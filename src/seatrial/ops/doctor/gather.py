"""Ask AWS once for everything that the checks read; what it refuses is said, never a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TypeVar

from seatrial.cloud import examination, metrics, secrets
from seatrial.cloud.session import Session
from seatrial.diagnosis.facts import Certificate, Client, Facts, Listener, Page, Said, Secret
from seatrial.engine.terraform import UNSAVED
from seatrial.errors import CredentialsError, UserError
from seatrial.model.app import App
from seatrial.ops import spending
from seatrial.ops.doctor import surroundings
from seatrial.ops.doctor.patients import Patient, patients
from seatrial.ops.release import lock
from seatrial.ops.secret import place
from seatrial.ops.sites import SERVED
from seatrial.ops.verify import databases, images, models, quotas
from seatrial.ops.verify import finding as verify
from seatrial.ops.verify.finding import Case, Check
from seatrial.resources.context import Context

T = TypeVar("T")
DAYS = 7
OWN_ANSWERS = ("502", "503", "504")
WINDOW = timedelta(minutes=10)
VERIFIED: dict[str, Check] = {
    "images": images.check,
    "databases": databases.check,
    "models": models.check,
    "quotas": quotas.check,
}


class Visit:
    """One visit: everything is asked for, and what AWS refuses is remembered in ``unseen``."""

    def __init__(self, app: App, session: Session) -> None:
        self.app, self.session, self.context = app, session, Context(app)
        self.unseen: list[str] = []

    def ask(self, what: str, answer: Callable[[], T], instead: T) -> T:
        """Return an answer, or ``instead`` where AWS refuses it."""
        try:
            return answer()
        except CredentialsError:
            raise
        except (UserError, KeyError, IndexError) as error:
            self.unseen.append(f"{what}: {str(error).splitlines()[0]}")
            return instead


def gather(
    app: App, session: Session, said: Iterable[Said] = (), *, in_rehearsal: bool = False
) -> Facts:
    """Return the facts of an environment; ``said`` are texts of a command that failed.

    Raises CredentialsError where AWS does not know who asks.
    """
    visit = Visit(app, session)
    with ThreadPoolExecutor(8) as pool:
        bodies = pool.submit(visit.ask, "services", lambda: patients(app, session), [])
        there = pool.submit(
            visit.ask, "databases", lambda: surroundings.databases(app, session), ()
        )
        named = pool.submit(visit.ask, "secrets", lambda: tuple(_secrets(visit)), ())
        proofs = pool.submit(visit.ask, "certificates", lambda: tuple(_certificates(visit)), ())
        clients = pool.submit(visit.ask, "users", lambda: tuple(_clients(visit)), ())
        pages = pool.submit(visit.ask, "sites", lambda: tuple(_pages(visit)), ())
        found = pool.submit(lambda: tuple(_verified(visit)))
        held = pool.submit(visit.ask, "lock", lambda: lock.left(session, app.app), "")
        paid = pool.submit(visit.ask, "cost", lambda: _paid(visit, in_rehearsal), (0.0, 0.0))
    rows: list[Patient] = bodies.result()
    balancers = sorted({arn for row in rows for arn in row.balancers})
    spent, estimated = paid.result()
    return Facts(
        environment=app.environment,
        in_rehearsal=in_rehearsal,
        said=(*said, *(text for row in rows for text in row.said)),
        services=tuple(row.service for row in rows),
        tasks=tuple(task for row in rows for task in row.tasks),
        databases=there.result(),
        secrets=named.result(),
        certificates=proofs.result(),
        listeners=visit.ask("listeners", lambda: tuple(_listeners(visit, balancers)), ()),
        clients=clients.result(),
        pages=pages.result(),
        refused=visit.ask("metrics", lambda: _own_answers(session, balancers), {}),
        verified=found.result(),
        lock=held.result(),
        errored_state=_errored_state(visit),
        spent=spent,
        estimated=estimated,
        unseen=tuple(visit.unseen),
    )


def _secrets(visit: Visit) -> Iterator[Secret]:
    own = [noun for noun, secret in visit.app.secrets.items() if not secret.parameter]
    names = [place(visit.app, noun) for noun in own]
    names += [visit.context.secret(noun) for noun in visit.app.databases]
    for name in sorted(names):
        yield Secret(name, secrets.state(visit.session, name))


def _certificates(visit: Visit) -> Iterator[Certificate]:
    if visit.app.domain is None:
        return
    for row in examination.certificates(visit.session, visit.app.domain.name):
        records = [o.get("ResourceRecord", {}) for o in row.get("DomainValidationOptions", [])]
        yield Certificate(
            domain=row["DomainName"],
            status=row["Status"],
            reason=row.get("FailureReason", ""),
            records=tuple(f"{r['Name']} {r['Type']} {r['Value']}" for r in records if r),
        )


def _listeners(visit: Visit, balancers: list[str]) -> Iterator[Listener]:
    for host, row in examination.listeners(visit.session, balancers):
        yield Listener(host=host, port=row["Port"], protocol=row["Protocol"])


def _clients(visit: Visit) -> Iterator[Client]:
    if visit.app.users is None:
        return
    for row in examination.pool_clients(visit.session, visit.context.prefix):
        yield Client(
            name=row.get("ClientName", ""),
            callbacks=tuple(row.get("CallbackURLs", ())),
            flows=tuple(row.get("AllowedOAuthFlows", ())),
            uses_flows=bool(row.get("AllowedOAuthFlowsUserPoolClient")),
            has_secret="ClientSecret" in row,
        )


def _pages(visit: Visit) -> Iterator[Page]:
    for noun in sorted(visit.app.sites):
        bucket = f"{visit.context.bucket(noun)}-{visit.session.target.account}"
        cached = examination.cached(visit.session, bucket, f"{SERVED}index.html")
        if cached is not None:
            yield Page(site=noun, cached=cached)


def _verified(visit: Visit) -> Iterator[tuple[str, str]]:
    case = Case(visit.app, visit.session, lambda _: None, 0)
    for name, check in VERIFIED.items():
        found: list[verify.Finding] = visit.ask(name, partial(_list, check, case), [])
        for finding in found:
            if finding.severity == "error":
                yield finding.code, f"{finding.title}: {finding.evidence}"


def _list(check: Check, case: Case) -> list[verify.Finding]:
    return list(check(case))


def _own_answers(session: Session, balancers: list[str]) -> dict[str, float]:
    """Return how often load balancers answered 502, 503 and 504 themselves in ten minutes."""
    rows = [
        (
            code,
            metrics.Metric(
                namespace="AWS/ApplicationELB",
                name=f"HTTPCode_ELB_{code}_Count",
                dimensions=(("LoadBalancer", arn.partition(":loadbalancer/")[2]),),
                statistic="Sum",
            ),
        )
        for arn in balancers
        for code in OWN_ANSWERS
    ]
    now = datetime.now(UTC)
    begin = now - WINDOW / session.target.pace
    found = metrics.values(session, [m for _, m in rows], start=begin, end=now, period=60)
    counts = dict.fromkeys(OWN_ANSWERS, 0.0)
    for (code, _), points in zip(rows, found, strict=True):
        counts[code] += sum(point.value for point in points)
    return counts


def _errored_state(visit: Visit) -> str:
    found = sorted(visit.session.target.folder.rglob(UNSAVED))
    return str(found[0]) if found else ""


def _paid(visit: Visit, in_rehearsal: bool) -> tuple[float, float]:  # noqa: FBT001
    """Cost Explorer answers for AWS alone, and takes a cent for each question."""
    target = visit.session.target
    if in_rehearsal or target.endpoint:
        return 0.0, 0.0
    report = spending.spent(visit.app, target, DAYS, date.today())  # noqa: DTZ011
    return report.total, report.estimated
