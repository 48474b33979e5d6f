"""Trials of `comity dashboard` under abuse by other programs and sites: answers, memory, open connections.

python -m tests.web.abuse            # some two minutes; `--no-token` lets the programs in, as the page's own reader
python -m tests.web.abuse --seconds 15
"""

from __future__ import annotations

import argparse
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]
WORLD = ("world=tiny", "world.groups=8", "world.end=2028-06-30")
#: All routes of the page, and how they are asked.
ROUTES = (
    *(("GET", "/"), ("GET", "/stream"), ("GET", "/policy.yaml"), ("GET", "/differences.csv"), ("POST", "/file")),
    *(("GET", "/static/page.js"), ("GET", "/static/page.css"), ("GET", "/nothing")),
)
#: What browsers write into requests of other sites.
FOREIGN = (
    *({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "HTTP://EVIL.EXAMPLE"}, {"Origin": ""}),
    *({"Origin": "http://127.0.0.1:1"}, {"Origin": "https://127.0.0.1:{port}"}, {"Origin": "http://localhost:{port}"}),
    *({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "CROSS-SITE"}, {"Sec-Fetch-Site": "Same-Site"}),
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
)
#: A status, the bytes of the answer, and the seconds that it took.
Answer = tuple[str, int, float]


@dataclass(frozen=True)
class Server:
    """The page, served by another process."""

    port: int
    token: str  # of the printed address; empty where it has none
    pid: int
    log: Path  # what is in the terminal

    def line(self, text: str, patience: float = 30.0) -> socket.socket:
        """Opens a connection and sends a text."""
        made = socket.create_connection((HOST, self.port), timeout=patience)
        made.sendall(text.encode())
        return made

    def head(self, method: str, path: str, *, known: bool = True, **headers: str) -> str:
        """First lines of a request, by default from a reader with the key."""
        own = {"Cookie": f"comity-{self.port}={self.token}"} if known and self.token else {}
        lines = {"Host": f"{HOST}:{self.port}", **own, **{key.replace("_", "-"): text for key, text in headers.items()}}
        return f"{method} {path} HTTP/1.1\r\n" + "".join(f"{key}: {text}\r\n" for key, text in lines.items())

    def ask(self, method: str = "GET", path: str = "/", *, known: bool = True, **headers: str) -> Answer:
        """Sends a request; returns status code, bytes received, and seconds; a stream is left after its first bytes."""
        begun, found = time.monotonic(), b""
        body = "title: x\n" if method == "POST" else ""
        length = {"Content_Length": str(len(body))} if body else {}
        head = self.head(method, path, known=known, Connection="close", **length, **headers)
        with self.line(f"{head}\r\n{body}") as line, suppress(OSError):
            while part := line.recv(65_536):
                found += part
                if path.startswith("/stream"):
                    break
        return found.partition(b"\r\n")[0].decode("latin-1")[9:12], len(found), round(time.monotonic() - begun, 2)

    def descriptors(self) -> int:
        """Number of files and connections that the process has open."""
        return len([*Path(f"/proc/{self.pid}/fd").iterdir()])

    def memory(self) -> int:
        """Memory of the process in kilobytes."""
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())
        return int(found[1]) if found else 0


@contextmanager
def served(*words: str) -> Iterator[Server]:
    """Context manager: runs `comity dashboard` for a tiny world, and terminates it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [
            sys.executable,
            "-m",
            "sim",
            "dashboard",
            *WORLD,
            "--port",
            "0",
            "--no-open",
            "--workers",
            "1",
            *words,
        ]
        with log.open("wb") as file:
            process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file)
        try:
            begun = time.monotonic()
            while not (found := re.search(r"http://[\d.]+:(\d+)/(?:\?token=(\S+))?", log.read_text())):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() - begun < 300, "the page has not come"
                time.sleep(0.1)
            server = Server(int(found[1]), found[2] or "", process.pid, log)
            server.ask()  # what is loaded once is loaded now
            yield server
        finally:
            process.terminate()
            process.wait(60)


@contextmanager
def lines(made: Sequence[socket.socket]) -> Iterator[Sequence[socket.socket]]:
    """Context manager: yields the given connections and closes them at the end."""
    try:
        yield made
    finally:
        for line in made:
            line.close()


def closed(line: socket.socket) -> bool:
    """True if the page has closed a connection, perhaps after an answer."""
    line.setblocking(False)
    try:
        while line.recv(65_536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def idle(server: Server, number: int, seconds: float) -> tuple[Answer, int, int]:
    """Answer to a reader during silent requests, and numbers of connections and files left open."""
    heads = ("", server.head("GET", "/") + "X-A: ", server.head("GET", "/", known=False) + "\r\n")
    with lines([server.line(heads[at % len(heads)]) for at in range(number)]) as made:
        time.sleep(0.5)
        answer = server.ask()
        time.sleep(seconds)
        return answer, sum(not closed(line) for line in made), server.descriptors()


def half_bodies(server: Server, number: int, seconds: float, *, known: bool) -> tuple[Answer, Answer, int]:
    """Answers to a reader during incomplete uploads, and number of connections left open."""
    half = server.head("POST", "/file", known=known, Content_Length="1000") + "\r\nab"
    with lines([server.line(half) for _ in range(number)]) as made:
        time.sleep(0.5)
        first = server.ask()
        time.sleep(seconds)
        return first, server.ask(), sum(not closed(line) for line in made)


def dripping(server: Server, number: int, seconds: float) -> int:
    """Number of slow connections, sending one byte per second, that are left open."""
    with lines([server.line(server.head("GET", "/") + "X-A: ") for _ in range(number)]) as made:
        for _ in range(int(seconds)):
            time.sleep(1)
            for line in made:
                with suppress(OSError):
                    line.send(b"a")
        return sum(not closed(line) for line in made)


def streams(server: Server, number: int) -> Counter[str]:
    """Number of streams, opened at the same time, by status code of their answer."""
    heads = [server.head("GET", f"/stream?central_authority.staff=1.{at:02d}") for at in range(number)]
    with lines([server.line(f"{head}\r\n") for head in heads]) as made:
        return Counter(line.recv(200)[9:12].decode("latin-1") for line in made)


def abandoned(server: Server, number: int, *, known: bool = True) -> Answer:
    """Answer to a reader after requests whose senders left at once."""
    for at in range(number):
        server.line(server.head("GET", f"/?central_authority.staff=1.{at:03d}", known=known) + "\r\n").close()
    return server.ask()


def endless(server: Server, *, known: bool = True) -> int:
    """Number of bytes of an endless file that page and operating system accept."""
    taken, part = 0, b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    head = server.head("POST", "/file", known=known, Transfer_Encoding="chunked") + "\r\n"
    with server.line(head, 5.0) as line, suppress(OSError):
        while taken < 50_000_000:
            taken += line.send(part)
    return taken


def foreign(server: Server) -> Counter[str]:
    """Number of answers by status code to requests of other sites that have the key."""
    return Counter(
        server.ask(*route, **{key.replace("-", "_"): text.format(port=server.port) for key, text in headers.items()})[0]
        for route in ROUTES
        for headers in FOREIGN
    )


def keyless(server: Server) -> Counter[str]:
    """Number of answers by status code to requests without the key."""
    return Counter(server.ask(*route, known=False)[0] for route in ROUTES)


def main() -> None:
    """Prints the result of each trial."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long connections are held (default: 60)")
    parser.add_argument("--no-token", action="store_true")
    asked = parser.parse_args()
    with served(*(["--no-token"] if asked.no_token else [])) as server:
        print("alone:", server.ask(), "files", server.descriptors(), "kB", server.memory())
        print("other sites:", foreign(server), "without the key:", keyless(server))
        print("20 streams:", streams(server, 20))
        answer, left, files = idle(server, 400, asked.seconds)
        print(f"beside 400 idle or half-sent requests: {answer}; open after {asked.seconds:g} s: {left}, files {files}")
        print("400 dripping requests, open at last:", dripping(server, 400, min(asked.seconds, 20.0)))
        for known in (True, False):
            first, later, left = half_bodies(server, 16, asked.seconds, known=known)
            print(f"beside 16 half-sent files, key {known}: {first}; after {asked.seconds:g} s: {later}, open {left}")
            print(f"a file without end, key {known}: {endless(server, known=known):,} bytes")
            print(f"after 200 abandoned requests, key {known}: {abandoned(server, 200, known=known)}")
        print("at last:", server.ask(), "files", server.descriptors(), "kB", server.memory())
        print("tracebacks in the terminal:", server.log.read_text().count("Traceback"))


if __name__ == "__main__":
    main()
