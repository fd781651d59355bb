"""`leadline migrate`: the warehouse's schema."""

from cli.session import ConfigOption, open_session, plain_errors, say


def migrate(config: ConfigOption = None) -> None:
    """Make the warehouse if it is not there and bring its tables, views and roles to the newest revision."""
    from warehouse.job import migrate_warehouse

    with plain_errors():
        migrated = migrate_warehouse(open_session(config).enterprise)
        verb = "was brought to" if migrated.changed else "is already at"
        say(f"The warehouse {verb} revision {migrated.revision}.")
        if migrated.missing_roles:
            names = ", ".join(migrated.missing_roles)
            say(f"Missing roles: {names}. Ask the server's administrator to run warehouse/roles/roles.sql.")
