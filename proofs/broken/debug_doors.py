"""A web on which somebody forgot a console and its figures."""

from django.http import HttpResponse
from django.urls import path

from recoup.access import doors
from recoup.config import urls


def break_it() -> None:
    """From now on two more addresses answer everybody."""
    view = doors.open_to_all(lambda _request: HttpResponse("recoup_refunds_total 7"))
    urls.urlpatterns[:0] = [path("metrics", view), path("admin/", view)]
