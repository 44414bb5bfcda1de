"""From each version of the tables to the next: `versions` has a file for each, run by Alembic.

Migrations only add, so that an older bot goes on working beside a newer one while one replaces the other.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def migrate(connection: Connection, since: str | None, until: str = "head") -> None:
    """Bring the tables from version `since` to the newest, within the transaction that is under way.

    None: tables from before versions were kept, which is what the first version is.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    if since is None:
        command.stamp(config, "0001")
    command.upgrade(config, until)
