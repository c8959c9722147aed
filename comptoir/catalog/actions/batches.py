"""Tables of products, list prices and stock: looked at, applied as one act, undone as one while nothing newer touched them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comptoir.actions import ActionError, Change, action, lock
from comptoir.actions.editing import plain
from comptoir.catalog import book, planning, verbs
from comptoir.catalog.actions.prices import A_DAY, meetings
from comptoir.catalog.actions.sites import administers
from comptoir.catalog.actions.stock import settle, stock_of
from comptoir.catalog.models import Batch, CustomerPart, Price, Product, Stock
from comptoir.catalog.planning import FRESH, OWN, Planned, Step
from comptoir.events import record
from comptoir.lib import clock
from comptoir.lib.text import fold
from comptoir.people.models import Member

KEPT = timedelta(days=7)
Done = list[dict[str, Any]]


def keep(data: bytes, name: str, sign: str, *, by: Member) -> Batch:
    """Keep a table to be looked at; nothing of the catalogue changes. What nobody applied is forgotten after a week."""
    text = book.read(data, sign)
    planning.plan(text, sign, clock.today())
    Batch.objects.filter(state=Batch.State.LOOKED_AT, made_at__lt=clock.now() - KEPT).delete()
    return Batch.objects.create(
        name=name.replace("\0", "")[:150] or "products.csv", text=text, decimal_sign=sign, by=by
    )


@action(
    "catalog.apply_batch",
    subject=Batch,
    authority=administers,
    title=gettext_lazy("Apply the table"),
    labels={"shown": gettext_lazy("What was looked at")},
    is_public=False,
)
def apply_batch(batch: Batch, *, by: Member, shown: str) -> Batch:
    """Write what was looked at; refused when it would change something else by now. Refused rows are left out."""
    if batch.state != Batch.State.LOOKED_AT:
        raise ActionError(_("This table was applied already."))
    seen = planning.plan(batch.text, batch.decimal_sign, clock.today())
    lock(*(row.product for row in seen.to_do if row.product))
    lock(*Stock.objects.filter(product__in=[row.product.pk for row in seen.to_do if row.product]).order_by("pk"))
    plan = planning.plan(batch.text, batch.decimal_sign, clock.today())
    if plan.digest != shown:
        raise ActionError(_("The catalogue has changed since you looked: look at the table once more."))
    if not plan.to_do:
        raise ActionError(_("This table changes nothing."))
    touched = _write_new([row for row in plan.to_do if row.product is None], batch.done)
    touched += [_write(row, row.product, batch.done) for row in plan.to_do if row.product is not None]
    batch.state, batch.applied_at = Batch.State.APPLIED, clock.now()
    batch.save(update_fields=["state", "applied_at", "done"])
    counts = plan.counts
    record(
        verbs.BATCH_APPLIED, by=by, on=[batch, *touched], name=batch.name, new=counts["new"], changed=counts["changed"]
    )
    return batch


def _write_new(rows: list[Planned], done: Done) -> list[Product]:
    """The products that are new, with price and stock: a few statements, however many there are."""
    products: list[Product] = Product.objects.bulk_create([_fresh(row) for row in rows], 1_000)
    steps = [(p, row, step) for p, row in zip(products, rows, strict=True) for step in row.steps]
    prices = Price.objects.bulk_create([_wanted(p, step) for p, _row, step in steps if step.field == "price"], 1_000)
    stocks = Stock.objects.bulk_create(
        [Stock(product=p, site=row.site, on_hand=s.after) for p, row, s in steps if s.field == "on_hand"], 1_000
    )
    done += [_made(row) for row in (*products, *prices, *stocks)]
    return products


def _fresh(row: Planned) -> Product:
    own = {step.field: step.after for step in row.steps if step.field in OWN}
    return Product(number=row.number, **FRESH | own, sort_key=fold(own["name"])[:200])


def _wanted(product: Product, step: Step) -> Price:
    amount, currency, per = step.after
    return Price(
        product=product, currency=currency, unit_price=amount, per=per, valid_from=clock.today(), minimum_quantity=1
    )


def _write(row: Planned, product: Product, done: Done) -> Product:
    own = {step.field: step.after for step in row.steps if step.field in OWN}
    if own:
        done += [_set(product, name, after) for name, after in own.items()]
        product.sort_key = fold(product.name)[:200]
        product.save()
    for step in row.steps:
        if step.field == "price":
            _price(product, step, done)
        elif step.field == "on_hand":
            _stock(product, row, step, done)
    return product


def _price(product: Product, step: Step, done: Done) -> None:
    """The new list price from today on; the one before ends yesterday, or is corrected when it began today."""
    wanted, today = _wanted(product, step), clock.today()
    for meeting in meetings(wanted):
        if meeting.fate == "beside":
            continue
        if meeting.fate == "replaced":
            done += [_set(meeting.price, name, getattr(wanted, name)) for name in ("unit_price", "per", "valid_until")]
            wanted = meeting.price
        else:
            done.append(_set(meeting.price, "valid_until", today - A_DAY))
            meeting.price.save()
    is_new = wanted.pk is None
    wanted.save()
    done += [_made(wanted)] if is_new else []


def _stock(product: Product, row: Planned, step: Step, done: Done) -> None:
    assert row.site is not None
    known = Stock.objects.filter(product=product, site=row.site).first()
    stock = known or stock_of(product, row.site)
    change = _set(stock, "on_hand", step.after)
    stock.save()
    if stock.is_short or stock.pledges.exists():
        settle(stock)
    done.append(change if known else _made(stock))


def _set(row: models.Model, name: str, after: Any) -> dict[str, Any]:
    """Set a field; what undoing it needs to know."""
    before = getattr(row, name)
    setattr(row, name, after)
    return {"row": row._meta.label, "pk": row.pk, "field": name, "before": _kept(before), "after": plain(after)}


def _kept(value: Any) -> str | None:
    return None if value is None else plain(value)


def _made(row: models.Model) -> dict[str, Any]:
    return {"row": row._meta.label, "pk": row.pk, "made": _state(row)}


def _state(row: models.Model) -> dict[str, str]:
    return {
        f.attname: plain(f.to_python(getattr(row, f.attname))) for f in row._meta.concrete_fields if f.attname != "id"
    }


def _inverse(batch: Batch, _inputs: Mapping[str, Any]) -> list[Change]:
    return [Change(str(_("Changes taken back")), str(len(batch.done)), "0")]


@action(
    "catalog.undo_batch",
    subject=Batch,
    authority=administers,
    title=gettext_lazy("Undo the table"),
    diff=_inverse,
)
def undo_batch(batch: Batch, *, by: Member) -> Batch:
    """Put everything back as it was; refused when something newer touched any of it."""
    if batch.state != Batch.State.APPLIED:
        raise ActionError(_("There is nothing to undo."))
    rows = _rows(batch.done)
    lock(*(r for r in rows.values() if isinstance(r, Product)))
    lock(*(r for r in rows.values() if isinstance(r, Stock)))
    touched = _products(rows.values())
    for change in reversed(batch.done):
        _undo(change, rows[change["row"], change["pk"]])
    batch.state = Batch.State.UNDONE
    batch.save(update_fields=["state"])
    record(verbs.BATCH_UNDONE, by=by, on=[batch, *touched], name=batch.name, n=len(batch.done))
    return batch


def _rows(done: Done) -> dict[tuple[str, int], Any]:
    found: dict[tuple[str, int], Any] = {}
    for label in {change["row"] for change in done}:
        wanted = {change["pk"] for change in done if change["row"] == label}
        known = apps.get_model(label)._default_manager.in_bulk(wanted)
        if gone := wanted - known.keys():
            raise ActionError(_("{n} rows of this table are no longer there.").format(n=len(gone)))
        found |= {(label, pk): row for pk, row in known.items()}
    return found


def _products(rows: Iterable[Any]) -> list[Product]:
    ids = {row.pk if isinstance(row, Product) else row.product_id for row in rows}
    return list(Product.objects.filter(pk__in=ids))


def _undo(change: Mapping[str, Any], row: Any) -> None:
    if "made" in change:
        _unmake(change["made"], row)
        return
    name = change["field"]
    if plain(getattr(row, name)) != change["after"]:
        raise _newer(row)
    before = change["before"]
    setattr(row, name, None if before is None else row._meta.get_field(name).to_python(before))
    if isinstance(row, Product):
        row.sort_key = fold(row.name)[:200]
    if isinstance(row, Stock):
        _refuse_hurt(row, change)
    row.save()
    if isinstance(row, Stock) and (row.is_short or row.pledges.exists()):
        settle(row)


def _refuse_hurt(stock: Stock, change: Mapping[str, Any]) -> None:
    from comptoir.catalog.actions.counts import refuse_hurt

    wanted, stock.on_hand = stock.on_hand, stock._meta.get_field("on_hand").to_python(change["after"])
    refuse_hurt(stock, lambda flow: flow.with_on_hand(wanted))
    stock.on_hand = wanted


def _unmake(made: Mapping[str, str], row: Any) -> None:
    if _state(row) != made:
        raise _newer(row)
    if isinstance(row, Product) and _is_used(row):
        raise _newer(row)
    try:
        row.delete()
    except ProtectedError as error:
        raise ActionError(_("{row} is in use: it cannot be taken back.").format(row=row)) from error


def _is_used(product: Product) -> bool:
    return any(model.objects.filter(product=product).exists() for model in (Price, Stock, CustomerPart))


def _newer(row: Any) -> ActionError:
    return ActionError(_("{row} was changed since: the table cannot be undone as a whole.").format(row=row))
