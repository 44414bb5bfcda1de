"""Rows are added to the audit trail at its end alone, also by INSERT OR REPLACE."""

from alembic import op

revision = "0005"
down_revision = "0004"

_ONLY_AT_THE_END = """
CREATE TRIGGER audit_only_at_the_end BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END
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


def upgrade() -> None:
    """Create what refuses rows that do not follow the last one."""
    is_postgresql = op.get_context().dialect.name == "postgresql"
    for statement in (_REFUSE_ELSEWHERE, _ONLY_AT_ITS_END) if is_postgresql else (_ONLY_AT_THE_END,):
        op.execute(statement)
