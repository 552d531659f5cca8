"""The smallest site around the desk."""

from django.urls import include, path

urlpatterns = [path("casework/", include("casework.review.urls"))]


def may_review(user, course_id: str) -> bool:
    return user.username == "reviewer"
