"""A real Chromium on the live server: pages that fail on any error or foreign request.

`open_page(...)` makes a page signed in as someone, in a theme and at a width; `axe(page)`
returns what the accessibility checker finds. KADAI_CHROMIUM names the browser.
"""

import os
import shutil
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import expect, sync_playwright

CHROMIUM = os.environ.get("KADAI_CHROMIUM") or shutil.which("chromium") or "chromium"
# Beside a page, each window of Chromium loads what its address bar would suggest, which takes
# as long as the page. The last list counts: what Playwright switches off stands here again.
UNSEEN = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"]
ALSO_OFF = [
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "OptimizationHints", "NetworkTimeServiceQuerying"),
    *("AimEnabled", "PreconnectToSearch", "SpareRendererForSitePerProcess"),
]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--mute-audio",
    "--no-first-run",
    f"--disable-features={','.join([*ALSO_OFF, *UNSEEN])}",
]
VIOLATIONS = "axe.run({resultTypes: ['violations']}).then(found => found.violations)"
WIDTHS = {"wide": 1280, "narrow": 390}
PATIENCE = 10_000  # milliseconds; generous, for two processors under load

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium():
    """One browser a module: while it runs, an event loop does, and Django refuses queries
    beside one unless told that no two run at once. Other tests shall not notice."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def site(live_server):
    """The address of a running Kadai."""
    return live_server.url


@pytest.fixture
def open_page(chromium, site):
    """Open an address of the site: `open_page("/review/", user=…, theme="dark")`.

    After the test, every error of the console, every uncaught exception and every request
    to another host fails it.
    """
    contexts, complaints = [], []

    def listen(page):
        def on_console(message):
            if message.type in {"error", "warning"}:
                complaints.append(f"console: {message.text}")

        def on_request(request):
            address = urlsplit(request.url)
            if address.scheme in {"http", "https"} and not request.url.startswith(site):
                complaints.append(f"request to another host: {request.url}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
        page.on("request", on_request)

    def open_(path="/", *, user=None, theme="light", width="wide", script=True, **options):
        context = chromium.new_context(
            base_url=site,
            color_scheme=theme,
            viewport={"width": WIDTHS[width], "height": 860},
            has_touch=width == "narrow",
            java_script_enabled=script,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if user is not None:
            context.add_cookies([session_cookie(user, site)])
        page = context.new_page()
        listen(page)
        page.complaints = complaints
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def axe():
    """`axe(page)`: what breaks WCAG 2.2 AA or good practice, one line a rule."""
    script = Axe().axe_script

    def check(page):
        page.evaluate(script)
        # What is in order, some hundred elements with their places, stays in the browser.
        found = page.evaluate(VIOLATIONS)
        return [
            f"{rule['id']}: {rule['help']} at {[node['target'] for node in rule['nodes']]}"
            for rule in found
        ]

    return check


def session_cookie(user, site):
    """The cookie of a session in which this person is signed in."""
    client = Client()
    client.force_login(user)
    name = django_settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": site}
