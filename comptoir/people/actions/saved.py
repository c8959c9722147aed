"""Saved views of a list: kept, shared with a team, chosen as the first one. No limit or audit is wanted on them."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from comptoir.actions import ActionError
from comptoir.people.models import ListChoice, Member, SavedView, Team

MOST = 30


def keep_view(
    list_name: str,
    *,
    by: Member,
    name: str,
    query: str,
    columns: Sequence[str] = (),
    team: Team | None = None,
    view: SavedView | None = None,
) -> SavedView:
    """Keep what a list shows under a name: a new view, or the one given as it shall be from now on."""
    _refuse(list_name, by, name, query, team, view)
    made = view or SavedView(list_name=list_name, owner=by, position=SavedView.objects.of(list_name).count())
    made.name, made.query, made.columns, made.team = name.strip(), query, list(columns), team
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise ActionError(_("There is a view of that name: {name}.").format(name=name)) from None
    return made


def _refuse(list_name: str, by: Member, name: str, query: str, team: Team | None, view: SavedView | None) -> None:
    if not name.strip() or len(name.strip()) > 60:
        raise ActionError(_("A view needs a name of at most 60 letters."))
    if len(query) > 1000:
        raise ActionError(_("This is too much for one view: leave out some of the filters."))
    if view is not None and not view.may_be_changed_by(by):
        raise ActionError(_("This view is {name}'s: keep it under another name.").format(name=view.owner.name))
    if team is not None and not by.sees_team(team.pk):
        raise ActionError(_("You do not belong to {team}.").format(team=team))
    if view is None and SavedView.objects.filter(list_name=list_name, owner=by).count() >= MOST:
        raise ActionError(_("You have {n} views already: drop one first.").format(n=MOST))


def drop_view(view: SavedView, *, by: Member) -> None:
    """Keep a view no more; whoever began with it begins with the whole list."""
    if not view.may_be_changed_by(by):
        raise ActionError(_("This view is {name}'s.").format(name=view.owner.name))
    view.delete()


def begin_with(list_name: str, view: SavedView | None, *, by: Member) -> None:
    """Open the list with this view from now on."""
    ListChoice.objects.update_or_create(member=by, list_name=list_name, defaults={"view": view})


def choose_columns(list_name: str, columns: Sequence[str], *, by: Member) -> None:
    """Show these columns where no view says which."""
    ListChoice.objects.update_or_create(member=by, list_name=list_name, defaults={"columns": list(columns)})
