"""Page URLs of forms_catalog."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from forms_catalog.pages import (
    bulk,
    catalog,
    conflicts,
    decide,
    decision_file,
    diff,
    duplicates,
    exports,
    governing,
    here,
    imports,
    report,
    requests,
    review,
    schedule,
    taking_back,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("requests/", requests.requests, name="requests"),
    path("requests/<slug:code>/upload/", requests.upload, name="request_upload"),
    path("requests/<slug:code>/schedule/", schedule.request_schedule, name="request_schedule"),
    path("requests/<slug:code>/versions/<int:number>/", report.request_version, name="request_version"),
    path("requests/<slug:code>/versions/<int:number>/proposing/", report.request_proposing, name="request_proposing"),
    path("requests/<slug:code>/versions/<int:number>/original/", report.request_original, name="request_original"),
    path("requests/<slug:code>/versions/<int:number>/problems/", report.request_problems, name="request_problems"),
    path("requests/<slug:code>/versions/<int:number>/diff/", diff.request_diff, name="request_diff"),
    path("mapping/", review.mapping_review, name="mapping_review"),
    path("mapping/duplicates/", duplicates.duplicates, name="duplicates"),  # before a program's own address
    path("mapping/duplicates/find/", duplicates.duplicates_find, name="duplicates_find"),
    path("mapping/duplicates/<uuid:uuid>/", duplicates.duplicate_decide, name="duplicate_decide"),
    path("mapping/conflicts/", conflicts.conflicts, name="conflicts"),
    path("mapping/conflicts/rule/", conflicts.conflicts_rule, name="conflicts_rule"),
    path("mapping/conflicts/publish/", conflicts.conflicts_publish, name="conflicts_publish"),
    path("mapping/conflicts/<slug:key>/", conflicts.conflict, name="conflict"),
    path("mapping/<slug:code>/", review.mapping_program, name="mapping_program"),
    path("mapping/<slug:code>/decisions/", decision_file.mapping_decisions, name="mapping_decisions"),
    path(
        "mapping/<slug:code>/decisions/<slug:kind>/",
        decision_file.mapping_decisions_file,
        name="mapping_decisions_file",
    ),
    path("mapping/<slug:code>/decide/", decide.mapping_decide, name="mapping_decide"),
    path("mapping/<slug:code>/many/", bulk.mapping_bulk, name="mapping_bulk"),
    path("mapping/<slug:code>/undo/", taking_back.mapping_undo, name="mapping_undo"),
    path("mapping/<slug:code>/here/", here.mapping_here, name="mapping_here"),
    path("govern/import/", imports.catalog_import, name="catalog_import"),
    path("govern/act/<path:key>/", governing.element_act, name="element_act"),
    path("govern/move/<path:key>/", governing.element_move, name="element_move"),
    path("govern/edit/<path:key>/", governing.element_edit, name="element_edit"),
    path("govern/promote/<path:key>/", governing.element_promote, name="element_promote"),
    path("exports/", exports.exports, name="exports"),
    path("exports/file/", exports.export_file, name="export_file"),
    path("catalog/", catalog.catalog, name="catalog"),
    path("catalog/<path:key>/", catalog.element, name="element"),
]
