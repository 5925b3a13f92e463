"""One factory a model, without surprises: what a test cares about, it says."""

from datetime import UTC, datetime, timedelta

import factory
from django.contrib.auth.models import Permission
from django.utils import timezone

from ingest.models import Harvest, Query, Refusal
from taxonomy import models, vocabulary


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"reader{n}")
    password = "!"  # none that anybody could know


class CuratorFactory(UserFactory):
    """Someone who may decide on papers."""

    username = factory.Sequence(lambda n: f"curator{n}")

    @factory.post_generation
    def may_decide(self, create, extracted, **kwargs):
        self.user_permissions.add(Permission.objects.get(codename="add_decision"))


class ConceptFactory(factory.django.DjangoModelFactory):
    """A top challenge with an English and a Japanese label, known to the vocabulary."""

    class Meta:
        model = models.Concept
        skip_postgeneration_save = True

    kind = models.Concept.Kind.CHALLENGE
    slug = factory.Sequence(lambda n: f"challenge-{n}")
    position = factory.Sequence(lambda n: n)

    @factory.post_generation
    def label(self, create, extracted, **kwargs):
        text = extracted or self.slug.replace("-", " ").capitalize()
        self.labels.create(kind="pref", language="en", text=text)
        self.labels.create(kind="pref", language="ja", text=f"課題 {text}")
        self.texts.create(kind="definition", language="en", text=f"{text} is hard. It is.")
        self.texts.create(kind="definition", language="ja", text=f"{text}は難しい。")
        vocabulary.touch()


class DomainFactory(ConceptFactory):
    kind = models.Concept.Kind.DOMAIN
    slug = factory.Sequence(lambda n: f"domain-{n}")


class PaperFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Paper

    arxiv_id = factory.Sequence(lambda n: f"2501.{n + 1:05d}")
    title = factory.Sequence(lambda n: f"Paper number {n}")
    title_plain = factory.SelfAttribute("title")
    abstract = "An abstract about a language model."
    abstract_plain = factory.SelfAttribute("abstract")
    authors = ["Ada Example", "Bo Sample"]
    categories = ["cs.CL", "cs.AI"]
    published_at = factory.Sequence(
        lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=n)
    )
    updated_at = factory.SelfAttribute("published_at")
    fetched_at = factory.SelfAttribute("published_at")


def new_text(paper, title="Another title", abstract="Another abstract.", **values):
    """Give the paper a new version with another text, as a record from arXiv would."""
    texts = {"title": title, "title_plain": title, "abstract": abstract,
             "abstract_plain": abstract, "version": paper.version + 1} | values  # fmt: skip
    models.Paper.objects.filter(pk=paper.pk).update(**texts)
    paper.refresh_from_db()


class ScreeningFactory(factory.django.DjangoModelFactory):
    """A paper that waits for a curator."""

    class Meta:
        model = models.Screening

    paper = factory.SubFactory(PaperFactory)
    state = models.Screening.State.WAITING
    suggester = "default-1"
    paper_version = 1
    text_revision = 1


class SuggestionFactory(factory.django.DjangoModelFactory):
    """A suggestion on a paper that waits for a curator."""

    class Meta:
        model = models.Suggestion

    paper = factory.LazyFunction(lambda: ScreeningFactory().paper)
    concept = factory.SubFactory(ConceptFactory)
    suggester = "default-1"
    score = 0.9
    paper_version = 1
    evidence = factory.LazyFunction(
        lambda: {
            "spans": [{"field": "title", "start": 0, "end": 5, "weight": 1.0}],
            "signals": {"lexical": 0.9},
        }
    )


class QueryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Query

    slug = factory.Sequence(lambda n: f"query-{n}")
    name = factory.Sequence(lambda n: f"Query {n}")
    search = factory.Sequence(lambda n: f"all:{n}")


class HarvestFactory(factory.django.DjangoModelFactory):
    """A run of June 2025 that ended well and brought nothing."""

    class Meta:
        model = Harvest

    query = factory.SubFactory(QueryFactory)
    way = "search"
    search = factory.SelfAttribute("query.search")
    trigger = Harvest.Trigger.SCHEDULE
    since = datetime(2025, 6, 1, tzinfo=UTC)
    until = datetime(2025, 6, 30, tzinfo=UTC)
    cursor_from = factory.SelfAttribute("until")
    cursor_until = factory.SelfAttribute("until")
    state = Harvest.State.DONE
    finished_at = factory.LazyFunction(timezone.now)


class RefusalFactory(factory.django.DjangoModelFactory):
    """A record without a title, whose id is not legible."""

    class Meta:
        model = Refusal

    harvest = factory.SubFactory(HarvestFactory)
    reason = "no title"
    raw = "<entry/>"
    digest = factory.Sequence(lambda n: f"digest-{n}")
