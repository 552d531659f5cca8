"""The desk's addresses, below wherever they are included (`/casework/` on the platform and in the preview)."""

from django.urls import path

from casework.review import class_views, export_views, views
from casework.review.access import View, for_reviewers

app_name = "casework_review"

_PAGES: list[tuple[str, View, str]] = [
    # The course id may hold slashes: the longer addresses come first.
    ("review/<path:course_id>/attempt/<int:finish_id>/<slug:task>/", views.attempt, "answer"),
    ("review/<path:course_id>/attempt/<int:finish_id>/", views.attempt, "attempt"),
    ("review/<path:course_id>/class/<str:item_id>/", class_views.one, "class"),
    ("review/<path:course_id>/class/", class_views.index, "classes"),
    ("review/<path:course_id>/export/", export_views.page, "export"),
    ("review/<path:course_id>/export/answers.csv", export_views.as_csv, "csv"),
    ("review/<path:course_id>/export/answers.jsonl", export_views.as_lines, "jsonl"),
    ("review/<path:course_id>/", views.queue, "queue"),
]
urlpatterns = [path(route, for_reviewers(view), name=name) for route, view, name in _PAGES]
