"""URLs of visits, patients and corrections."""

from __future__ import annotations

from django.urls import path

from capture.pages import corrections, newer, patients, pins, visits, worklist

visit_urls = [
    path("worklist/", worklist.worklist, name="worklist"),
    path("worklist/<slug:code>/", worklist.worklist, name="worklist_site"),
    path("visits/<uuid:uuid>/", visits.visit, name="visit"),
    path("visits/<uuid:uuid>/draft/", visits.visit_draft, name="visit_draft"),
    path("visits/<uuid:uuid>/submit/", visits.visit_submit, name="visit_submit"),
    path("visits/<uuid:uuid>/discard/", visits.visit_discard, name="visit_discard"),
    path("visits/<uuid:uuid>/pin/", pins.visit_pin, name="visit_pin"),
    path("visits/<uuid:uuid>/unpin/", pins.visit_unpin, name="visit_unpin"),
    path("visits/<uuid:uuid>/asks/", visits.visit_asks, name="visit_asks"),
    path("visits/<uuid:uuid>/newer/", newer.visit_newer, name="visit_newer"),
    path("visits/<uuid:uuid>/migrate/", newer.visit_migrate, name="visit_migrate"),
    path("visits/<uuid:uuid>/aside/", newer.visit_aside, name="visit_aside"),
    path("responses/<uuid:uuid>/correct/", corrections.correct, name="correct"),
    path("patients/", patients.patients, name="patients"),
    path("patients/<uuid:uuid>/", patients.patient, name="patient"),
    path("patients/<uuid:uuid>/events/", patients.patient_event, name="patient_event"),
    path("patients/<uuid:uuid>/events/<uuid:event>/undo/", patients.patient_event_undo, name="patient_event_undo"),
]
