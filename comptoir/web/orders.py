"""The orders' screens: the list, an order, a new one."""

from comptoir.web import order_entry, order_list, order_page

urlpatterns = [
    *order_list.urlpatterns,
    *order_entry.urlpatterns,
    *order_page.urlpatterns,
]
