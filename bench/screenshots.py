"""Take the README's pictures from a running Kadai, or every page in every guise.

python -m bench.screenshots                       # docs/pictures/*.png, 1280 px, light
python -m bench.screenshots --all FOLDER          # each page × width × theme × language
"""

import argparse
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
README = {
    "atlas": "/",
    "challenge": "/challenges/hallucinations/",
    "papers": "/papers/?challenge=hallucinations&domain=medicine",
    "review": "/review/",
}
PAGES = {
    **README,
    "challenges": "/challenges/",
    "domains": "/domains/",
    "domain": "/domains/medicine/",
    "narrower": "/challenges/chain-of-thought/",
    "papers-all": "/papers/",
    "papers-none": "/papers/?q=zzzz",
    "survey": "/papers/2307.10169/",
    "ingest": "/ingest/",
    "suggester": "/insights/suggester/",
    "sign-in": "/login/",
    "missing": "/nowhere/",
}
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def open_page(
    browser: Browser,
    base: str,
    *,
    width: int = 1280,
    theme: str = "light",
    language: str = "en",
) -> Page:
    """A page of a browser that is signed in as a curator."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        locale=language,
    )
    context.add_cookies([{"name": "django_language", "value": language, "url": base}])
    link = subprocess.run(
        [sys.executable, "manage.py", "create_curator", "screenshots"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    page = context.new_page()
    page.goto(link)
    page.locator("main form button").click()
    return page


def shoot(page: Page, address: str, file: Path, *, whole: bool) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file, full_page=whole)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    parser.add_argument("--only", nargs="*", help="names of pages")
    options = parser.parse_args()
    chromium = subprocess.run(
        ["bin/find-chromium"], check=True, capture_output=True, text=True
    ).stdout.strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        if not options.all:
            page = open_page(browser, options.base)
            for name, path in README.items():
                shoot(
                    page, options.base + path, PICTURES / f"{name}.png", whole=name == "atlas"
                )
            return
        options.all.mkdir(parents=True, exist_ok=True)
        for width in (1280, 390):
            for theme in ("light", "dark"):
                for language in ("en", "ja"):
                    page = open_page(
                        browser, options.base, width=width, theme=theme, language=language
                    )
                    prefix = options.base + ("/ja" if language == "ja" else "")
                    for name, path in PAGES.items():
                        if not options.only or name in options.only:
                            file = options.all / f"{name}-{width}-{theme}-{language}.png"
                            shoot(page, prefix + path, file, whole=True)
                    page.context.close()


if __name__ == "__main__":
    main()
