"""The audit trail's table: rows are only ever added, and each names the hash of the one before it.

The columns are named so that in capitals they are the vendor's own names (`vpn_gateway_id`, VpnGatewayId). A
column that a later version adds is null in earlier rows, which leaves their hashes as they are.
"""

from sqlalchemy import DDL, BigInteger, Column, Integer, String, Table, Text, event

from bot.store.tables import metadata

__all__ = ["audit", "metadata"]

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),  # 2026-01-02T12:00:00.000000Z: hashed as it is read
    Column("event", String(16), nullable=False),
    Column("operation", String(64), nullable=False),
    Column("team_id", String(32), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("channel_id", String(32)),
    Column("thread_ts", String(32)),
    Column("run_id", String(36)),
    Column("region_id", String(120)),
    Column("vpn_gateway_id", String(80)),
    Column("resource_id", String(80)),  # the IPsec connection, as DiagnoseVpnGateway names it
    Column("private_source_ip", String(40)),
    Column("private_destination_ip", String(40)),
    Column("identity", String(100)),
    Column("principal", String(300)),
    Column("role_session_name", String(64)),
    Column("book_version", String(64)),
    Column("problem", String(100)),
    Column("error_id", String(32)),
    Column("request_id", String(80)),
    Column("diagnose_id", String(80)),
    Column("follows", String(36)),
    Column("unrecorded", Integer),
    Column("steps", Text),  # JSON
    Column("denial", Text),  # JSON
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# The bot's role needs no right to change a row; these refuse it to whoever has that right, by mistake above all.
_NOT_CHANGED = """
CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END
"""
_NOT_REMOVED = """
CREATE TRIGGER audit_not_removed BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END
"""
# INSERT OR REPLACE removes a row without asking the trigger above.
_ONLY_AT_THE_END = """
CREATE TRIGGER audit_only_at_the_end BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
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
_REFUSE_ELSEWHERE = """
CREATE OR REPLACE FUNCTION audit_only_at_the_end() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN
    IF NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM audit) THEN
        RAISE EXCEPTION ''the audit trail is only ever added to'';
    END IF;
    RETURN NEW;
END'
"""
_ONLY_AT_ITS_END = """
CREATE TRIGGER audit_only_at_the_end BEFORE INSERT ON audit
FOR EACH ROW EXECUTE FUNCTION audit_only_at_the_end()
"""

for _dialect, _statement in (
    ("sqlite", _NOT_CHANGED),
    ("sqlite", _NOT_REMOVED),
    ("sqlite", _ONLY_AT_THE_END),
    ("postgresql", _REFUSE),
    ("postgresql", _ONLY_APPEND),
    ("postgresql", _REFUSE_ELSEWHERE),
    ("postgresql", _ONLY_AT_ITS_END),
):
    event.listen(audit, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
