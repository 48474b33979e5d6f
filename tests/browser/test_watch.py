"""Tests of Mesa's SolaraViz page in a real browser, if the extra `viz` is installed."""

import importlib.util
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not importlib.util.find_spec("solara"), reason="the extra viz is not installed"),
]
PAGE = (Path(__file__).parents[2] / "docs" / "mesa.md").read_text("utf-8")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Fixture: address of the SolaraViz page of docs/mesa.md."""
    (block,) = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "# watch.py" in block]
    (tmp_path / "watch.py").write_text(block)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["run", "watch.py", "--host", "127.0.0.1", "--port", str(port), "--production", "--no-open"]
    server = subprocess.Popen([sys.executable, "-m", "solara", *words], cwd=tmp_path)
    found = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urlopen(found, timeout=60).close()
                break
            except URLError:
                time.sleep(1)
        yield found
    finally:
        server.terminate()
        server.wait(30)


def test_the_page_steps_and_starts_again_without_a_network(browser: Browser, address: str, tmp_path: Path) -> None:
    context, elsewhere = browser.new_context(viewport={"width": 1500, "height": 950}), []
    page = context.new_page()
    page.on("request", lambda one: elsewhere.append(one.url) if one.url.startswith("http") else None)
    page.goto(address, timeout=90_000)
    step = page.get_by_role("button", name="Step")
    expect(page.get_by_text("Time: 0.0")).to_be_visible(timeout=120_000)
    images = page.locator("img")
    expect(images).to_have_count(2, timeout=60_000)  # the map and curves
    before = [images.nth(one).get_attribute("src") for one in range(2)]
    for days in (30, 60, 90, 120):
        step.click()
        expect(page.get_by_text(f"Time: {days}.0")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(2_000)
    page.screenshot(path=tmp_path / "watch.png")
    for one, name in enumerate(("map", "curves")):
        assert images.nth(one).evaluate("image => image.complete && image.naturalWidth") > 400, name
        assert images.nth(one).get_attribute("src") != before[one], f"{name} follows the steps"
        images.nth(one).screenshot(path=tmp_path / f"{name}.png")
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("Time: 0.0")).to_be_visible(timeout=60_000)
    assert [url for url in elsewhere if not url.startswith(address)] == []
    context.close()
