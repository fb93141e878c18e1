"""`clearface worker` with a lease as short as tests need: URL STORE FOLDER LEASE."""

import logging
import sys
from pathlib import Path

from clearface.server.settings import ServerSettings
from clearface.server.worker_command import run_worker


def main() -> int:
    url, store, folder, lease = sys.argv[1:]
    logging.basicConfig(level=logging.DEBUG)
    settings = ServerSettings(queue_url=url, store=store, folder=Path(folder), workers=1)
    return run_worker(settings, lease_seconds=float(lease))


if __name__ == "__main__":
    sys.exit(main())
