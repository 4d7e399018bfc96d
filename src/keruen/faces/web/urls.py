"""Addresses of the console."""

from __future__ import annotations

from django.urls import path

from keruen.faces.web.views import cases, document, lists, pairs, people, system, trace

urlpatterns = [
    path("", lists.home, name="home"),
    path("sign-in", people.sign_in, name="sign_in"),
    path("sign-out", people.sign_out, name="sign_out"),
    path("language", people.language, name="language"),
    path("queue", lists.queue, name="queue"),
    path("documents", lists.documents, name="documents"),
    path("find", lists.find, name="find"),
    path("documents/<str:document_id>", document.show, name="document"),
    path("documents/<str:document_id>/act", document.act, name="act"),
    path("documents/<str:document_id>/pairs", pairs.decide, name="pair_decide"),
    path("cases", cases.cases, name="cases"),
    path("cases/next", cases.take_next, name="case_next"),
    path("cases/<str:case>", cases.show, name="case"),
    path("cases/<str:case>/act", cases.act, name="case_act"),
    path("cases/<str:case>/files/<str:sha256>", cases.file, name="case_file"),
    path("questions", cases.questions, name="questions"),
    path("questions/<str:case>", cases.answer, name="question_answer"),
    path("trace", trace.search, name="trace"),
    path("trace.json", trace.as_json, name="trace_json"),
    path("lots/<path:lot_id>", trace.lot, name="lot"),
    path("log", system.log, name="log"),
    path("status", system.status, name="status"),
    path("help", system.manual, name="help"),
]
