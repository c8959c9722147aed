"""Every address of the API."""

from django.urls import path

from comptoir.api import views
from comptoir.api.views import answers

urlpatterns = [
    path("api/", answers(GET=views.page), name="api"),
    path("api/openapi.json", answers(GET=views.document), name="api-document"),
    path("api/act/<str:name>", answers(GET=views.form, POST=views.act), name="api-act"),
    path("api/act/<str:name>/<path:subject>", answers(GET=views.form, POST=views.act), name="api-act"),
    path("api/<slug:noun>", answers(GET=views.rows), name="api-rows"),
    path("api/<slug:noun>/<path:named>", answers(GET=views.row), name="api-row"),
]
