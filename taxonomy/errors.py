"""Facts that stop a verb. Pages show them as a message, the API as a problem with `code`."""


class TaxonomyError(Exception):
    """Base of all refusals; `code` is stable, the message is for people."""

    code = "refused"
    status = 409  # of the API's answer


class ConceptDeprecated(TaxonomyError):
    """A retired concept takes no new decisions."""

    code = "concept-deprecated"


class KeyReused(TaxonomyError):
    """An idempotency key came again with something else."""

    code = "idempotency-key-reused"


class AlreadyReverted(TaxonomyError):
    """The decision was taken back before."""

    code = "already-reverted"


class NotRevertible(TaxonomyError):
    """A revert is not reverted: one decides again."""

    code = "not-revertible"


class HeldByAnother(TaxonomyError):
    """Another curator has the paper open."""

    code = "held-by-another"


class NotYours(TaxonomyError):
    """A second reading was given to somebody else, or is done."""

    code = "not-yours"


class DataInvalid(TaxonomyError):
    """A file of concepts or works is refused whole; the message has file, line and reason."""

    code = "data-invalid"


class AccountClosed(TaxonomyError):
    """The account exists and may not sign in."""

    code = "account-closed"


class SecretUnreadable(TaxonomyError):
    """A second factor was kept under a key that is not given any more."""

    code = "secret-unreadable"
    silent_variable_failure = True  # a page that only counts codes finds none


class HeadInvalid(TaxonomyError):
    """A text that names no seal."""

    code = "head-invalid"


class TooWide(TaxonomyError):
    """A selection that names neither person, batch nor machine is not taken back."""

    code = "too-wide"


class OutsideScope(TaxonomyError):
    """A curator who is limited to some concepts decides on no others."""

    code = "outside-scope"
    status = 403


class NotLimitable(TaxonomyError):
    """Whoever is no curator is not limited to some concepts."""

    code = "not-limitable"


class LastAdmin(TaxonomyError):
    """Without this account nobody could give roles."""

    code = "last-admin"


class RoleTooHigh(TaxonomyError):
    """One gives no role above one's own."""

    code = "role-too-high"


class NameTaken(TaxonomyError):
    """Another account has the name."""

    code = "name-taken"


class FollowsTooMuch(TaxonomyError):
    """Each search that is followed costs a query a minute."""

    code = "follows-too-much"


class CommentClosed(TaxonomyError):
    """It was deleted, or is not this person's to change."""

    code = "comment-closed"
