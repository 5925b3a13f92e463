"""The review desk by keyboard alone in a real Chromium: how long from a key to the next paper.

    python -m bench.desk_keys [--papers 100000] [--decide 100] [--pause 0.15] [--no-axe]

Of each paper the first suggestion is accepted, the second rejected, the third accepted, each by
its key, `--pause` seconds apart; the third brings the next paper. The clock runs in the page:
from the keydown of that key until the next paper is laid out, has the focus and is painted.
After each paper the accessibility checker looks at the whole page, outside of the clock.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import time
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from bench.desks import site

RESULTS = Path(__file__).parent / "results" / "desk-keys.json"
CHROMIUM = os.environ.get("KADAI_CHROMIUM") or shutil.which("chromium") or "chromium"
KEYS = ("1", "Shift+2", "3")
WATCH = """() => {
  window.bench = { times: [], lost: 0 };
  let pressed = 0, paper = document.querySelector("[data-paper]").dataset.paper;
  document.addEventListener("keydown", () => { pressed = performance.now(); }, true);
  const frame = () => {
    if (document.activeElement === document.body) bench.lost += 1;
    const now = document.querySelector("[data-paper]").dataset.paper;
    if (now !== paper && document.activeElement.id === "desk-title") {
      paper = now;
      bench.times.push(performance.now() - pressed);
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--decide", type=int, default=100)
    parser.add_argument("--pause", type=float, default=0.15)
    parser.add_argument("--no-axe", action="store_true")
    options = parser.parse_args()
    with site(options.papers, 1, workers=2) as where, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(base_url=where.url, reduced_motion="reduce")
        context.add_cookies(
            [{"name": "sessionid", "value": where.cookies[0], "url": where.url}]
        )
        page = context.new_page()
        page.goto("/review/?order=")
        page.evaluate(WATCH)
        violations: list[str] = []
        for number in range(options.decide):
            for key in KEYS:
                page.keyboard.press(key)
                time.sleep(options.pause)
            page.wait_for_function("n => bench.times.length > n", arg=number)
            if not options.no_axe:
                found = Axe().run(page).response["violations"]
                violations += [f"{number}: {rule['id']}" for rule in found]
        times = sorted(page.evaluate("bench.times"))
        lost = page.evaluate("bench.lost")
        decisions = where.ask(
            "SELECT count(*), count(DISTINCT (paper_id, concept_id)) FROM taxonomy_decision d "
            "JOIN taxonomy_user u ON u.id = d.actor_id WHERE username = 'curator0'"
        )[0]
        browser.close()
    result = {
        "papers": options.papers,
        "decided": options.decide,
        "pause_ms": 1000 * options.pause,
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(0.95 * len(times))], 1),
        "worst_ms": round(times[-1], 1),
        "frames_without_focus": lost,
        "axe_violations": violations,
        "axe_checked": not options.no_axe,
        "decisions": list(decisions),
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    right = decisions == (3 * options.decide, 3 * options.decide)
    sys.exit(0 if right and not lost and not violations else 1)


if __name__ == "__main__":
    main()
