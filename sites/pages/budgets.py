"""The weekly budget of a site: set by its manager or the network admin, from a day on, with a reason."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from sites import access, budgets
from sites.access import acting_as, user_of
from sites.burden import dashboards, totals
from sites.burden.words import hours_of
from sites.models import Role

MAY_SET = (Role.SITE_MANAGER, Role.ADMIN)


class BudgetForm(forms.Form):
    """Minutes a week, from when, and why."""

    minutes_week = forms.IntegerField(
        label="Minutes a week", min_value=0, max_value=budgets.WEEK, help_text="600 minutes are 10 hours."
    )
    valid_from = forms.DateField(
        label="From", widget=forms.DateInput(attrs={"type": "date"}), help_text="It holds from the week of this day on."
    )
    reason = forms.CharField(label="Reason", max_length=500, help_text="Kept with your name in the site's history.")


@require_http_methods(["GET", "POST"])
@access.require_roles(*MAY_SET)
def burden_budget(request: HttpRequest, code: str) -> HttpResponse:
    """Show the budgets and set one."""
    site = access.site_or_404(user_of(request), code, *MAY_SET)
    form = BudgetForm(request.POST or None, initial={"valid_from": dashboards.today_at(site)})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        budgets.put(site, **given, actor=acting_as(request, *MAY_SET))
        messages.success(request, f"The budget is {hours_of(given['minutes_week'])} a week from {given['valid_from']}.")
        return redirect("burden_site", code=site.code)
    rows = totals.budgets_of([site]).get(site.pk, [])
    status = 422 if form.is_bound else 200
    return render(request, "sites/burden_budget.html", {"site": site, "form": form, "budgets": rows}, status=status)
