"""URLs of visits, patients and corrections."""

from __future__ import annotations

from django.urls import path

from capture.pages import (
    arrange,
    balances,
    calendar,
    changing,
    checklist,
    corrections,
    newer,
    patients,
    safety,
    saved,
    visits,
    worklist,
)

visit_urls = [
    path("worklist/", worklist.worklist, name="worklist"),
    path("worklist/<slug:code>/", worklist.worklist, name="worklist_site"),
    path("worklist/<slug:code>/file/", worklist.worklist_file, name="worklist_file"),
    path("worklist/<slug:code>/views/", saved.view_save, name="worklist_view_save"),
    path("worklist/views/<uuid:uuid>/", saved.view_change, name="worklist_view"),
    path("calendar/", calendar.calendars, name="calendars"),
    path("calendar/make/", calendar.calendar_make, name="calendar_make"),
    path("calendar/<uuid:uuid>/revoke/", calendar.calendar_revoke, name="calendar_revoke"),
    path("calendar/<str:secret>.ics", calendar.calendar, name="calendar"),
    path("visits/<uuid:uuid>/", visits.visit, name="visit"),
    path("visits/<uuid:uuid>/draft/", visits.visit_draft, name="visit_draft"),
    path("visits/<uuid:uuid>/submit/", visits.visit_submit, name="visit_submit"),
    path("visits/<uuid:uuid>/discard/", visits.visit_discard, name="visit_discard"),
    path("visits/<uuid:uuid>/asks/", visits.visit_asks, name="visit_asks"),
    path("visits/<uuid:uuid>/checklist/", checklist.visit_checklist, name="visit_checklist"),
    path("visits/<uuid:uuid>/arrange/", arrange.visit_arrange, name="visit_arrange"),
    path("visits/<uuid:uuid>/newer/", newer.visit_newer, name="visit_newer"),
    path("visits/<uuid:uuid>/migrate/", newer.visit_migrate, name="visit_migrate"),
    path("visits/<uuid:uuid>/aside/", newer.visit_aside, name="visit_aside"),
    path("responses/<uuid:uuid>/correct/", corrections.correct, name="correct"),
    path("patients/", patients.patients, name="patients"),
    path("patients/<uuid:uuid>/", patients.patient, name="patient"),
    path("patients/<uuid:uuid>/safety/", safety.patient_safety, name="patient_safety"),
    path("patients/<uuid:uuid>/safety/save/", safety.safety_save, name="safety_save"),
    path("patients/<uuid:uuid>/safety/mark/", safety.safety_mark, name="safety_mark"),
    path("patients/<uuid:uuid>/balance/", balances.patient_balance, name="patient_balance"),
    path("opening-balance/<slug:code>/", balances.balance_site, name="balance_site"),
    path("opening-balance/<slug:code>/template.<str:kind>", balances.balance_template, name="balance_template"),
    path("patients/<uuid:uuid>/preview/", changing.patient_preview, name="patient_preview"),
    path("patients/<uuid:uuid>/change/", changing.patient_change, name="patient_change"),
]
