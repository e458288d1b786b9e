"""Take the pictures of ``site/screens.md`` anew: ``python -m tests.screens`` in a checkout whose site is built."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES

ROOT = Path(__file__).resolve().parents[1]
SITE, OUT = ROOT / "build/site", ROOT / "site/assets/pictures/screens"
WIDTH, COLOURS = 960, 96
LOANS = "projects/loan-approval"
SCREENS = {
    "portfolio": "index.html", "project": f"{LOANS}/index.html", "paper": f"{LOANS}/paper.html", "board": "board.html",
    "roles": "roles.html", "register": "register.html", "risks": "risks/index.html", "risk": "risks/decision-bias.html",
    "decisions": "decided.html", "findings": "findings.html", "changes": "changes.html", "calendar": "calendar.html",
    "frameworks": "frameworks/index.html", "framework": "frameworks/eu_ai_act.html",
    "requirements": f"{LOANS}/requirements.html", "not-covered": "not-covered.html", "method": "measures.html",
    "how-to-read": "how-to-read.html", "evidence": "evidence/loan-approval/bias_audit/*/index.html",
}  # fmt: skip
MORE = (("portfolio", "dark", 1280), ("project", "dark", 1280), ("project", "phone", 390))


def main() -> None:
    """One picture a kind of page, and a few in the dark and on a phone."""
    OUT.mkdir(parents=True, exist_ok=True)
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        for name, look, width in (*((name, "light", 1280) for name in SCREENS), *MORE):
            take(browser, name, look=look, width=width)
        browser.close()
    print(sum(path.stat().st_size for path in OUT.glob("*.png")), "bytes")


def take(browser: Browser, name: str, *, look: str, width: int) -> None:
    """The first screen of a page as a small PNG."""
    page = browser.new_page(
        color_scheme="dark" if look == "dark" else "light", viewport={"width": width, "height": 880}
    )
    page.goto(next(SITE.resolve().glob(SCREENS[name])).as_uri())
    page.wait_for_timeout(300)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    if width > WIDTH:
        picture = picture.resize((WIDTH, picture.height * WIDTH // width), Image.Resampling.LANCZOS)
    suffix = "" if look == "light" else f"-{look}"
    picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(OUT / f"{name}{suffix}.png", optimize=True)


if __name__ == "__main__":
    main()
