"""What the actions of the registry are played on in the small desk of `tests/world.py`: rows, how they are readied, and inputs.

An action whose subject or input cannot be found from its declaration is named here.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from comptoir.cases.actions import ending, handling
from comptoir.cases.actions.answering import reply
from comptoir.cases.actions.asks import promise_answer
from comptoir.cases.actions.contacts import log_contact
from comptoir.cases.actions.merging import merge
from comptoir.cases.actions.reports import schedule_report
from comptoir.cases.models import Tag, UpdateRule
from comptoir.customers.models import Customer
from comptoir.lib import clock
from comptoir.lib.roles import Role
from comptoir.orders.actions import hold
from comptoir.orders.models import Order, OrderHold, Reason
from comptoir.people.models import Department, Member
from tests import build, changing, goods, shipping
from tests.offers import placed, rule, sent_quote, written_quote
from tests.world import World, pull_in_above_the_limit


def _promised(world: World) -> Any:
    return promise_answer(world.case.asks.first(), by=world.rep, due_at=clock.now() + timedelta(hours=5))


def _promised_and_called(world: World) -> Any:
    made = _promised(world)
    log_contact(by=world.rep, text="Called back", case=world.case, we_called=True)
    return made


def _unfinished(world: World) -> None:
    world.case.asks.update(state="answered")


def _resolved(world: World) -> None:
    _unfinished(world)
    ending.resolve(world.case, by=world.rep, resolution="Done")


def _alert(world: World) -> Any:
    from comptoir.customers.actions import raise_alert

    return raise_alert(world.customer, by=world.rep, text="Pays late")


def _gone(world: World) -> Member:
    from comptoir.people.actions.members import deactivate

    return deactivate(build.member(), by=world.boss)


def _invited(world: World) -> Member:
    from comptoir.people.actions.invitations import invite

    member = build.member()
    world.extra["invitation"] = invite(member, by=world.boss)
    return member


def _part(world: World) -> Any:
    from comptoir.catalog.actions import add_part

    return add_part(build.product(), by=world.senior, customer=world.customer, part_number="ARM-1")


def _batch(world: World) -> Any:
    from comptoir.catalog.actions.batches import keep

    return keep(b"number;name\nNEW-1;New", "new.csv", "", by=world.boss)


def _agreement(world: World) -> Any:
    from datetime import date

    from comptoir.catalog.actions import add_agreement, set_agreement_line
    from comptoir.catalog.models import Agreement

    start = clock.today()
    until, kind = date(start.year + 1, 12, 31), Agreement.Kind.PRICES
    made = add_agreement(world.customer, by=world.senior, kind=kind, valid_from=start, valid_until=until)
    set_agreement_line(made, by=world.senior, product=build.product(), unit_price=build.Decimal("9.5"))
    return made


def _offered(world: World) -> Any:
    from comptoir.catalog.actions import offer_agreement

    return offer_agreement(_agreement(world), by=world.senior)


def _signed(world: World) -> Any:
    from comptoir.catalog.actions import sign_agreement

    return sign_agreement(_offered(world), by=world.senior, signed_by="Claire Moreau")


def _unit(world: World) -> Any:
    from comptoir.catalog.actions import set_unit

    return set_unit(build.product(), by=world.senior, unit="box", factor=build.Decimal(12))  # type: ignore[arg-type]


def _link(world: World) -> Any:
    from comptoir.catalog.actions import link_product
    from comptoir.catalog.models import ProductLink

    return link_product(build.product(), by=world.senior, other=build.product(), kind=ProductLink.Kind.SUBSTITUTE)


def _applied(world: World) -> Any:
    from comptoir.catalog.actions.batches import apply_batch

    batch = _batch(world)
    return apply_batch(batch, by=world.boss, shown=_digest(batch))


def _digest(batch: Any) -> str:
    from comptoir.catalog import planning

    return planning.plan(batch.text, "", clock.today()).digest


def _bot(world: World) -> Member:
    from comptoir.people.actions.tokens import add_bot

    return add_bot(by=world.boss, name="Shop", role=Role.REP, teams=[world.ours])


def _token(world: World) -> Any:
    from comptoir.people.actions.tokens import issue_token

    return issue_token(world.rep, by=world.rep, name="Shop", scopes=[])


def _resting_bot(world: World) -> Member:
    from comptoir.people.actions.members import deactivate

    return deactivate(_bot(world), by=world.boss)


def _another_line(world: World) -> Any:
    """Another order's line of the same product."""
    from comptoir.orders.actions import NewLine, confirm, place

    product = build.schedule_line(world.order).line.product
    lines = [NewLine(product, Decimal(2), build.workday(15))]
    return build.schedule_line(
        confirm(place(world.customer, by=world.rep, lines=lines, site=build.site()), by=world.rep)
    )


def _other_site(world: World) -> Any:
    """Another site that keeps what the order's first line is about."""
    from comptoir.catalog.actions import stock_of
    from comptoir.catalog.models import Site

    made = Site.objects.create(code="EAST", name="East", country=build.site().country, time_zone="Europe/Brussels")
    stock = stock_of(build.schedule_line(world.order).line.product, made)
    stock.on_hand = Decimal(50)
    stock.save()
    return made


def _stand_in(world: World) -> Any:
    """What can stand for the product of the order's first line."""
    from comptoir.catalog.models import ProductLink

    made = build.product()
    ProductLink.objects.create(product=build.schedule_line(world.order).line.product, other=made, kind="substitute")
    return made


def _short(world: World) -> None:
    from comptoir.catalog.actions import correct_stock

    row = build.schedule_line(world.order)
    correct_stock(row.line.product, by=world.boss, site=row.order.site, on_hand=Decimal(0), reason="Broken")


def _handed_off(world: World) -> Any:
    from comptoir.cases.actions.handoffs import hand_off

    planning, _new = Department.objects.get_or_create(name="Planning")
    return hand_off(world.case, by=world.rep, department=planning, question="When?")


def _answered(world: World) -> Any:
    from comptoir.cases.actions.handoffs import answer_hand_off

    asked = _handed_off(world)
    return answer_hand_off(asked, by=world.boss, answer=asked.Answer.YES)


def _raised(world: World) -> Any:
    from comptoir.cases.actions.escalating import escalate

    return escalate(world.case, by=build.member(), level="senior", reason="Above my limit")  # type: ignore[arg-type]


def _document(world: World) -> Any:
    from comptoir.orders.actions.documents import receive

    return receive(b"a;b\n1;2", f"order-{len(world.extra)}.csv", by=world.rep, customer=world.customer)


def _layout(world: World) -> Any:
    from comptoir.orders.models import LayoutTemplate

    return LayoutTemplate.objects.create(customer=world.customer, kind="pdf", rules={})


def _compared(world: World) -> Order:
    """An order whose document asks for another quantity."""
    from comptoir.events import journal
    from comptoir.orders.actions.documents import keep_reading
    from comptoir.orders.actions.truth import verify

    order, document = placed(world.customer, world.rep), _document(world)
    part = order.lines.get().product.number
    line = {"part": {"raw": part, "text": part}, "quantity": {"raw": "3", "text": "3"}}
    keep_reading(document, {}, {"lines": [line]}, None)
    document.order = order
    document.save()
    with journal():
        verify(order, document, by=world.rep)
    return order


def _difference(world: World) -> Any:
    return _compared(world).verifications.get().differences.get(field="quantity")


def _accepted(world: World) -> Any:
    from comptoir.orders.actions.truth import accept_difference

    return accept_difference(_difference(world), by=world.rep)


def _released(world: World) -> Any:
    from comptoir.orders.actions.demand import release_demand

    return release_demand(by=world.rep)[0]


def _way_in(world: World) -> Any:
    from comptoir.customers.actions.links import issue
    from comptoir.events import journal

    with journal():
        return issue(world.order, by=world.rep, customer=world.customer, contact=None, kind="order")


PASSWORD = "staple battery horse"
SUBJECTS: dict[str, Callable[[World], Any]] = (
    goods.SUBJECTS
    | changing.SUBJECTS
    | {
        "people.Team": lambda world: world.theirs,
        "people.Member": lambda world: build.member(),
        "people.ApiToken": _token,
        "cases.Case": lambda world: world.case,
        "orders.DemandRelease": _released,
        "fulfilment.Shipment": shipping.shipped,
        "fulfilment.ShipmentTable": shipping.table,
        "cases.HandOff": _handed_off,
        "cases.Escalation": _raised,
        "cases.Ask": lambda world: world.case.asks.first(),
        "cases.Message": lambda world: reply(world.case, by=world.rep, text="Bonjour"),
        "cases.CaseLink": lambda world: world.case.links.first(),
        "cases.Inbox": lambda world: build.inbox(),
        "customers.Customer": lambda world: world.customer,
        "customers.Contact": lambda world: world.customer.contacts.first(),
        "customers.Identity": lambda world: world.customer.identities.first(),
        "customers.Address": lambda world: world.customer.addresses.first(),
        "customers.Alert": _alert,
        "customers.Link": _way_in,
        "orders.Order": lambda world: world.order,
        "orders.ScheduleLine": lambda world: build.schedule_line(world.order),
        "orders.EntryRule": lambda world: rule(world.boss),
        "orders.Quote": lambda world: sent_quote(world.customer, world.rep),
        "orders.InboundDocument": _document,
        "orders.LayoutTemplate": _layout,
        "orders.Difference": _difference,
        "orders.OrderHold": lambda world: hold(world.order, by=world.rep, kind=OrderHold.Kind.CREDIT),
        "people.Department": lambda world: Department.objects.create(name="Quality"),
        "cases.ReportSchedule": lambda world: schedule_report(
            world.customer, by=world.rep, contacts=[world.customer.contacts.first()]
        ),
        "cases.Tag": lambda world: Tag.objects.create(name="urgent"),
        "cases.UpdateRule": lambda world: UpdateRule.objects.create(priority="high", hours=4),
        "orders.Reason": lambda world: (
            build.reason(),
            Reason.objects.create(kind="date", code="date-2", labels={"en": "Weather"}),
        )[1],
        "promises.Promise": _promised,
        "catalog.Agreement": _agreement,
        "catalog.AgreementLine": lambda world: _agreement(world).lines.get(),
        "catalog.Batch": _batch,
        "catalog.Product": lambda world: build.product(),
        "catalog.ProductLink": _link,
        "catalog.ProductUnit": _unit,
        "catalog.CustomerPart": _part,
        "catalog.Supply": lambda world: build.supply(build.product(), 5, 12),
        "actions.Approval": pull_in_above_the_limit,
    }
)
READY: dict[str, Callable[[World], Any]] = {
    "cases.tell_at_risk": _short,
    "cases.told_otherwise": _short,
    "cases.reopen": _resolved,
    "cases.resolve": _unfinished,
    "cases.wake": lambda world: handling.snooze(world.case, by=world.rep, until=clock.now() + timedelta(days=1)),
    "cases.link_order": lambda world: world.case.links.all().delete(),
    "cases.unmerge": lambda world: merge(world.case, by=world.rep, into=world.other),
    "cases.untag": lambda world: handling.tag(world.case, by=world.rep, tag="urgent"),
    "customers.promote": lambda world: Customer.objects.filter(pk=world.customer.pk).update(stage="prospect"),
    "customers.is_back": lambda world: world.customer.contacts.update(is_active=False),
}
OTHER_SUBJECTS: dict[str, Callable[[World], Any]] = changing.OTHER_SUBJECTS | {
    "cases.read_as_order": lambda world: world.case.messages.get(direction="in"),
    "orders.approve_quote": lambda world: written_quote(world.customer, world.rep),
    "orders.send_quote": lambda world: written_quote(world.customer, world.rep),
    "orders.change_quote": lambda world: written_quote(world.customer, world.rep),
    "orders.confirm": lambda world: placed(world.customer, world.rep),
    "orders.compare_again": _compared,
    "cases.ask_differences": _compared,
    "orders.reopen_difference": _accepted,
    "cases.keep_promise": _promised_and_called,
    "catalog.counter_agreement": _offered,
    "catalog.renew_agreement": _signed,
    "catalog.sign_agreement": _offered,
    "catalog.undo_batch": _applied,
    "cases.ask_hand_off_again": _answered,
    "fulfilment.undo_delivery": shipping.delivered,
    "fulfilment.undo_table": shipping.applied_table,
    "people.reactivate": _gone,
    "people.issue_token": _bot,
    "people.reactivate_bot": _resting_bot,
    "people.join": _invited,
}
WORDS: dict[str, Callable[[World], dict[str, Any]]] = (
    goods.WORDS
    | changing.WORDS
    | {
        "orders.pull_in": lambda world: {"to": build.workday(10).isoformat()},
        "orders.correct_difference": lambda world: {"to_value": "3"},
        "orders.set_tolerance": lambda world: {"amber": "1", "red": "2"},
        "orders.enter_document": lambda world: {"customer": str(world.customer.pk)},
        "orders.lend": lambda world: {"other": str(_another_line(world).pk)},
        "orders.split": lambda world: {"quantity": "2"},
        "orders.replace": lambda world: {"product": str(_stand_in(world).pk)},
        "orders.supply_from": lambda world: {"site": str(_other_site(world).pk)},
        "orders.hold_at_entry": lambda world: {"country": "US"},
        "cases.merge": lambda world: {"into": str(world.other.pk)},
        "cases.move_team": lambda world: {"team": str(world.theirs.pk)},
        "cases.log_contact": lambda world: {"channel": "phone"},
        "cases.edit": lambda world: {"subject": "Another subject"},
        "fulfilment.deliver": lambda world: {"on": clock.today().isoformat()},
        "fulfilment.apply_table": lambda world: {"shown": shipping.seen(shipping.table(world))},
        "fulfilment.edit": lambda world: {"tracking": "JD 2"},
        "fulfilment.ship": lambda world: {
            "handed_over_on": "",
            "lines": [{"schedule_line": str(build.schedule_line(world.order).pk), "quantity": "1"}],
        },
        "cases.escalate": lambda world: {"to": ""},
        "customers.set_sponsor": lambda world: {"sponsor": str(world.boss.pk)},
        "cases.hand_off_line": lambda world: {"case": ""},
        "cases.assign": lambda world: {"to": str(world.rep.pk)},
        "cases.dissolve_team": lambda world: {"to": str(world.ours.pk)},
        "email.set_mailbox": lambda world: {"imap_host": "imap.desk.example"},
        "people.change_password": lambda world: {"current": "correct horse battery", "new": PASSWORD},
        "people.set_password": lambda world: {"new": PASSWORD},
        "people.join": lambda world: {"token_hash": world.extra["invitation"].token_hash, "password": PASSWORD},
        "catalog.add_agreement": lambda world: {"valid_until": "2099-12-31"},
        "catalog.edit_agreement": lambda world: {"terms": "Delivered free"},
        "catalog.end_agreement": lambda world: {"last_day": ""},
        "catalog.link_product": lambda world: {"other": str(build.product().pk)},
        "catalog.renew_agreement": lambda world: {"valid_until": "2099-12-31"},
        "catalog.sign_agreement": lambda world: {"signed_on": clock.today().isoformat()},
        "catalog.set_unit": lambda world: {"unit": "box"},
        "catalog.apply_batch": lambda world: {"shown": _digest(_batch(world))},
        "catalog.change_receipt": lambda world: {"quantity": "7"},
        "catalog.correct_stock": lambda world: {"on_hand": "90"},
        "customers.add": lambda world: {"country": "FR"},
        "customers.add_identity": lambda world: {"kind": "email", "value": "new@martin.example"},
        "customers.set_parent": lambda world: {"parent": str(build.customer("Hydraulique Groupe").pk)},
        "customers.set_owner": lambda world: {"owner": str(world.rep.pk)},
    }
)
