"""The audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NOT_CHANGED = """
CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END
"""
_NOT_REMOVED = """
CREATE TRIGGER audit_not_removed BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END
"""
_REFUSE = """
CREATE OR REPLACE FUNCTION audit_only_append() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN RAISE EXCEPTION ''the audit trail is only ever added to''; END'
"""
_ONLY_APPEND = """
CREATE TRIGGER audit_only_append BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_only_append()
"""


def upgrade() -> None:
    """Create the table, and what refuses to change its rows."""
    op.create_table(
        "audit",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
        ),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("operation", sa.String(64), nullable=False),
        sa.Column("team_id", sa.String(32), nullable=False),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("channel_id", sa.String(32)),
        sa.Column("thread_ts", sa.String(32)),
        sa.Column("run_id", sa.String(36)),
        sa.Column("region_id", sa.String(120)),
        sa.Column("vpn_gateway_id", sa.String(80)),
        sa.Column("resource_id", sa.String(80)),
        sa.Column("private_source_ip", sa.String(40)),
        sa.Column("private_destination_ip", sa.String(40)),
        sa.Column("identity", sa.String(100)),
        sa.Column("principal", sa.String(300)),
        sa.Column("role_session_name", sa.String(64)),
        sa.Column("book_version", sa.String(64)),
        sa.Column("problem", sa.String(100)),
        sa.Column("error_id", sa.String(32)),
        sa.Column("request_id", sa.String(80)),
        sa.Column("diagnose_id", sa.String(80)),
        sa.Column("follows", sa.String(36)),
        sa.Column("unrecorded", sa.Integer),
        sa.Column("steps", sa.Text),
        sa.Column("denial", sa.Text),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    is_postgresql = op.get_context().dialect.name == "postgresql"
    for statement in (_REFUSE, _ONLY_APPEND) if is_postgresql else (_NOT_CHANGED, _NOT_REMOVED):
        op.execute(statement)
