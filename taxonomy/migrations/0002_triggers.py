"""What a constraint cannot say: append-only rows, kinds across rows, no cycles."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION kadai_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Undo by adding a row that reverts, or deprecate.';
END $$;
CREATE TRIGGER decision_is_append_only BEFORE UPDATE OR DELETE ON taxonomy_decision
    FOR EACH ROW EXECUTE FUNCTION kadai_refuse();
CREATE TRIGGER concept_change_is_append_only BEFORE UPDATE OR DELETE ON taxonomy_conceptchange
    FOR EACH ROW EXECUTE FUNCTION kadai_refuse();
CREATE TRIGGER concept_is_never_deleted BEFORE DELETE ON taxonomy_concept
    FOR EACH ROW EXECUTE FUNCTION kadai_refuse();
CREATE TRIGGER suggestion_is_never_edited BEFORE UPDATE ON taxonomy_suggestion
    FOR EACH ROW EXECUTE FUNCTION kadai_refuse();
"""
DROP_APPEND_ONLY = """
DROP TRIGGER suggestion_is_never_edited ON taxonomy_suggestion;
DROP TRIGGER concept_is_never_deleted ON taxonomy_concept;
DROP TRIGGER concept_change_is_append_only ON taxonomy_conceptchange;
DROP TRIGGER decision_is_append_only ON taxonomy_decision;
DROP FUNCTION kadai_refuse();
"""

RETRACT = """
CREATE FUNCTION kadai_check_retract() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE target taxonomy_decision;
BEGIN
    IF NEW.reverts_id IS NOT NULL THEN
        SELECT * INTO target FROM taxonomy_decision WHERE id = NEW.reverts_id;
        IF target.paper_id <> NEW.paper_id OR target.concept_id <> NEW.concept_id THEN
            RAISE EXCEPTION 'decision % is about another paper or concept', NEW.reverts_id
                USING ERRCODE = 'check_violation';
        END IF;
        IF target.reverts_id IS NOT NULL THEN
            RAISE EXCEPTION 'decision % is itself a revert: decide again', NEW.reverts_id
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER retract_fits_its_decision BEFORE INSERT ON taxonomy_decision
    FOR EACH ROW EXECUTE FUNCTION kadai_check_retract();
"""
DROP_RETRACT = """
DROP TRIGGER retract_fits_its_decision ON taxonomy_decision;
DROP FUNCTION kadai_check_retract();
"""

HIERARCHY = """
CREATE FUNCTION kadai_check_broader() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.broader_id IS NULL THEN RETURN NEW; END IF;
    IF (SELECT kind FROM taxonomy_concept WHERE id = NEW.broader_id) <> NEW.kind THEN
        RAISE EXCEPTION 'concept %: its broader concept is of another kind', NEW.slug
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        WITH RECURSIVE up(id, broader_id, depth) AS (
            SELECT id, broader_id, 1 FROM taxonomy_concept WHERE id = NEW.broader_id
            UNION ALL
            SELECT c.id, c.broader_id, up.depth + 1
            FROM taxonomy_concept c JOIN up ON c.id = up.broader_id WHERE up.depth < 100
        ) SELECT 1 FROM up WHERE id = NEW.id OR depth >= 100
    ) THEN
        RAISE EXCEPTION 'concept %: broader concepts form a circle', NEW.slug
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER broader_fits BEFORE INSERT OR UPDATE OF broader_id, kind ON taxonomy_concept
    FOR EACH ROW EXECUTE FUNCTION kadai_check_broader();
"""
DROP_HIERARCHY = """
DROP TRIGGER broader_fits ON taxonomy_concept;
DROP FUNCTION kadai_check_broader();
"""

KINDS = """
CREATE FUNCTION kadai_check_kinds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT kind FROM taxonomy_concept WHERE id = NEW.challenge_id) <> 'challenge'
    OR (SELECT kind FROM taxonomy_concept WHERE id = NEW.domain_id) <> 'domain' THEN
        RAISE EXCEPTION '%: one end must be a challenge, the other a domain', TG_TABLE_NAME
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER link_joins_challenge_and_domain BEFORE INSERT OR UPDATE ON taxonomy_link
    FOR EACH ROW EXECUTE FUNCTION kadai_check_kinds();
"""
DROP_KINDS = """
DROP TRIGGER link_joins_challenge_and_domain ON taxonomy_link;
DROP FUNCTION kadai_check_kinds();
"""

PREF_LABELS = """
CREATE FUNCTION kadai_check_pref_label() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE scheme text;
BEGIN
    IF NEW.kind <> 'pref' THEN RETURN NEW; END IF;
    SELECT kind INTO scheme FROM taxonomy_concept WHERE id = NEW.concept_id;
    -- Two sessions that add the same label at once must see each other.
    PERFORM pg_advisory_xact_lock(hashtext('kadai pref label ' || scheme));
    IF EXISTS (
        SELECT 1 FROM taxonomy_conceptlabel l JOIN taxonomy_concept c ON c.id = l.concept_id
        WHERE l.kind = 'pref' AND l.language = NEW.language AND c.kind = scheme
          AND lower(l.text) = lower(NEW.text) AND l.id <> NEW.id
    ) THEN
        RAISE EXCEPTION 'another % is already called "%"', scheme, NEW.text
            USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pref_label_is_unique_in_its_scheme
    BEFORE INSERT OR UPDATE ON taxonomy_conceptlabel
    FOR EACH ROW EXECUTE FUNCTION kadai_check_pref_label();
"""
DROP_PREF_LABELS = """
DROP TRIGGER pref_label_is_unique_in_its_scheme ON taxonomy_conceptlabel;
DROP FUNCTION kadai_check_pref_label();
"""


class Migration(migrations.Migration):
    dependencies = [("taxonomy", "0001_initial")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, DROP_APPEND_ONLY),
        migrations.RunSQL(RETRACT, DROP_RETRACT),
        migrations.RunSQL(HIERARCHY, DROP_HIERARCHY),
        migrations.RunSQL(KINDS, DROP_KINDS),
        migrations.RunSQL(PREF_LABELS, DROP_PREF_LABELS),
    ]
