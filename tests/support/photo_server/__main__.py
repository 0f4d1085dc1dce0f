"""`python -m tests.support.photo_server --port 8080`: the server in a separate process.

It prints its port. After each line on standard input it prints how often each path was requested, as JSON.
"""

from __future__ import annotations

import argparse
import json
import sys

from . import PhotoServer, pictures


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.photo_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    options = parser.parse_args()
    for number in range(pictures.SCENES):
        pictures.jpeg(number)
    pictures.gzip_bomb()
    with PhotoServer(port=options.port, latency=options.latency) as server:
        print(server.port, flush=True)
        for _ in sys.stdin:
            print(json.dumps({"counts": server.counts(), "most_at_once": server.most_at_once()}), flush=True)


if __name__ == "__main__":
    main()
