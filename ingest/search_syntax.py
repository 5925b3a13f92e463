"""arXiv's search syntax: is it well formed, and if not, what is wrong where. Plain Python.

    search  = term { operator term }        operator = AND | OR | ANDNOT
    term    = [ field ":" ] ( word | '"' phrase '"' ) | "(" search ")"

Narrower than what arXiv lets pass, which ignores some mistakes and answers another question
then. Times of submission are no part of a search: every run sets its own window.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

FIELDS: Final = ("ti", "au", "abs", "co", "jr", "cat", "rn", "id", "all")
OPERATORS: Final = ("AND", "OR", "ANDNOT")
LONGEST = 1_000  # characters, as the database holds
DEEPEST = 20  # brackets in brackets

MEANT: Final = {
    **dict.fromkeys(("title", "titles"), "ti"),
    **dict.fromkeys(("author", "authors"), "au"),
    **dict.fromkeys(("abstract", "summary"), "abs"),
    **dict.fromkeys(("category", "categories", "subject"), "cat"),
    **dict.fromkeys(("comment", "comments"), "co"),
    **dict.fromkeys(("journal", "journal_ref"), "jr"),
    **dict.fromkeys(("report", "report_num"), "rn"),
    **dict.fromkeys(("id_list", "arxiv", "arxiv_id"), "id"),
    **dict.fromkeys(("any", "text", "everything"), "all"),
}
_DATES = {"submitteddate", "lastupdateddate", "date", "published", "updated"}
_TOKEN = re.compile(r'\s*(?P<token>[()]|[^\s()":]+:|"|[^\s()":]+|:)')
_BAD_IN_WORD = re.compile(r"[\[\]{}^~\\*?!|]|^[-+]")
_WORD = re.compile(r'[^\s()":]+')


class Fault(Enum):
    """What can be wrong; the sentences that say so belong to the form."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    TOO_DEEP = "too deep"
    UNKNOWN_FIELD = "unknown field"
    FIELD_CASE = "field in capitals"
    DATE = "date"
    NO_VALUE = "no value"
    OPEN_QUOTE = "open quote"
    EMPTY_PHRASE = "empty phrase"
    OPEN_BRACKET = "open bracket"
    CLOSING_BRACKET = "closing bracket"
    EMPTY_BRACKETS = "empty brackets"
    NO_OPERATOR = "no operator"
    OPERATOR_CASE = "operator in small letters"
    NOT = "not"
    NO_TERM_BEFORE = "no term before"
    NO_TERM_AFTER = "no term after"
    WILDCARD = "wildcard"
    CHARACTER = "character"


class NotASearch(Exception):
    """Cannot be asked of arXiv; `found` stands at character `at`, counted from 0."""

    def __init__(self, fault: Fault, at: int, found: str = "") -> None:
        super().__init__(fault, at, found)
        self.fault = fault
        self.at = at
        self.found = found


@dataclass(frozen=True)
class Term:
    """One word or phrase in one field; without a field it is looked for in all."""

    value: str
    field: str = ""
    quoted: bool = False

    def __str__(self) -> str:
        value = f'"{self.value}"' if self.quoted else self.value
        return f"{self.field}:{value}" if self.field else value


@dataclass(frozen=True)
class Group:
    """Terms with an operator between each two, as they were written."""

    terms: tuple["Node", ...]
    operators: tuple[str, ...]

    def __str__(self) -> str:
        parts = [_in_group(self.terms[0])]
        for operator, term in zip(self.operators, self.terms[1:], strict=True):
            parts += [operator, _in_group(term)]
        return " ".join(parts)


Node: TypeAlias = Term | Group


def _in_group(node: Node) -> str:
    return f"({node})" if isinstance(node, Group) else str(node)


def parse(search: str) -> Node:
    """What `search` asks for. Raises NotASearch with the first thing that is wrong."""
    if len(search) > LONGEST:
        raise NotASearch(Fault.TOO_LONG, LONGEST)
    if not search.strip():
        raise NotASearch(Fault.EMPTY, 0)
    return _Parser(search).whole()


def tidy(search: str) -> str:
    """On one line, with single blanks: what is stored and asked. `search` need not be right."""
    return " ".join(search.split())


@dataclass(frozen=True)
class _Token:
    kind: str  # "(", ")", operator, term
    at: int
    text: str
    term: Term | None = None


class _Parser:
    def __init__(self, search: str) -> None:
        self.search = search
        self.tokens = list(_tokens(search))
        self.next = 0

    def whole(self) -> Node:
        node = self.group(0)
        if token := self.here():  # only a bracket ends a group early
            raise NotASearch(Fault.CLOSING_BRACKET, token.at, ")")
        return node

    def here(self) -> _Token | None:
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def group(self, depth: int) -> Node:
        terms, operators = [self.term(depth)], []
        while (token := self.here()) and token.kind != ")":
            if token.kind != "operator":
                raise NotASearch(Fault.NO_OPERATOR, token.at, token.text)
            self.next += 1
            operators.append(token.text)
            terms.append(self.term(depth, token))
        if not operators:
            return terms[0]
        return Group(tuple(terms), tuple(operators))

    def term(self, depth: int, operator: _Token | None = None) -> Node:
        token = self.here()
        if token is None or token.kind == ")":
            if operator:
                raise NotASearch(Fault.NO_TERM_AFTER, operator.at, operator.text)
            at = token.at if token else len(self.search)
            raise NotASearch(Fault.EMPTY_BRACKETS if depth else Fault.CLOSING_BRACKET, at, ")")
        if token.kind == "operator":
            raise NotASearch(Fault.NO_TERM_BEFORE, token.at, token.text)
        self.next += 1
        if token.term is not None:
            return token.term
        return self.bracketed(token, depth + 1)

    def bracketed(self, opening: _Token, depth: int) -> Node:
        if depth > DEEPEST:
            raise NotASearch(Fault.TOO_DEEP, opening.at, "(")
        if self.here() is None:
            raise NotASearch(Fault.OPEN_BRACKET, opening.at, "(")
        node = self.group(depth)
        if self.here() is None:
            raise NotASearch(Fault.OPEN_BRACKET, opening.at, "(")
        self.next += 1
        return node


def _tokens(search: str) -> Iterator[_Token]:
    at, end = 0, len(search.rstrip())
    while at < end:
        match = _TOKEN.match(search, at)
        if match is None:  # white space is all that the pattern cannot begin with
            return
        begin, text, at = match.start("token"), match["token"], match.end()
        if text in {"(", ")"}:
            yield _Token(text, begin, text)
        elif text == ":":
            raise NotASearch(Fault.CHARACTER, begin, ":")
        elif text == '"':
            value, at = _phrase(search, begin)
            yield _Token("term", begin, search[begin:at], Term(value, quoted=True))
        elif text.endswith(":"):
            term, at = _fielded(search, begin, text[:-1], at)
            yield _Token("term", begin, search[begin:at], term)
        else:
            yield _bare(text, begin)


def _bare(text: str, at: int) -> _Token:
    if text in OPERATORS:
        return _Token("operator", at, text)
    if text.upper() in OPERATORS:
        raise NotASearch(Fault.OPERATOR_CASE, at, text)
    if text.upper() == "NOT":
        raise NotASearch(Fault.NOT, at, text)
    return _Token("term", at, text, Term(_word(text, at)))


def _fielded(search: str, begin: int, field: str, at: int) -> tuple[Term, int]:
    """The term whose field stands at `begin` and whose value begins at `at`; where it ends."""
    if field.lower() in _DATES:
        raise NotASearch(Fault.DATE, begin, field)
    if field not in FIELDS:
        known = field.lower() in FIELDS
        raise NotASearch(Fault.FIELD_CASE if known else Fault.UNKNOWN_FIELD, begin, field)
    if search[at : at + 1] == '"':
        value, end = _phrase(search, at)
        return Term(value, field, quoted=True), end
    match = _WORD.match(search, at)
    if match is None:
        raise NotASearch(Fault.NO_VALUE, begin, field)
    return Term(_word(match[0], at), field), match.end()


def _phrase(search: str, at: int) -> tuple[str, int]:
    """The words between the quotes of which the first stands at `at`; where it ends."""
    end = search.find('"', at + 1)
    if end < 0:
        raise NotASearch(Fault.OPEN_QUOTE, at, '"')
    value = search[at + 1 : end]
    if not value.strip():
        raise NotASearch(Fault.EMPTY_PHRASE, at, '""')
    if "*" in value:
        raise NotASearch(Fault.WILDCARD, at + 1 + value.index("*"), "*")
    return tidy(value), end + 1


def _word(text: str, at: int) -> str:
    if bad := _BAD_IN_WORD.search(text):
        fault = Fault.WILDCARD if bad[0] in "*?" else Fault.CHARACTER
        raise NotASearch(fault, at + bad.start(), bad[0])
    return text
