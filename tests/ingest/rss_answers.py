"""The daily listing of the small arXiv, in both of its forms."""

from datetime import date
from xml.sax.saxutils import escape

CC_BY = "http://creativecommons.org/licenses/by/4.0/"
EXTENSIONS = (
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
SKIP = "<skipDays><day>Saturday</day><day>Sunday</day></skipDays>"


def kind_of(record, categories):
    new = "new" if record.version == 1 else "replace"
    if record.categories[0] in categories:
        return new
    return "cross" if new == "new" else "replace-cross"


def rss_of(day, records, categories=("cs.CL",), skip=SKIP):
    items = ""
    for record in records:
        terms = "".join(f"<category>{one}</category>" for one in record.categories)
        items += (
            f"<item><title>{escape(record.title)}</title>"
            f"<link>https://arxiv.org/abs/{record.arxiv_id}</link>"
            f"<description>{escape(record.abstract)}</description>"
            f'<guid isPermaLink="false">oai:arXiv.org:{record.arxiv_id}v{record.version}</guid>'
            f"{terms}<pubDate>{day:%a, %d %b %Y} 00:00:00 -0500</pubDate>"
            f"<arxiv:announce_type>{kind_of(record, categories)}</arxiv:announce_type>"
            f"<dc:rights>{record.licence or CC_BY}</dc:rights></item>"
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss {EXTENSIONS} version="2.0"><channel>'
        f"<title>updates</title><pubDate>{day:%a, %d %b %Y} 00:00:00 -0500</pubDate>"
        f"{skip}{items}</channel></rss>"
    )


def atom_of(day, records, categories=("cs.CL",)):
    entries = ""
    for record in records:
        terms = "".join(f'<category term="{one}"/>' for one in record.categories)
        entries += (
            f"<entry><id>oai:arXiv.org:{record.arxiv_id}v{record.version}</id>"
            f"<title>{escape(record.title)}</title>{terms}"
            f"<arxiv:announce_type>{kind_of(record, categories)}</arxiv:announce_type>"
            f"<dc:rights>{record.licence or CC_BY}</dc:rights></entry>"
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed {EXTENSIONS} '
        f'xmlns="http://www.w3.org/2005/Atom"><title>updates</title>'
        f"<updated>{day:%Y-%m-%d}T05:00:07.123456+00:00</updated>{entries}</feed>"
    )


def answer(fake, path):
    """What is announced in these categories; empty: there is no such page."""
    if fake.announced is None:
        return ""
    day, records = fake.announced
    categories = path.removeprefix("/rss/").split("+")
    found = [r for r in records if set(r.categories) & set(categories)]
    return rss_of(day or date(2025, 6, 3), found, categories)
