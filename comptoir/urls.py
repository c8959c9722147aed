"""Every address of the desk: each screen module brings its own list."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver

SCREENS = (
    "signin",
    "act",
    "agreements",
    "approvals",
    "at_risk",
    "cases",
    "customers",
    "day",
    "demand",
    "demo",
    "documents",
    "truth",
    "find",
    "handoffs",
    "shipments",
    "offered_mail",
    "order_changes",
    "orders",
    "product_tables",
    "product_files",
    "product_use",
    "products",
    "reports",
    "settings_page",
    "setup",
    "styleguide",
    "what_if",
)

urlpatterns: list[URLPattern | URLResolver] = []
for _screen in SCREENS:
    if find_spec(f"comptoir.web.{_screen}"):
        urlpatterns += import_module(f"comptoir.web.{_screen}").urlpatterns
urlpatterns += import_module("comptoir.portal.quotes").urlpatterns
urlpatterns += import_module("comptoir.portal.orders").urlpatterns
