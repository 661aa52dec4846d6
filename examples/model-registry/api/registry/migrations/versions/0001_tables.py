"""Every table of the first version."""

from alembic import op

revision, down_revision = "0001", None

TABLES = (
    """
    CREATE TABLE users (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL UNIQUE CHECK (name <> ''),
        password_hash text NOT NULL,
        permissions text[] NOT NULL
            CHECK (permissions <@ ARRAY['upload', 'search', 'download', 'admin']),
        created_at timestamptz NOT NULL DEFAULT now()
    )""",
    """
    CREATE TABLE tokens (
        hash text PRIMARY KEY,
        user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
        calls_left integer NOT NULL CHECK (calls_left >= 0),
        expires_at timestamptz NOT NULL
    )""",
    "CREATE INDEX ON tokens (expires_at)",
    "CREATE INDEX ON tokens (user_id)",
    """
    CREATE TABLE objects (
        key text PRIMARY KEY,
        state text NOT NULL CHECK (state IN ('writing', 'uploaded', 'kept', 'garbage')),
        until timestamptz,
        filename text NOT NULL,
        size bigint NOT NULL DEFAULT 0,
        sha256 text NOT NULL DEFAULT '',
        CHECK ((until IS NULL) = (state IN ('kept', 'garbage')))
    )""",
    "CREATE INDEX ON objects (until) WHERE state <> 'kept'",
    "CREATE SEQUENCE artifact_numbers",
    """
    CREATE TABLE artifacts (
        id text PRIMARY KEY CHECK (id ~ '^[a-zA-Z0-9-]+$'),
        number bigint NOT NULL UNIQUE DEFAULT nextval('artifact_numbers'),
        type text NOT NULL CHECK (type IN ('model', 'dataset', 'code')),
        name text NOT NULL CHECK (name <> '' AND name <> '*'),
        url text NOT NULL,
        origin text NOT NULL,
        reference text NOT NULL,
        state text NOT NULL CHECK (state IN ('ready', 'pending')),
        object_key text UNIQUE REFERENCES objects,
        size bigint NOT NULL DEFAULT 0,
        readme text NOT NULL DEFAULT '',
        facts jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (type, origin),
        CHECK (state = 'pending' OR object_key IS NOT NULL)
    )""",
    "CREATE INDEX ON artifacts (name)",
    "CREATE INDEX ON artifacts (type, reference)",
    """
    CREATE TABLE lineage (
        child text NOT NULL REFERENCES artifacts ON DELETE CASCADE,
        type text NOT NULL,
        reference text NOT NULL,
        relationship text NOT NULL,
        source text NOT NULL,
        PRIMARY KEY (child, type, reference)
    )""",
    "CREATE INDEX ON lineage (type, reference)",
    """
    CREATE TABLE audit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        user_name text NOT NULL,
        user_is_admin boolean NOT NULL,
        artifact_id text,
        artifact_name text NOT NULL,
        artifact_type text NOT NULL,
        action text NOT NULL CHECK (action IN
            ('CREATE', 'UPDATE', 'DOWNLOAD', 'RATE', 'AUDIT', 'DELETE', 'RESET', 'USER')),
        request_id text NOT NULL
    )""",
    "CREATE INDEX ON audit (artifact_id, id)",
    """
    CREATE TABLE activity (
        minute bigint NOT NULL,
        task text NOT NULL,
        body jsonb NOT NULL,
        PRIMARY KEY (minute, task)
    )""",
)


def upgrade() -> None:
    """Make them."""
    for statement in TABLES:
        op.execute(statement)
