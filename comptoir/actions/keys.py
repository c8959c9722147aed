"""The key of an act: sent twice under the same key, an act is done once and its result given twice."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, cast

from django.apps import apps
from django.db import connection, models
from django.utils.translation import gettext as _

from comptoir.actions.authority import ActionError, SentForApproval
from comptoir.actions.models import Approval, IdempotencyKey
from comptoir.actions.registry import Spec
from comptoir.actions.rows import write_each
from comptoir.events.actor import Actor
from comptoir.lib import clock

MOST_OF_A_KEY = 100
WAITS = "waits"  # what a key remembers of an act that was sent for approval
CLAIM = """
INSERT INTO actions_idempotencykey (member_id, action, key, input_hash, result_label, created_at)
VALUES (%s, %s, %s, %s, '', %s) ON CONFLICT (member_id, action, key) DO NOTHING RETURNING id
"""


def named(spec: Spec, subject: Any, by: Actor, told: Mapping[str, Any], key: str) -> IdempotencyKey:
    """What an act is known by under a key: whoever sends it, the act, and a digest of its subject and its inputs."""
    digest = hashlib.sha256(json.dumps([getattr(subject, "pk", None), told], sort_keys=True).encode()).hexdigest()
    return IdempotencyKey(member_id=by.pk, action=spec.name, key=key[:MOST_OF_A_KEY], input_hash=digest)


def claim(slot: IdempotencyKey) -> IdempotencyKey | None:
    """Write the row of this key, or find the earlier one with its result. Waits for a twin that is under way."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [slot.member_id, slot.action, slot.key, slot.input_hash, clock.now()])
        new = cursor.fetchone()
    if new:
        slot.pk = new[0]
        return None
    earlier = IdempotencyKey.objects.get(member_id=slot.member_id, action=slot.action, key=slot.key)
    if earlier.input_hash != slot.input_hash:
        raise ActionError(_("This form was sent before with other values: load the page again."))
    return earlier


def settle(slot: IdempotencyKey, result: Any, label: str = "") -> None:
    """Keep what came of the act under its key."""
    is_row = isinstance(result, models.Model)
    slot.result_label = label or (result._meta.label if is_row else "-")
    slot.result_id = result.pk if is_row else None
    write_each([slot], "result_label", "result_id")


def result_of(slot: IdempotencyKey) -> Any:
    """The result an act under the same key had."""
    if slot.result_label == "-":
        return None
    if slot.result_label == WAITS:
        raise SentForApproval(Approval.objects.get(pk=cast(int, slot.result_id)))
    return apps.get_model(slot.result_label)._base_manager.filter(pk=slot.result_id).first()
