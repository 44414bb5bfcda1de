"""The two things that SQLAlchemy does not say alike for both databases."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, func, select

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

# The channel of PostgreSQL's NOTIFY on which a bot tells the others that something has fallen due.
CHANNEL = "vpn_diagnose"


def insert_new(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """Return an INSERT that leaves rows alone whose key is there already."""
    if is_postgresql(connection):
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        return insert_postgresql(table).on_conflict_do_nothing()
    from sqlalchemy.dialects.sqlite import insert as insert_sqlite

    return insert_sqlite(table).on_conflict_do_nothing()


def tell_others(connection: Connection) -> None:
    """Wake the other bots once this transaction is committed."""
    if is_postgresql(connection):
        connection.execute(select(func.pg_notify(CHANNEL, "")))


def is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
