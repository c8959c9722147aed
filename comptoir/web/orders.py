"""The orders' screens: the list, an order, a new one."""

from comptoir.web import order_page

urlpatterns = [
    *order_page.urlpatterns,
]
