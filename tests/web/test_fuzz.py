"""Tests of untrusted files and addresses (thousands in `make test-all`): only messages, no access."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from sim.policy.levers import LEVERS
from sim.policy.scenario import catalogue
from sim.policy.well_known import resource_folder
from tests.web.conftest import Visitor

FILES, ADDRESSES = (150, 1500), (50, 500)
PACKAGE = Path(sys.modules["sim"].__file__ or "").parents[1].as_posix()
#: What a stranger may hope that somebody evaluates, opens, or reaches.
BAIT = (
    "!!python/object/apply:os.system ['touch owned']",
    *("${oc.env:HOME}", "{{ 7 * 7 }}", "{% include '/etc/passwd' %}", "!include /etc/passwd", "_target_: os.system"),
    *("<script>alert(1)</script>", "' or 1=1 --", "../../../../etc/passwd", "file:///etc/passwd", "=cmd|' /C calc'!A0"),
    *("\x00", "\u202e", "\ud7ff", "&a", "*a", "<<: *a", "1e400", "-0", "٣"),
)
_SERIOUS = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.connect", "socket.bind")


class Watch:
    """Audit hook that records forbidden actions while on: commands, sockets, files from elsewhere."""

    def __init__(self) -> None:
        self.on, self.seen = False, []
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[object, ...]) -> None:
        """Records forbidden actions; the package's own sources may be loaded."""
        if not self.on:
            return
        if event in _SERIOUS or (event == "open" and not self._own(str(arguments[0]))):
            self.seen.append((event, *map(str, arguments)))

    @staticmethod
    def _own(path: str) -> bool:
        """True if a file belongs to the Python installation, the package or its scenarios."""
        return path.startswith((PACKAGE, sys.prefix, sys.base_prefix, resource_folder("scenarios").as_posix()))


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    made = Watch()
    yield made
    made.on = False


def mutated(draw: random.Random, text: str) -> str:
    """A file with a few random changes."""
    for _ in range(draw.randint(1, 4)):
        lines = text.splitlines(keepends=True) or [""]
        at = draw.randrange(len(lines))
        match draw.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, draw.choice(lines))
            case 2:
                key, colon, _ = lines[at].partition(":")
                lines[at] = f"{key}{colon} {draw.choice(BAIT)}\n"
            case 3:
                place = draw.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:place] + draw.choice(BAIT) + lines[at][place:]
            case 4:
                lines[at] = " " * draw.randrange(6) + lines[at]
            case _:
                lines[at] = lines[at].replace(draw.choice(" :-,'0aeA") or " ", chr(draw.randrange(1, 0x2FFF)), 1)
        text = "".join(lines)
    return text


@pytest.mark.parametrize("files", [FILES[0], pytest.param(FILES[1], marks=pytest.mark.slow)])
def test_files(visitor: Visitor, watch: Watch, files: int) -> None:
    draw = random.Random(1)  # noqa: S311 - which files are tried
    whole = [path.read_text("utf-8") for path in catalogue().values() if path.stat().st_size < 1400]
    visitor.client.post("/file", content=whole[0])  # what is loaded once is loaded now
    refused, watch.on = 0, True
    for _ in range(files):
        text = mutated(draw, draw.choice(whole))
        raw = text.encode(draw.choice(("utf-8", "utf-8", "utf-8", "utf-16")), "replace")
        answer = visitor.client.post("/file", content=raw)
        assert answer.status_code == 200, text
        (key,) = answer.json()
        refused += key == "problem"
        assert "Traceback" not in answer.text
    watch.on = False
    assert watch.seen == []
    assert files / 4 < refused < files, "some files stay good, and most do not"


@pytest.mark.parametrize("addresses", [ADDRESSES[0], pytest.param(ADDRESSES[1], marks=pytest.mark.slow)])
def test_addresses(visitor: Visitor, watch: Watch, addresses: int) -> None:
    draw = random.Random(2)  # noqa: S311 - which addresses are tried
    others = "scenario file kept courts worlds pairs country request __proto__"
    keys = [*LEVERS, *others.split(), ""]
    parts = [*BAIT, "2", "0.5", "yes", "budapest", "2028-01-01", "12", "EU", "all", "today", "e_evidence", "9" * 400]
    for path in ("", "policy.yaml", "differences.csv"):
        visitor.client.get(f"/{path}")  # what is loaded once is loaded now
    watch.on = True
    for _ in range(addresses):
        entries = [
            f"{quote(draw.choice(keys))}={quote('~'.join(draw.choices(parts, k=draw.randint(1, 5))))}"
            for _ in range(draw.randint(1, 5))
        ]
        query = draw.choice(("&", "&", ";", "%26")).join(entries)
        route = draw.choice(("", "policy.yaml", "differences.csv"))
        answer = visitor.client.get(f"/{route}?{query}")
        assert answer.status_code in ((200, 400) if route else (200,)), query
        assert "Traceback" not in answer.text and "root:" not in answer.text
    watch.on = False
    assert watch.seen == []
