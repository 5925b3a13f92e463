"""How a digest reads: the same as text and as HTML, in the language of whoever gets it."""

from urllib.parse import urlsplit

from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from taxonomy import people, vocabulary
from taxonomy.models import Digest, Notice, Subscription
from taxonomy.talk.words import say

LINES = 40


def letter(
    digest: Digest, subscription: Subscription, unread: QuerySet[Notice], to: str, token: str
) -> EmailMultiAlternatives:
    """The whole e-mail, the same at each attempt. One click ends more of them: RFC 8058."""
    root = people.public_url()
    count = unread.count()
    with translation.override(subscription.language):
        terms = vocabulary.current()
        end = root + reverse("taxonomy:unsubscribe", args=[token])
        subject = ngettext(
            "%(count)s thing happened to what you follow",
            "%(count)s things happened to what you follow",
            count,
        ) % {"count": count}
        context = {
            "subject": subject,
            "lines": [say(one, terms) for one in unread[:LINES]],
            "more": max(count - LINES, 0),
            "root": root,
            "inbox": root + reverse("taxonomy:inbox"),
            "settings": root + reverse("taxonomy:following"),
            "end": end,
            "weekly": subscription.every == Subscription.Every.WEEK,
        }
        text = render_to_string("talk/digest.txt", context)
        html = render_to_string("talk/digest.html", context)
    host = urlsplit(root).hostname
    mail = EmailMultiAlternatives(
        subject=f"[Kadai] {subject}",
        body=text,
        to=[to],
        headers={
            "Message-ID": f"<digest-{digest.pk}-{digest.period}@{host}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{end}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail
