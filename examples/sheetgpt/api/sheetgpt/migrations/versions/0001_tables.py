"""The first tables."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE users (
  id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, password_hash text NOT NULL,
  is_active boolean NOT NULL, is_admin boolean NOT NULL,
  failures integer NOT NULL, failed_at timestamptz);
CREATE TABLE refresh_tokens (
  hash text PRIMARY KEY, user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  expires_at timestamptz NOT NULL);
CREATE TABLE conversations (
  id bigserial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  title text NOT NULL, description text, tags jsonb NOT NULL, meta_data jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE messages (
  id bigserial PRIMARY KEY,
  conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
  role text NOT NULL, content text NOT NULL, meta_data jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE TABLE workbooks (
  id bigserial PRIMARY KEY, owner_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  name text NOT NULL, seq bigint NOT NULL,
  conversation_id bigint REFERENCES conversations ON DELETE SET NULL,
  message_id bigint REFERENCES messages ON DELETE SET NULL,
  snapshot_seq bigint NOT NULL, snapshot bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now());
ALTER TABLE workbooks ALTER snapshot SET STORAGE EXTERNAL;
CREATE TABLE members (
  workbook_id bigint REFERENCES workbooks ON DELETE CASCADE,
  user_id bigint REFERENCES users ON DELETE CASCADE,
  may_edit boolean NOT NULL, PRIMARY KEY (workbook_id, user_id));
CREATE TABLE changes (
  workbook_id bigint REFERENCES workbooks ON DELETE CASCADE, seq bigint,
  user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT clock_timestamp(), kind text NOT NULL, why text NOT NULL,
  operations jsonb NOT NULL, undo jsonb NOT NULL, undoes bigint, undone_by bigint,
  PRIMARY KEY (workbook_id, seq));
CREATE TABLE versions (
  id bigserial PRIMARY KEY, workbook_id bigint NOT NULL REFERENCES workbooks ON DELETE CASCADE,
  seq bigint NOT NULL, name text NOT NULL, at timestamptz NOT NULL DEFAULT now(),
  xlsx bytea NOT NULL);
CREATE INDEX messages_of ON messages (conversation_id, id);
CREATE INDEX workbooks_of ON workbooks (owner_id);
CREATE INDEX members_of ON members (user_id);
CREATE INDEX refresh_tokens_of ON refresh_tokens (user_id);
"""


def upgrade() -> None:
    op.execute(TABLES)
