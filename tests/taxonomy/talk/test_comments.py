"""Comments: written once, changed and taken back by their authors, hidden by editors."""

import uuid

import pytest
from django.urls import reverse

from taxonomy import people, vocabulary
from taxonomy.errors import CommentClosed
from taxonomy.models import Comment, Notice
from taxonomy.people import Role
from taxonomy.people.limits import Limit
from taxonomy.talk import comments, following, gathering
from taxonomy.talk.following import Target
from tests.factories import ConceptFactory, PaperFactory, UserFactory
from tests.taxonomy.talk.test_gathering import told
from tests.taxonomy.talk.together import at_once

PAGE = "/papers/2501.00001/"


@pytest.fixture
def paper(db):
    return PaperFactory(arxiv_id="2501.00001", title="Some paper")


@pytest.fixture
def ada(db):
    return people.give_role(UserFactory(username="ada"), Role.READER)


@pytest.fixture
def editor(db):
    return people.give_role(UserFactory(username="ed"), Role.EDITOR)


def write(author, paper, text="Some words."):
    return comments.write(author, text, uuid.uuid4(), paper=paper.pk)


# Telling


def test_followers_and_those_who_are_named_are_told_once(ada, reader, paper):
    followers = [reader, UserFactory(username="bo"), ada]
    for user in followers:
        following.follow(user, Target(paper=paper.pk))
    write(ada, paper, "What do you think, @Bo?")
    assert [gathering.gather() for _ in range(2)] == [2, 0]
    assert told(reader) == [("ada commented", "Some paper")]
    assert told(followers[1]) == [("ada mentioned you", "Some paper")]
    assert told(ada) == []


def test_who_is_named_only_later_is_told_later(ada, paper):
    bo, concept = UserFactory(username="bo"), ConceptFactory()
    comment = comments.write(ada, "Hm.", uuid.uuid4(), concept=concept.pk)
    gathering.gather()
    comments.edit(ada, comment.pk, "Hm, @bo.")
    gathering.gather()
    assert [what for what, _ in told(bo)] == ["ada mentioned you"]


@pytest.mark.parametrize("away", ["deleted", "hidden"])
def test_of_what_is_gone_nobody_is_told(ada, reader, editor, paper, away):
    following.follow(reader, Target(paper=paper.pk))
    comment = write(ada, paper, "@reader, look")
    if away == "deleted":
        comments.delete(ada, comment.pk)
    else:
        comments.hide(editor, comment.pk)
    assert gathering.gather() == 0


# Changing


def test_only_the_author_changes_a_comment_and_not_after_deleting_it(ada, reader, paper):
    comment = write(ada, paper)
    for verb in (lambda u: comments.edit(u, comment.pk, "x"),
                 lambda u: comments.delete(u, comment.pk)):  # fmt: skip
        with pytest.raises(CommentClosed):
            verb(reader)
    assert comments.edit(ada, comment.pk, " Other \r\nwords. ").text == "Other\nwords."
    deleted = comments.delete(ada, comment.pk)
    assert (deleted.text, deleted.deleted_at is not None) == ("", True)
    with pytest.raises(CommentClosed):
        comments.edit(ada, comment.pk, "x")


def test_leaving_takes_the_name_from_ones_comments_and_from_those_of_others(ada, reader, paper):
    mine, other = write(ada, paper), write(reader, paper, "I agree, @Ada. See https://a.b/@ada")
    people.delete_account(ada)
    for row in (mine, other):
        row.refresh_from_db()
    assert mine.author.username == f"deleted-{ada.pk}"
    assert other.text == f"I agree, @deleted-{ada.pk}. See https://a.b/@ada"
    assert not other.mentions.exists()


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_four_times_at_once_comments_once():
    author, paper, key = UserFactory(), PaperFactory(), uuid.uuid4()
    rows = at_once(*[lambda: comments.write(author, "Once.", key, paper=paper.pk)] * 4)
    assert {row.pk for row in rows} == {Comment.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_edit_and_delete_and_hide_at_once_leave_a_comment_that_holds():
    author, editor, paper = UserFactory(), UserFactory(), PaperFactory()
    for _ in range(4):
        comment = write(author, paper)
        edited, deleted, again, _hidden = at_once(
            lambda pk=comment.pk: comments.edit(author, pk, "Other."),
            lambda pk=comment.pk: comments.delete(author, pk),
            lambda pk=comment.pk: comments.delete(author, pk),
            lambda pk=comment.pk: comments.hide(editor, pk),
        )
        assert isinstance(edited, Comment | CommentClosed)
        assert {type(deleted), type(again)} == {Comment, CommentClosed}
        comment.refresh_from_db()
        assert (comment.text, comment.deleted_at is not None) == ("", True)
    comment = write(author, paper)
    heard = at_once(*[lambda: comments.hide(editor, comment.pk)] * 3)
    assert sorted(heard) == [False, False, True]
    assert sorted(at_once(*[lambda: comments.unhide(comment.pk)] * 3)) == [False, False, True]


# Pages


@pytest.mark.parametrize("count", [1, 3])
def test_comments_cost_the_same_for_many(
    client, ada, editor, paper, count, django_assert_num_queries
):
    for _ in range(count):
        write(ada, paper, "See @ada and https://x.org")
    client.force_login(editor)
    vocabulary.current()
    with django_assert_num_queries(4):  # session with user, paper, rows
        page = client.get(f"{PAGE}comments/")
    assert page.text.count('<li id="comment-') == count


def test_a_comment_is_written_read_edited_and_deleted_without_javascript(client, ada, paper):
    client.force_login(ada)
    form = client.get(PAGE).context["talk"].form
    values = {"text": "<b>Bold</b>\n\nhttps://x.org", "key": form.initial["key"]}
    for _ in range(2):
        sent = client.post(f"{PAGE}comments/", values)
    comment = Comment.objects.get()
    assert sent["Location"] == reverse("taxonomy:comment", args=[comment.pk])
    page = client.get(sent["Location"], follow=True)
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page.text
    assert '<a class="link" href="https://x.org" rel="nofollow ugc noopener">' in page.text
    client.post(reverse("taxonomy:comment-edit", args=[comment.pk]), {"text": "Other words"})
    page = client.get(PAGE)
    assert ("Other words" in page.text, "edited" in page.text) == (True, True)
    assert client.get(f"{PAGE}comments/?part=count").text == "1"
    client.post(reverse("taxonomy:comment-delete", args=[comment.pk]))
    page = client.get(PAGE)
    assert ("Other words" in page.text, "Deleted by its author" in page.text) == (False, True)
    assert client.get(f"{PAGE}comments/?part=count").text == "0"


def test_with_htmx_the_comments_alone_come_back_with_an_empty_form(client, ada, paper):
    client.force_login(ada)
    values = {"text": "Some words.", "key": uuid.uuid4()}
    answer = client.post(f"{PAGE}comments/", values, headers={"hx-request": "true"})
    assert answer.text.lstrip().startswith('<section id="talk"')
    assert answer.text.count("Some words.") == 1
    assert str(values["key"]) not in answer.text


@pytest.mark.parametrize("text", ["", " \n\x00 ", "x" * 4001])
def test_what_says_nothing_or_too_much_is_refused(client, ada, paper, text):
    client.force_login(ada)
    page = client.post(f"{PAGE}comments/", {"text": text, "key": uuid.uuid4()})
    assert page.context["talk"].form.errors["text"]
    assert not Comment.objects.exists()


def test_a_hidden_comment_is_read_by_its_author_and_editors_only(client, ada, editor, paper):
    comment = write(ada, paper, "Rude words")
    client.force_login(editor)
    client.post(reverse("taxonomy:comment-hide", args=[comment.pk]))
    seen = {"anonymous": False, ada: True, editor: True, UserFactory(): False}
    for who, reads in seen.items():
        client.logout()
        if who != "anonymous":
            client.force_login(who)
        text = client.get(PAGE).text
        assert ("Rude words" in text, "Hidden by an editor" in text) == (reads, not reads)
    client.force_login(editor)
    client.post(reverse("taxonomy:comment-hide", args=[comment.pk]), {"show": "1"})
    client.logout()
    assert "Rude words" in client.get(PAGE).text


def test_another_persons_comment_is_neither_edited_nor_deleted(client, ada, editor, paper):
    comment = write(ada, paper)
    client.force_login(editor)
    for name in ("taxonomy:comment-edit", "taxonomy:comment-delete"):
        address = reverse(name, args=[comment.pk])
        assert client.post(address, {"text": "x"}).status_code == 404
    comment.refresh_from_db()
    assert comment.text == "Some words."


def test_who_writes_too_much_has_to_wait(client, ada, paper, monkeypatch):
    monkeypatch.setattr(comments, "WRITING", Limit("few comments", tries=1, seconds=60))
    client.force_login(ada)
    heard = [
        client.post(f"{PAGE}comments/", {"text": "x", "key": uuid.uuid4()}).status_code
        for _ in range(2)
    ]
    assert heard == [302, 429]


def test_earlier_comments_are_a_page_back(client, ada, paper):
    rows = [write(ada, paper) for _ in range(23)]
    page = client.get(PAGE)
    assert [line.row for line in page.context["talk"].lines] == rows[3:]
    assert page.context["talk"].count == 23
    page = client.get(f"{PAGE}comments/", {"before": page.context["talk"].older})
    assert [line.row for line in page.context["talk"].lines] == rows[:3]


def test_concepts_are_commented_on_as_well(client, ada):
    concept = ConceptFactory(slug="latency", label="Latency")
    client.force_login(ada)
    client.post("/challenges/latency/comments/", {"text": "Yes", "key": uuid.uuid4()})
    comment = Comment.objects.get()
    assert comment.concept == concept
    assert comment.text in client.get("/challenges/latency/").text
    assert client.get("/domains/latency/comments/").status_code == 404


def test_what_a_notice_quotes_goes_with_the_comment(client, ada, reader, paper):
    following.follow(reader, Target(paper=paper.pk))
    comment = write(ada, paper, "Quoted words")
    gathering.gather()
    client.force_login(reader)
    assert "Quoted words" in client.get("/inbox/").text
    comments.delete(ada, comment.pk)
    assert "Quoted words" not in client.get("/inbox/").text
    assert Notice.objects.count() == 1
