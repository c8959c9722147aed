"""The orders' screens: the list, an order, a new one."""

from comptoir.web import (
    order_bulk,
    order_drafts,
    order_entry,
    order_export,
    order_links,
    order_list,
    order_page,
    quote_entry,
    quotes,
    saved_views,
)

urlpatterns = [
    *quote_entry.urlpatterns,
    *quotes.urlpatterns,
    *order_list.urlpatterns,
    *order_export.urlpatterns,
    *order_bulk.urlpatterns,
    *saved_views.urlpatterns,
    *order_drafts.urlpatterns,
    *order_entry.urlpatterns,
    *order_links.urlpatterns,
    *order_page.urlpatterns,
]
