"""What makes the desk look like a Tuesday morning: clocks that run out today, requests that wait, odd mails."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from comptoir.actions import ActionError
from comptoir.actions.approvals import reject
from comptoir.actions.door import perform
from comptoir.cases.clocks import past_closed_days
from comptoir.cases.models import Case, Inbox
from comptoir.connect.email.actions.filing import file_unreadable
from comptoir.connect.email.models import RawMail
from comptoir.customers.models import Identity
from comptoir.demo import asking, content
from comptoir.demo.stage import Play
from comptoir.files.actions import store
from comptoir.lib import clock
from comptoir.lib.calendar import add_business_days
from comptoir.lib.money import Money
from comptoir.orders.models import Reason, ScheduleLine
from comptoir.people.models import Member

# When the customer hears from us next, for the open cases of an owner, one after the other, in minutes from now.
CLOCKS = (-95, 25, 50, 140, 260, -20, 380, 620, 900, 1_210, 1_300, 1_450, 1_500, 1_700, 1_900, 2_100)
RETURNS = (75, 200, 330, 1_500)


def lay_out(plays: list[Play], now: datetime) -> None:
    """Spread what is due over the day: a few late, some within the hour, most later; the snoozed come back today."""
    mine: dict[int, list[Case]] = defaultdict(list)
    away: dict[int, list[Case]] = defaultdict(list)
    for entry in plays:
        case = entry.case
        if case.is_snoozed and case.owner_id:
            away[case.owner_id].append(case)
        elif case.is_worked_on and case.state != Case.State.WAITING and not entry.thread.promise:
            mine[case.owner_id or 0].append(case)
    for cases in mine.values():
        for turn, case in enumerate(sorted(cases, key=lambda c: c.last_message_at)):
            minutes = CLOCKS[turn % len(CLOCKS)]
            moment = now + timedelta(minutes=minutes)
            case.next_update_at = moment if minutes < 60 else past_closed_days(moment)
    for cases in away.values():
        for case, minutes in zip(cases, RETURNS, strict=False):
            case.waiting_until = case.next_update_at = now + timedelta(minutes=minutes)


def settle(plays: list[Play]) -> None:
    """What real actions do once the past is written, and what a bounce leaves behind."""
    _ask(plays)
    asking.build(plays)
    bounced = [e.cast.email for e in plays if e.thread.bounce and e.cast]
    Identity.objects.filter(kind="email", value__in=bounced).update(bounced_at=clock.now())
    _file_what_nobody_can_read()


# Requests


def _ask(plays: list[Play]) -> None:
    """Reps ask for more freight than they may give; one request was refused this morning."""
    now = clock.now()
    asked = []
    for row in content("morning")["requests"]:
        by = Member.objects.get(name=row["by"])
        with clock.at(now - timedelta(minutes=row["minutes_ago"])):
            approval = _requested(plays, by, row)
        if approval is not None:
            asked.append((approval, row))
    for approval, row in asked:
        if "refused_by" in row:
            with clock.at(now - timedelta(minutes=row["minutes_ago"] - 20)):
                reject(approval, by=Member.objects.get(name=row["refused_by"]), answer=row["answer"])


def _requested(plays: list[Play], by: Member, row: dict[str, Any]) -> Any:
    """The approval of the first open line of the member's cases that can be pulled in at all."""
    reason = Reason.objects.get(code="customer_needs_earlier")
    for entry in plays:
        if entry.case.owner_id != by.pk or entry.cast is None or not entry.case.is_worked_on:
            continue
        line = ScheduleLine.objects.select_related("order__ship_to").get(pk=entry.cast.row.pk)
        day = add_business_days(clock.today(), row["days"], line.order.ship_to.country)
        if line.state != "promised" or line.promised_on is None or line.promised_on <= day:
            continue
        cost = Money.of(row["cost"], "EUR")
        inputs = {
            "to": day,
            "reason": reason.pk,
            "freight_cost_0": str(cost.amount),
            "freight_cost_1": "EUR",
            "note": row["note"],
        }
        try:
            return perform("orders.pull_in", by=by, subject=line, inputs=inputs, about=entry.case).approval
        except ActionError:
            continue
    return None


# Odd mails


def _file_what_nobody_can_read() -> None:
    """A mail that arrived broken: it is a case that somebody sees."""
    odd = content("morning")["unreadable"]
    inbox = Inbox.objects.get(language=odd["language"], name=odd["inbox"])
    data = odd["raw"].encode("latin-1", "replace")
    with clock.at(clock.now() - timedelta(minutes=odd["minutes_ago"])):
        file = store(data, "message/rfc822")
        raw = RawMail.objects.create(
            inbox=inbox, source="imap", key="demo", sha256=file.sha256, file=file, envelope_from=odd["sender"],
            received_at=clock.now(),
        )  # fmt: skip
        file_unreadable(raw, odd["why"], odd["sender"])
