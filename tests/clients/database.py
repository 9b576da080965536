"""A database for each server, of the kind that `PODIUM_TEST_DATABASE` chooses."""

import os
import secrets
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

CHOICE = os.environ.get("PODIUM_TEST_DATABASE", "sqlite")


class Sqlite:
    """A file in the folder of the server, which is looked through with all others there."""

    # Whether the server has made its seal key, so that it can make another.
    makes_seal_key = True

    def __init__(self, folder: Path):
        self.settings = {"PODIUM_DATABASE_URL": f"sqlite://{folder}/podium.db"}

    def drop(self) -> str:
        return ""


class Postgres:
    """A database on the PostgreSQL that `tests/with-postgres` runs."""

    makes_seal_key = False

    def __init__(self, folder: Path):
        server = os.environ["PODIUM_TEST_POSTGRES"]
        url = urlsplit(server)
        self.environment = os.environ | {
            "PGHOST": url.hostname,
            "PGPORT": str(url.port),
            "PGUSER": url.username,
            "PGPASSWORD": url.password,
            "PGDATABASE": "postgres",
        }
        self.name = f"test_{secrets.token_hex(16)}"
        self.run("psql", "-c", f"CREATE DATABASE {self.name} TEMPLATE template0")
        self.settings = {
            "PODIUM_DATABASE_URL": url._replace(path=f"/{self.name}").geturl(),
            "PODIUM_SEAL_KEY": secrets.token_hex(32),
        }

    def drop(self) -> str:
        """Ends it, and answers all that it held."""
        # `pg_dump` reads its whole catalogue first, which lasts longer than most tests.
        everything = "SELECT database_to_xml(nulls => true, tableforest => true, targetns => '')"
        held = self.run("psql", "-At", "-c", everything, self.name)
        assert "server_key" in held
        self.run("psql", "-c", f"DROP DATABASE {self.name} WITH (FORCE)")
        return held

    def run(self, *command: str) -> str:
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


Database = {"sqlite": Sqlite, "postgres": Postgres}[CHOICE]
