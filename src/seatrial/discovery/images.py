"""What a ready-made image is for: data that AWS manages, a tool of development, or a program."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seatrial.discovery.draft import DataKind
from seatrial.model.database import ENGINES

_DATA: tuple[tuple[str, DataKind], ...] = (
    (r"postgres|postgresql|postgis|pgvector|timescaledb(-ha)?", "postgres"),
    (r"mysql|mysql-server|mariadb|percona(-server)?", "mysql"),
    (r"redis|redis-stack(-server)?|valkey|keydb|dragonfly", "valkey"),
    (r"minio", "bucket"),
    (r"elasticmq(-native)?", "queue"),
    (r"dynamodb-local", "table"),
)
_LEFT = (
    (
        r"nginx(-proxy|-unprivileged)?|traefik|caddy|haproxy|envoy|httpd|swag|nginx-proxy-manager|"
        r"certbot|acme-companion|letsencrypt-nginx-proxy-companion|cloudflared",
        "the load balancer and CloudFront do its work: `public` and `edge`",
    ),
    (
        r"adminer|pgadmin4?|phpmyadmin|redis-?commander|redisinsight|mongo-express|mailhog|"
        r"mailcatcher|maildev|mailpit|smtp4dev|selenium.*|standalone-chrome.*|watchtower|portainer.*|"
        r"dozzle|mc|docker-mailcatcher|postgres-backup.*|autoheal",
        "a tool of development; not needed on AWS",
    ),
    (
        r"prometheus|grafana|loki|promtail|jaeger|all-in-one|opentelemetry-collector.*|cadvisor|"
        r"node-exporter|.*-exporter|tempo|zipkin",
        "CloudWatch has its logs, metrics and alarms: `alarms`, `dashboard`",
    ),
    (r"localstack(-pro)?|moto|azurite", "a rehearsal has its own emulator of AWS"),
    (r"rabbitmq|activemq.*", "Seatrial has no RabbitMQ; use a cache as the broker, or `queues`"),
    (
        r"mongo|mongodb(-community-server)?|percona-server-mongodb",
        "Seatrial has no MongoDB; give its address as a secret",
    ),
    (
        r"elasticsearch|opensearch|kibana|opensearch-dashboards|solr|meilisearch|typesense",
        "Seatrial has no search service; give its address as a secret",
    ),
    (
        r"kafka|cp-kafka|zookeeper|cp-zookeeper|redpanda|nats|pulsar",
        "Seatrial has no such broker; use `queues` or `topics`",
    ),
    (r"memcached", "Seatrial has no memcached; use `caches`"),
    (
        r"clickhouse(-server)?|cassandra|neo4j|influxdb|couchdb|cockroach|mssql.*|server|oracle.*|"
        r"weaviate|milvus|qdrant",
        "Seatrial has no such database; give its address as a secret",
    ),
)


@dataclass(frozen=True)
class Purpose:
    """What an image is for: data of a kind, or why it is left out, or (neither) a program."""

    data: DataKind | None = None
    left: str = ""
    version: str = ""


def purpose(image: str) -> Purpose:
    """Return what an image's name says that it is for."""
    name, tag = _split(image)
    for pattern, kind in _DATA:
        if re.fullmatch(pattern, name):
            return Purpose(data=kind, version=version(kind, tag))
    for pattern, why in _LEFT:
        if re.fullmatch(pattern, name):
            return Purpose(left=why)
    return Purpose()


def version(kind: DataKind, tag: str) -> str:
    """Return the version of an engine that a tag names, where RDS offers it; else empty."""
    engine = ENGINES.get(kind)
    found = re.search(r"(?:^|pg)(\d+(?:\.\d+)?)", tag)
    if engine is None or found is None:
        return ""
    wanted = found[1]
    return next((v for v in (wanted, wanted.split(".")[0]) if v in engine.versions), "")


def _split(image: str) -> tuple[str, str]:
    last = image.split("@")[0].rsplit("/", 1)[-1]
    name, _, tag = last.partition(":")
    # `${TAG:-16}` is a default; the name may be the folder where the last part says `server`.
    tag = re.sub(r"^\$\{\w+:?-([^}]*)\}", r"\1", tag)
    return name.lower(), tag
