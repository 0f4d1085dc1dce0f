"""`python -m tests.support.hub_server --port 8000`: a Hub to try push and pull against, with no account."""

from __future__ import annotations

import argparse
import signal
import tempfile
import threading
from pathlib import Path

from . import DEMO_USERS, Hub


def main() -> None:
    """Run a Hub until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.hub_server", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="0 takes any free port")
    parser.add_argument(
        "--folder", type=Path, help="keep the datasets here between runs (default: discard them)"
    )
    parser.add_argument("--no-xet", action="store_true", help="LFS only, like the Hub before Xet storage")
    parser.add_argument("--quiet", action="store_true", help="do not print a line per request")
    options = parser.parse_args()

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    hub = Hub(options.folder, xet=not options.no_xet, port=options.port, verbose=not options.quiet)
    try:
        hub.start()
    except OSError as error:
        hub.close()
        parser.error(f"cannot listen on port {options.port}: {error.strerror}. Choose another with --port")
    home = Path(tempfile.gettempdir()) / f"hub-client-{hub.url.rsplit(':', 1)[-1]}"
    print(f"A Hub at {hub.url}, datasets in {options.folder or 'a temporary folder'}. Ctrl-C stops it.")
    print(f"You are alice, your token is {DEMO_USERS['alice']}. In another terminal:\n")
    print(f"  export HF_ENDPOINT={hub.url} HF_TOKEN={DEMO_USERS['alice']} HF_HOME={home}")
    if options.no_xet:
        print("  export HF_HUB_DISABLE_XET=1")
    print(flush=True)
    stopped.wait()
    hub.close()
    print("\nStopped.")


if __name__ == "__main__":
    main()
