"""One record alone, as a refusal keeps it. Plain Python."""

from typing import Final

from ingest.feed import Entry, Refused, refuse
from ingest.oai.answers import OAI, Malformed, ProtocolError, parse_records

_AROUND: Final = (
    f'<OAI-PMH xmlns="{OAI[1:-1]}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<responseDate>2005-09-16T00:00:00Z</responseDate><ListRecords>%s</ListRecords></OAI-PMH>"
)


def read_record(text: str) -> Entry | Refused:
    """The paper in it, or why there is still none. Never raises."""
    try:
        page = parse_records((_AROUND % text).encode(errors="replace"))
    except (Malformed, ProtocolError) as error:
        return refuse(f"not well-formed: {error}", text)
    records: list[Entry | Refused] = [*page.entries, *page.refused]
    if page.deleted or len(records) != 1:
        return refuse("not one record of a paper", text)
    return records[0]
