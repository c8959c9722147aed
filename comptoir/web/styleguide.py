"""Every component once, in every state, with its real markup."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comptoir.actions.door import Preview
from comptoir.actions.fields import DayField
from comptoir.actions.limits import Meter
from comptoir.actions.models import Limit
from comptoir.actions.registry import Change
from comptoir.lib import clock
from comptoir.lib.money import Money
from comptoir.people import Role

PARTS = ("marks", "buttons", "forms", "cards", "rows", "thread", "orders", "dialogs", "notices")
COLOURS = ("bg", "bg-sunken", "bg-raised", "bg-hover", "text", "text-2", "text-3", "accent", "ok", "warn", "bad")
STATES = ("new", "open", "waiting", "kept", "kept_late", "promised", "late", "broken", "approved", "rejected")


class Sample(forms.Form):
    """One field of each kind."""

    text = forms.CharField(label=_("Text"), initial="Hydraulique Martin")
    optional = forms.CharField(label=_("May stay empty"), required=False, help_text=_("A word of help"))
    number = forms.IntegerField(label=_("Number"), initial=120)
    day = DayField(label=_("Day"))
    choice = forms.ChoiceField(label=_("Choice"), choices=[("a", "Rep"), ("b", "Senior")])
    long = forms.CharField(label=_("Long text"), widget=forms.Textarea, initial="Bien cordialement,\nClaire")
    several = forms.MultipleChoiceField(
        label=_("Several"), choices=[("w", "West"), ("n", "North")], widget=forms.CheckboxSelectMultiple, initial=["w"]
    )
    tick = forms.BooleanField(label=_("Yes or no"), required=False, initial=True)


@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """The page, without asking the database for anything."""
    return render(request, "styleguide/show.html", _samples())


def _samples() -> dict[str, Any]:
    now = clock.now()
    wrong = Sample({"text": "", "number": "many"}, auto_id="wrong_%s")
    limit = Limit(role=Role.REP, action="orders.pull_in", period="month", currency="EUR", amount=Decimal(200))
    changes = [
        Change(str(_("Delivery date")), "Fri 18 Dec", "Sat 12 Dec"),
        Change(str(_("In stock")), "40 pcs", "28 pcs"),
    ]
    meter = Meter(limit, Money(Decimal(170), "EUR"))
    return {
        "parts": [f"styleguide/_{name}.html" for name in PARTS],
        "colours": COLOURS,
        "states": STATES,
        "tones": ("neutral", "accent", "ok", "warn", "bad", "note"),
        "names": ("Emma Laurent", "Иван Димитров", "Zuzana Kováčová", "Mette Søndergaard"),
        "form": Sample(),
        "wrong": wrong,
        "moments": (now + timedelta(hours=5), now + timedelta(minutes=40), now + timedelta(minutes=9), now - timedelta(hours=3)),
        "now": now,
        "allowed": Preview(changes, [meter]),
        "asking": Preview(changes, [meter], needs_approval=str(_("€240.00 is above your limit: €30.00 left."))),
        "refused": Preview([], [], refused=str(_("This line has been shipped."))),
    }  # fmt: skip


urlpatterns = [path("styleguide/", styleguide, name="styleguide")]
