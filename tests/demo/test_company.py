"""The demo company as a whole: sound, and the same every time."""

from collections import Counter
from collections.abc import Iterator

import pytest

from comptoir.cases.models import Case, Draft
from comptoir.catalog.models import (
    Agreement,
    AgreementFile,
    CustomerPart,
    FreightZone,
    Price,
    Product,
    ProductLink,
    Site,
    Stock,
)
from comptoir.catalog.queries import invariants as catalog_invariants
from comptoir.catalog.queries import levels, price_for
from comptoir.customers.models import Customer, Identity, Link
from comptoir.demo import load
from comptoir.events.models import Event, EventSubject
from comptoir.events.queries import story
from comptoir.lib import clock
from comptoir.lib.numbers import valid
from comptoir.orders import demand, reading
from comptoir.orders.actions.versions import snapshot
from comptoir.orders.call_offs import call_offs_of
from comptoir.orders.guards import exposure_of
from comptoir.orders.models import (
    DemandRelease,
    InboundDocument,
    Line,
    Order,
    OrderChange,
    OrderHold,
    OrderVersion,
    Quote,
    ScheduleLine,
)
from comptoir.orders.queries import invariants as order_invariants
from comptoir.orders.quoting import lines_of_order
from comptoir.orders.repricing import repriced, today_of
from comptoir.orders.totals import totals
from comptoir.orders.whatif import what_if
from comptoir.people.models import Member
from comptoir.promises.models import Promise
from comptoir.promises.queries import invariants as promise_invariants
from tests.conftest import Lasting
from tests.demo.moments import MOMENTS

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", params=MOMENTS, ids=str)
def company(lasting: Lasting, request: pytest.FixtureRequest) -> Iterator[None]:
    """Opened at one moment, and looked at in the minutes after it."""
    with lasting(), clock.at(request.param):
        load.build(share=0.15)
        yield


def test_nothing_is_unsound(company: None) -> None:
    findings = [*catalog_invariants(), *order_invariants(), *promise_invariants()]
    assert [f for f in findings if f.count] == []


def test_a_desk_where_somebody_works_is_left_alone(company: None) -> None:
    assert load.build(share=0.08) is False


def test_orders_are_in_all_states_and_numbers_pass_their_check(company: None) -> None:
    assert set(Order.objects.values_list("state", flat=True)) == set(Order.State.values)
    assert all(valid(number) for number in Order.objects.values_list("number", flat=True))
    assert set(Customer.objects.values_list("country", flat=True)) == {"FR", "BE", "GB", "IE", "DK", "SK", "BG", "NL"}
    assert not Identity.objects.filter(normal="").exists()


def test_planning_has_planned_most_and_still_owes_some_answers(company: None) -> None:
    states = Counter(DemandRelease.objects.values_list("state", flat=True))
    assert states["acknowledged"] > states["released"] >= 10
    assert states["refused"] == 2
    assert 6 <= len(demand.differing(demand.released())) <= 10
    assert len(demand.unreleased()) == 9
    assert not any(finding.count for finding in demand.invariants())


def test_some_orders_are_followed_by_a_link_and_one_reader_asked(company: None) -> None:
    assert Link.objects.filter(kind="order").count() == 4
    case = Case.objects.get(channel="web", links__object_id__in=Link.objects.values("subject_id"))
    assert case.owner is not None
    assert case.asks.exists()
    assert Customer.objects.filter(sponsor__role="manager").count() == 5


def test_changes_are_negotiated_one_of_them_against_another(company: None) -> None:
    states = Counter(OrderChange.objects.exclude(state="applied").values_list("state", flat=True))
    assert states == {"offered": 1, "countered": 1, "requested": 1, "accepted": 1}
    assert "changed meanwhile" in OrderChange.objects.get(state="accepted").answer


def test_the_last_version_of_an_order_says_what_the_order_says(company: None) -> None:
    versions = OrderVersion.objects.select_related(
        "order__customer", "order__contact", "order__ship_to", "order__bill_to"
    )
    checked = 0
    for version in versions:
        if version.version == version.order.version:
            assert version.snapshot == snapshot(version.order)
            checked += 1
    assert checked > 80


def test_every_promised_schedule_line_has_its_promise_and_no_level_is_below_nothing(company: None) -> None:
    rows = ScheduleLine.objects.exclude(promised_on=None).exclude(state="cancelled")
    promises = {p.subject_id: p for p in Promise.objects.filter(kind="deliver").exclude(state="revised")}
    for row in rows:
        assert promises[row.pk].due_on == row.promised_on
        assert (promises[row.pk].state in ("kept", "kept_late")) == (row.state == "delivered")
    for stock in Stock.objects.filter(is_short=False):
        assert min(level.available for level in levels(stock, clock.today())) >= 0


def test_events_have_subjects_and_none_lies_in_the_future(company: None) -> None:
    assert not Event.objects.filter(occurred_at__gt=clock.now()).exists()
    with_subject = set(EventSubject.objects.values_list("event_id", flat=True))
    assert set(Event.objects.values_list("pk", flat=True)) == with_subject
    for order in Order.objects.exclude(version=0):
        verbs = [event.verb for event in story(order)]
        assert verbs[-1] == "orders.placed"
        assert verbs.count("orders.confirmed") == order.version


def test_a_line_that_lacks_goods_can_come_from_the_other_site(company: None) -> None:
    works, branch = Site.objects.order_by("pk")
    risky = Promise.objects.standing().filter(subject_noun="scheduleline", at_risk_at__isnull=False)
    named = ("line__product", "line__order", "order__customer", "order__ship_to", "order__site", "supplied_from")
    rows = ScheduleLine.objects.filter(pk__in=risky.values("subject_id")).select_related(*named)
    rep = Member.objects.get(email="marc@lyskamp.example")
    ways = [one for row in rows for one in what_if(row, row.promised_on, rep).options if one.kind == "site"]
    assert any(one.action == "orders.supply_from" and one.inputs["site"] == branch.pk for one in ways)
    assert works.stock.count() > branch.stock.count() > 5


def test_customers_have_numbers_and_prices_of_their_own_that_hold_now(company: None) -> None:
    today = clock.today()
    assert CustomerPart.objects.filter(part_number="ARM-4410").exists()
    assert CustomerPart.objects.values("customer").distinct().count() >= 10
    assert Price.objects.filter(customer_class="A").exists()
    own = list(Price.objects.exclude(customer=None).select_related("customer", "product"))
    assert len({price.customer_id for price in own}) >= 8
    for price in own:
        quoted = price_for(price.customer, price.product, price.minimum_quantity, today)
        assert quoted is not None
        assert (quoted.source, quoted.unit_price) == ("contract", price.unit_price)


def test_what_is_known_of_products_stands_on_their_pages(company: None) -> None:
    pump = Product.objects.get(number="NB-50-200")
    assert {row.kind for row in pump.files.all()} == {"picture", "sheet"}
    assert pump.notes.count() == 1
    assert pump.links.count() == 3
    sold_to = set(Order.objects.values_list("ship_to__country", flat=True))
    assert sold_to <= {code for zone in FreightZone.objects.all() for code in zone.countries}


def test_agreements_are_in_all_states_and_in_the_customers_languages(company: None) -> None:
    made = list(Agreement.objects.select_related("customer"))
    assert {one.state for one in made} == set(Agreement.State.values)
    assert {one.customer.language for one in made} == {"en", "fr", "da", "sk", "bg"}
    assert all(one.signed_by for one in made if one.signed_on)
    for one in made:
        assert all(event.occurred_at <= clock.now() for event in story(one))
    kept = AgreementFile.objects.get()
    assert kept.file.read().startswith(b"%PDF-")


def test_orders_call_off_from_agreements_at_their_prices(company: None) -> None:
    called = list(Line.objects.exclude(agreement_line=None).select_related("order", "agreement_line__agreement"))
    assert called
    for line in called:
        agreed = line.agreement_line
        assert (line.unit_price, line.product_id) == (agreed.unit_price, agreed.product_id)
        assert agreed.agreement.customer_id == line.order.customer_id
        assert agreed.agreement.valid_from <= line.order.placed_at.date() <= agreed.agreement.valid_until
    for agreement in Agreement.objects.filter(kind="blanket"):
        assert all(one.left >= 0 for one in call_offs_of(agreement))


def test_drafts_of_quotes_stand_at_the_prices_of_today(company: None) -> None:
    drafts = list(Quote.objects.filter(state="draft"))
    assert drafts
    assert not [str(other) for draft in drafts for other in repriced(today_of(draft, lines_of_order(draft)))]


def test_what_is_no_longer_sold_names_what_follows_and_nobody_ordered_it(company: None) -> None:
    former = Product.objects.filter(state=Product.State.ENDED)
    assert all(product.links.get().kind == ProductLink.Kind.SUCCESSOR for product in former)
    assert former.count() == 2
    assert not Line.objects.filter(product__in=former).exists()
    assert Line.objects.filter(ordered_unit="box").exists()


def test_an_order_held_for_credit_is_above_its_customers_limit(company: None) -> None:
    held = list(OrderHold.objects.filter(kind="credit", lifted_at=None).select_related("order__customer"))
    assert held
    for hold in held:
        customer = hold.order.customer
        assert exposure_of(customer) + totals(hold.order).net > customer.credit
        assert "credit limit" in hold.note


def test_vat_follows_from_who_buys(company: None) -> None:
    found = set(Order.objects.values_list("ship_to__country", "tax_reason", "lines__tax_category", "lines__tax_rate"))
    for country, reason, category, rate in found:
        expected = {"BE": ("domestic", "S", 21), "GB": ("export", "G", 0)}.get(country, ("union", "K", 0))
        assert (reason, category, rate) == expected


def test_one_order_waits_to_be_confirmed_and_one_that_no_program_can_read(company: None) -> None:
    for document in InboundDocument.objects.filter(state="received"):
        reading.read(document.pk)
    rows = {row.read.said("po_number"): row for row in InboundDocument.objects.filter(source="attachment")}
    waiting, scanned = rows["CDE-26-1148"], rows[""]
    assert (waiting.state, len(waiting.read.lines), waiting.read.problems) == ("parsed", 6, [])
    assert waiting.read.said("requested_on")
    assert waiting.read.said("ship_to")
    assert (scanned.state, scanned.problem, len(scanned.words["pages"])) == ("error", "empty", 1)
    assert all(row.case_id and row.customer for row in rows.values())


def test_orders_that_differ_stand_in_every_state_of_the_comparison(company: None) -> None:
    told = {}
    for order in Order.objects.filter(po_number__in=("4500-77120", "P-118240", "MRO-5521")):
        rows = order.verifications.get().differences
        told[order.state] = {c: rows.filter(colour=c).count() for c in ("red", "amber")}
    assert told["discrepant"] == {"red": 2, "amber": 2}
    assert told["verifying"] == {"red": 0, "amber": 1}
    assert told["clarifying"] == {"red": 1, "amber": 0}
    assert "BV-DN50" in Draft.objects.get(text__contains="MRO-5521").text


def test_some_orders_left_in_part_and_what_was_left_of_one_is_cancelled(company: None) -> None:
    rows = list(ScheduleLine.objects.exclude(shipped_quantity=0).select_related("order").order_by("pk"))
    in_part = [row for row in rows if row.is_partly_shipped]
    assert len({row.order_id for row in in_part}) == 2
    assert all(row.order.state == "in_fulfilment" and row.is_moveable for row in in_part)
    rest = ScheduleLine.objects.get(state="cancelled", line__schedule_lines__state="shipped")
    assert 0 < rest.line.cancelled_quantity < rest.line.quantity
