"""Who has an account, in which role; and whom one invites."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxonomy import people, vocabulary
from taxonomy.errors import AccountClosed, LastAdmin, NotLimitable, RoleTooHigh
from taxonomy.forms.people import InvitationForm, RoleForm, ScopeForm
from taxonomy.models import Invitation, User
from taxonomy.views.http import CuratorRequest, only_with
from taxonomy.vocabulary import Term, Vocabulary

PER_PAGE = 50

admins_only = only_with("taxonomy.give_role", "people")
inviters_only = only_with("taxonomy.add_invitation", "invitations")


@never_cache
@admins_only
@require_safe
def overview(request: CuratorRequest) -> HttpResponse:
    asked = request.GET.get("q", "").strip()
    found = User.objects.filter(deleted_at__isnull=True).prefetch_related("groups")
    if asked:
        found = found.filter(username__icontains=asked)
    page = Paginator(found.order_by("username"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "q": asked,
        "page": page,
        "members": [
            (user, people.role_of(user), scope)
            for user, scope in zip(page, _scopes(list(page)), strict=True)
        ],
        "curator": people.Role.CURATOR,
        "roles": [(role.value, role.label) for role in people.Role],
    }
    return render(request, "people/members.html", context)


@admins_only
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def set_role(request: CuratorRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(User, pk=pk, deleted_at__isnull=True)
    form = RoleForm(request.POST)
    if not form.is_valid():  # only a hand-made request gets here
        return HttpResponse(form.errors.as_text(), status=400, content_type="text/plain")
    role = people.Role(form.cleaned_data["role"])
    try:
        people.give_role(member, role)
    except LastAdmin as error:
        messages.error(request, str(error))
    else:
        said = _("%(name)s now has the role: %(role)s.")
        messages.success(request, said % {"name": member.username, "role": role.label})
    return redirect("people")


@never_cache
@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def set_scope(request: CuratorRequest, pk: int) -> HttpResponse:
    """The concepts that a curator is limited to, as a tree of boxes."""
    member = get_object_or_404(User, pk=pk, deleted_at__isnull=True)
    terms = vocabulary.current()
    if request.method == "POST":
        form = ScopeForm(terms.by_id, request.POST)
        if not form.is_valid():  # only a hand-made request gets here
            return HttpResponse(form.errors.as_text(), status=400, content_type="text/plain")
        return _limit(request, member, form.cleaned_data["concepts"])
    context = {
        "member": member,
        "is_limitable": people.role_of(member) == people.Role.CURATOR,
        "parts": [
            (_("Challenges"), _tree(terms, terms.challenges, frozenset(member.scope))),
            (_("Application domains"), _tree(terms, terms.domains, frozenset(member.scope))),
        ],
    }
    return render(request, "people/scope.html", context)


@admins_only
@require_POST
def set_active(request: CuratorRequest, pk: int) -> HttpResponse:
    """Closes the account, or with open=1 lets it in again."""
    member = get_object_or_404(User, pk=pk, deleted_at__isnull=True)
    try:
        people.set_active(member, request.POST.get("open") == "1")
    except (LastAdmin, AccountClosed) as error:
        messages.error(request, str(error))
    return redirect("people")


@never_cache
@inviters_only
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def invitations(request: CuratorRequest) -> HttpResponse:
    """The link stands in the answer to the POST and nowhere else, so there is no redirect."""
    form, link = InvitationForm(request.user, request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            secret = people.invite(
                request.user, people.Role(values["role"]), values["note"], values["days"]
            )
        except RoleTooHigh as error:  # the role was taken away a moment ago
            form.add_error("role", str(error))
        else:
            link = request.build_absolute_uri(reverse("join", args=[secret]))
            form = InvitationForm(request.user)
    context = {
        "form": form,
        "link": link,
        "invitations": [
            (one, people.Role(one.role)) for one in Invitation.objects.for_page()[:PER_PAGE]
        ],
    }
    return render(request, "people/invitations.html", context)


@inviters_only
@require_POST
def withdraw(request: CuratorRequest, pk: int) -> HttpResponse:
    if people.withdraw(pk):
        messages.success(request, _("The invitation no longer works."))
    return redirect("invitations")


def _scopes(members: list[User]) -> list[list[Term]]:
    """The concepts that each is limited to. One query, or none if nobody is."""
    if not any(member.scope for member in members):
        return [[] for _ in members]
    by_id = vocabulary.current().by_id
    return [[by_id[id_] for id_ in member.scope if id_ in by_id] for member in members]


def _tree(
    terms: Vocabulary, level: list[Term], chosen: frozenset[int], depth: int = 0
) -> list[tuple[Term, int, bool]]:
    """Each concept below with how deep it lies and whether its box is ticked."""
    rows = []
    for term in level:
        if not term.deprecated or term.id in chosen:
            rows.append((term, depth, term.id in chosen))
            rows += _tree(terms, terms.narrower(term), chosen, depth + 1)
    return rows


def _limit(request: CuratorRequest, member: User, concepts: list[int]) -> HttpResponse:
    try:
        people.set_scope(member, concepts)
    except NotLimitable as error:
        messages.error(request, str(error))
    else:
        text = (
            _("%(name)s decides on these concepts only.")
            if concepts
            else _("%(name)s decides on every concept.")
        )
        messages.success(request, text % {"name": member.username})
    return redirect("people")
