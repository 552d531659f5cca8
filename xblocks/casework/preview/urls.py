"""The addresses of the preview. The reviewer's desk stands under `/casework/` where it is installed."""

from importlib.util import find_spec

from django.apps import apps
from django.contrib.staticfiles.views import serve as static_file
from django.urls import URLPattern, URLResolver, include, path, re_path

from casework.preview import unit_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.landing, name="landing"),
    path("role/", views.switch_role, name="role"),
    path("course/<str:course_id>/", views.course, name="course"),
    path("course/<str:course_id>/unit/<str:unit>/", views.unit, name="unit"),
    path("course/<str:course_id>/progress/", views.progress, name="progress"),
    path("course/<str:course_id>/about/", views.about, name="about"),
    path("course/<str:course_id>/jump/<str:block_id>/", views.jump, name="jump"),
    path("asset/<str:course_id>/<path:path>", unit_views.asset, name="asset"),
    path("unit/<str:usage_id>/", unit_views.document, name="unit_document"),
    path("edit/<str:usage_id>/", unit_views.edit, name="edit"),
    path("complete/<str:usage_id>/", unit_views.complete, name="complete"),
    re_path(r"^handler/(?P<usage_id>[^/]+)/(?P<name>[^/]+)/(?P<suffix>.*)$", unit_views.handler, name="handler"),
    re_path(r"^resource/(?P<block_type>[^/]+)/(?P<uri>.*)$", unit_views.resource, name="resource"),
    # Slower than a real file server and quite enough for one machine.
    re_path(r"^static/(?P<path>.*)$", static_file, {"insecure": True}),
]
if apps.is_installed("casework.review") and find_spec("casework.review.urls"):
    # As the platform includes it: under this path and namespace.
    desk = include(("casework.review.urls", "casework_review"), namespace="casework_review")
    urlpatterns.append(path("casework/", desk))

handler404 = "casework.preview.views.not_found"
