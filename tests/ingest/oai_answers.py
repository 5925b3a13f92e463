"""The OAI-PMH side of the small arXiv: answers made of its records, and faults of its own."""

from urllib.parse import parse_qs, urlencode
from xml.sax.saxutils import escape

RESPONDED = "2025-07-01T04:05:06Z"
RAW, SPLIT = "http://arxiv.org/OAI/arXivRaw/", "http://arxiv.org/OAI/arXiv/"


def wrap(body, responded=RESPONDED):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>{responded}</responseDate><request>http://x/oai</request>{body}</OAI-PMH>"
    )


def error(code, message=""):
    return wrap(f'<error code="{code}">{escape(message)}</error>')


def listing(records, token="", verb="ListRecords"):
    return wrap(f"<{verb}>{''.join(records)}{token}</{verb}>")


def changed(record):
    """The day its record last changed."""
    return record.datestamp or (record.updated or record.published).date().isoformat()


def header_of(record):
    status = ' status="deleted"' * record.deleted
    return (
        f"<header{status}><identifier>oai:arXiv.org:{record.arxiv_id}</identifier>"
        f"<datestamp>{changed(record)}</datestamp><setSpec>cs:cs:CL</setSpec></header>"
    )


def record_of(record, prefix="arXivRaw"):
    if record.oai:
        return record.oai
    if record.deleted:
        return f"<record>{header_of(record)}</record>"
    form = raw_of(record) if prefix == "arXivRaw" else split_of(record)
    return f"<record>{header_of(record)}<metadata>{form}</metadata></record>"


def _texts(record):
    said = {
        "title": record.title,
        "categories": " ".join(record.categories),
        "comments": record.comment,
        "license": record.licence,
        "abstract": f"  {record.abstract}\n",
    }
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in said.items() if text)


def raw_of(record):
    updated = record.updated or record.published
    versions = ""
    for number in range(1, record.version + 1):
        when = record.published if number == 1 else updated
        gone = record.withdrawn and number == record.version
        versions += (
            f'<version version="v{number}"><date>{when:%a, %d %b %Y %H:%M:%S GMT}</date>'
            f"<size>{'0kb' if gone else '9kb'}</size>"
            f"<source_type>{'I' if gone else 'D'}</source_type></version>"
        )
    names = escape(", ".join(record.authors))
    return (
        f'<arXivRaw xmlns="{RAW}"><id>{record.arxiv_id}</id><submitter>Ada</submitter>'
        f"{versions}<authors>{names}</authors>{_texts(record)}</arXivRaw>"
    )


def split_of(record):
    authors = ""
    for name in record.authors:
        forenames, _, keyname = escape(name).rpartition(" ")
        authors += (
            f"<author><keyname>{keyname}</keyname><forenames>{forenames}</forenames></author>"
        )
    updated = f"<updated>{record.updated:%Y-%m-%d}</updated>" if record.updated else ""
    return (
        f'<arXiv xmlns="{SPLIT}"><id>{record.arxiv_id}</id>'
        f"<created>{record.published:%Y-%m-%d}</created>{updated}"
        f"<authors>{authors}</authors>{_texts(record)}</arXiv>"
    )


def answer(fake, query, fault):
    """What the server says to this request, whatever is done to it on the way."""
    verb = query.get("verb")
    if fault == "error":
        return error("badArgument", "the request is not right")
    if fault == "zero":
        return error("noRecordsMatch")
    if verb == "Identify":
        return wrap(
            "<Identify><repositoryName>arXiv</repositoryName>"
            "<earliestDatestamp>2005-09-16</earliestDatestamp></Identify>"
        )
    if verb == "GetRecord":
        wanted = query["identifier"].removeprefix("oai:arXiv.org:")
        found = [r for r in fake.records if r.arxiv_id == wanted]
        body = "".join(record_of(r, query["metadataPrefix"]) for r in found)
        return wrap(f"<GetRecord>{body}</GetRecord>") if found else error("idDoesNotExist")
    return _list(fake, verb, query, fault)


def _list(fake, verb, query, fault):
    if token := query.get("resumptionToken"):
        if fault == "badtoken" or fake.tokens_expired:
            return error("badResumptionToken", "expired")
        # As in arXiv's own: a query of its own, which only comes back whole if encoded.
        query = {name: values[-1] for name, values in parse_qs(token).items()}
    at, prefix = int(query.pop("skip", 0)), query.get("metadataPrefix", "")
    low, high = query.get("from", ""), query.get("until", "9999")
    rows = sorted(
        (r for r in fake.records if low <= changed(r) <= high),
        key=lambda r: (changed(r), r.arxiv_id),
    )
    if fake.disorder:
        rows.reverse()
    if not rows:
        return error("noRecordsMatch")
    page = rows[at : at + fake.oai_page]
    after = at + len(page)
    if fault == "empty":
        page = []
    if fault == "short":
        page = page[: len(page) // 2]
    if fault == "dup" and at:
        page = [rows[at - 1], *page]
    numbers = f' completeListSize="{len(rows)}" cursor="{at}"' * fake.oai_sizes
    follow = urlencode(query | {"skip": after}) if after < len(rows) else ""
    token = f"<resumptionToken{numbers}>{escape(follow)}</resumptionToken>" * (
        len(rows) > len(page)
    )
    one = header_of if verb == "ListIdentifiers" else lambda r: record_of(r, prefix)
    return listing(map(one, page), token, verb)
