"""Which addresses are those of questions?"""

from __future__ import annotations

from django.urls import path

from licet.portal.community.views import listing, people, thread

urlpatterns = [
    path("questions/", listing.index, name="questions"),
    path("questions/feed.atom", listing.feed, name="questions_feed"),
    path("questions/conduct", listing.conduct, name="conduct"),
    path("questions/ask", thread.ask, name="ask"),
    path("questions/enter", people.enter, name="questions_enter"),
    path("questions/code", people.code, name="questions_code"),
    path("questions/mine", people.mine, name="questions_mine"),
    path("questions/follow", people.follow, name="questions_follow"),
    path("questions/leave", people.leave, name="questions_leave"),
    path("questions/stop/<str:signed>", people.stop, name="questions_stop"),
    path("questions/<str:id>", thread.one, name="question"),
    path("questions/<str:id>/answer", thread.answer, name="question_answer"),
    path("questions/<str:id>/settle", thread.settle, name="question_settle"),
    path("questions/<str:id>/withdraw", thread.withdraw, name="question_withdraw"),
    path("questions/<str:id>/report", thread.report, name="question_report"),
    path("questions/<str:id>/follow", thread.follow, name="question_follow"),
    path("questions/<str:id>/feed.atom", listing.thread_feed, name="question_feed"),
]
