"""How long the server works on each page, and how heavy the atlas is on the wire.

    python -m bench.pages [--papers 20000] [--rounds 40]

Times are medians of whole requests through Django's handler in one process, beside the
floor `/healthz`, which touches neither template nor database. Weight is what a browser
would load for the atlas: the page and each file it names, compressed.
"""

import argparse
import gzip
import json
import re
import statistics
import time
from pathlib import Path
from typing import Any

from bench import home

RESULTS = Path(__file__).parent / "results" / "pages.json"
ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def median_ms(client: Any, path: str, rounds: int) -> float:
    times = []
    for _ in range(rounds + 3):
        began = time.perf_counter()
        response = client.get(path)
        times.append(1000 * (time.perf_counter() - began))
        assert response.status_code == 200, (path, response.status_code)
    return statistics.median(times[3:])


def weight(client: Any, path: str) -> dict[str, int]:
    """Bytes by address, each compressed as the server would send it."""
    from django.conf import settings  # noqa: PLC0415  (set up by bench.home)

    page = client.get(path)
    found = {path: len(gzip.compress(page.content, 6))}
    for address in sorted(set(ASSET.findall(page.text))):
        file = Path(settings.STATIC_ROOT) / address.removeprefix("/static/")
        packed = [file.with_name(file.name + end) for end in (".br", ".gz")]
        sent = next((one for one in packed if one.exists()), file)
        found[address] = sent.stat().st_size
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    home.start()
    home.fill(options.papers)
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(headers={"accept-language": "en"})
    paths = {
        "floor": "/healthz",
        "atlas": "/?",
        "challenges": "/challenges/",
        "challenge": "/challenges/hallucinations/",
        "papers": "/papers/",
        "papers of a cell": "/papers/?challenge=hallucinations&domain=medicine",
        "papers found": "/papers/?q=watermark+latency",
        "api papers": "/api/v1/papers/?challenge=hallucinations",
    }
    times = {name: median_ms(client, path, options.rounds) for name, path in paths.items()}
    weights = weight(client, "/?")
    result = {
        "papers": options.papers,
        "median_ms": {name: round(value, 2) for name, value in times.items()},
        "times_the_floor": {name: round(v / times["floor"], 1) for name, v in times.items()},
        "atlas_bytes": sum(weights.values()),
        "atlas_files": weights,
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    for name, value in times.items():
        print(f"{name:>18}  {value:8.2f} ms  {value / times['floor']:7.1f} × the floor")
    print(
        f"{'atlas, loaded':>18}  {sum(weights.values()) / 1000:8.1f} kB in {len(weights)} files"
    )
    home.stop()


if __name__ == "__main__":
    main()
