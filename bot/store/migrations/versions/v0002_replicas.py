"""What several bots on one database need: formats, followers, leads, signatures; and what retention needs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns to runs, let deliveries stand alone, create signatures and leads."""
    _widen_runs()
    _free_deliveries()
    op.create_table(
        "signatures",
        sa.Column("signature", sa.String(128), primary_key=True),
        sa.Column("used_at", sa.Double, nullable=False),
    )
    op.create_index("signatures_used", "signatures", ["used_at"])
    op.create_table(
        "leads",
        sa.Column("gateway_id", sa.String(80), primary_key=True),
        sa.Column("run_id", sa.String(36), nullable=False),
        sa.Column("since", sa.Double, nullable=False),
    )
    op.create_index("leads_run", "leads", ["run_id"])


def _widen_runs() -> None:
    op.add_column("runs", sa.Column("format", sa.Integer, nullable=False, server_default=sa.text("1")))
    op.add_column("runs", sa.Column("follows", sa.String(36)))
    op.add_column("runs", sa.Column("ended_at", sa.Double))
    op.execute("UPDATE runs SET ended_at = created_at WHERE due_at IS NULL")  # when exactly, nobody noted
    for name, column in (("runs_follows", "follows"), ("runs_ended", "ended_at")):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "runs", [column], sqlite_where=there, postgresql_where=there)


def _free_deliveries() -> None:
    """Drop the foreign key, so that runs and deliveries can be removed each by its own rule."""
    named = {"fk": "%(table_name)s_%(column_0_name)s_fkey"}  # PostgreSQL names it so; SQLite's has no name
    with op.batch_alter_table("deliveries", naming_convention=named) as table:
        table.drop_constraint("deliveries_run_id_fkey", type_="foreignkey")
    op.create_index("deliveries_received", "deliveries", ["received_at"])
