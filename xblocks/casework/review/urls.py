"""The desk's addresses, below wherever they are included (`/casework/` on the platform and in the preview)."""

from django.urls import path

from casework.review import views
from casework.review.access import for_reviewers

app_name = "casework_review"

_PAGES = [
    # The course id may hold slashes: the longer addresses come first.
    ("review/<path:course_id>/attempt/<int:finish_id>/<slug:task>/", views.attempt, "answer"),
    ("review/<path:course_id>/attempt/<int:finish_id>/", views.attempt, "attempt"),
    ("review/<path:course_id>/", views.queue, "queue"),
]
urlpatterns = [path(route, for_reviewers(view), name=name) for route, view, name in _PAGES]
