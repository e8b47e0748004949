"""Page URLs of sites."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from sites.pages import budgets, burden, costs, forecast

urlpatterns: list[URLPattern | URLResolver] = [
    path("burden/", burden.burden, name="burden"),
    path("burden/sites/<slug:code>/", burden.burden_site, name="burden_site"),
    path("burden/sites/<slug:code>/budget/", budgets.burden_budget, name="burden_budget"),
    path("burden/sites/<slug:code>/forecast/", forecast.burden_forecast, name="burden_forecast"),
    path("burden/sites/<slug:code>/forecast/assumptions/", forecast.burden_assumptions, name="burden_assumptions"),
    path("burden/sites/<slug:code>/costs/", costs.burden_costs, name="burden_costs"),
    path("burden/programs/<slug:code>/", burden.burden_program, name="burden_program"),
]
