"""Runs the release binary: in a folder of its own, on a port of its own."""

import os
import signal
import subprocess
import threading
from pathlib import Path

from database import Database

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("PODIUM_BIN", REPOSITORY / "target/release/podium")

# Whatever begins with CANARY must never reach a file of the server in the clear.
ADMIN_KEY_ID = "admin-key"
ADMIN_KEY_SECRET = "CANARY-6f1c52b0f1f9d2f3f5a3-admin"
SECRET = "CANARY-9d0e4c1bb8a74f53a7e1-stored"

# A server that has neither answered nor stopped by then hangs. Nothing waits this long otherwise.
PATIENCE_SECONDS = 30


class Server:
    """A running server. `url` is what its clients know as `CONDUCTOR_SERVER_URL`."""

    def __init__(self, folder: Path, **settings: str):
        folder.mkdir()
        self.folder = folder
        self.log = folder / "log"
        self.database = Database(folder)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [BINARY],
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                # The whole environment, so that no setting of the machine reaches the server.
                env={
                    "PODIUM_LISTEN": "127.0.0.1:0",
                    "PODIUM_ADMIN_KEY_ID": ADMIN_KEY_ID,
                    "PODIUM_ADMIN_KEY_SECRET": ADMIN_KEY_SECRET,
                    "RUST_LOG": "debug",
                }
                | self.database.settings
                | settings,
            )
        self.url = f"{self.printed('listening on ')}/api"

    def printed(self, prefix: str) -> str:
        """Reads on what the server prints, up to the line that starts so; answers its rest."""
        watchdog = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        watchdog.start()
        try:
            for line in self.process.stdout:
                if line.startswith(prefix):
                    return line.removeprefix(prefix).strip()
        finally:
            watchdog.cancel()
        self.process.wait()
        raise AssertionError(f"the server never printed {prefix!r}:\n{self.log.read_text()}")

    def stop(self) -> None:
        """Stops the server as an operator does, then looks through what it leaves behind."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process.stdout.close()
            held = self.database.drop()
        log = self.log.read_text()
        assert code == 0, f"SIGTERM ended the server with {code}:\n{log}"
        assert "panicked" not in log, log
        assert "eyJ" not in log, "a token is in the log"
        for file in filter(Path.is_file, self.folder.rglob("*")):
            assert b"CANARY" not in file.read_bytes(), f"{file.name} holds a secret in the clear"
        assert "CANARY" not in held, "the database holds a secret in the clear"
