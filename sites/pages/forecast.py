"""A site's forecast: week by week, month by month, against its budget; and the assumptions behind it, to edit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from sites import access, assumptions
from sites.access import acting_as, user_of
from sites.assumptions import AssumptionsError
from sites.burden import dashboards, outlooks, rates
from sites.burden.outlooks import Outlook
from sites.burden.rates import Chosen
from sites.models import Site
from sites.pages import csv_file, forecast_csv
from sites.pages.budgets import MAY_SET
from sites.pages.burden import READERS


class AssumptionsForm(forms.Form):
    """What to expect, from when, and why. An empty field leaves the estimate that its help names."""

    enrolment_month = forms.FloatField(label="New patients a month", min_value=0, required=False)
    death_percent = forms.FloatField(label="Deaths a year, in %", min_value=0, max_value=100, required=False)
    loss_percent = forms.FloatField(label="Lost a year, in %", min_value=0, max_value=100, required=False)
    catch_up_weeks = forms.IntegerField(
        label="Weeks in which nine of ten overdue visits are done", min_value=1, max_value=52, required=False
    )
    absences = forms.CharField(
        label="Weeks with staff away",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One line each, with the share away: 2026-12-21 to 2027-01-03 50 %. Whole weeks count.",
    )
    valid_from = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="Reason", max_length=500, help_text="Kept with your name in the site's history.")

    def clean_absences(self) -> Any:
        """Absence by Monday."""
        try:
            return assumptions.read_absences(self.cleaned_data["absences"])
        except AssumptionsError as error:
            raise forms.ValidationError(str(error)) from error

    @property
    def chosen(self) -> Chosen:
        """The rates as given; None where the field was left empty."""
        given = self.cleaned_data
        return Chosen(
            given["enrolment_month"],
            _share(given["death_percent"]),
            _share(given["loss_percent"]),
            given["catch_up_weeks"],
        )


@require_GET
@access.require_roles(*READERS)
def burden_forecast(request: HttpRequest, code: str) -> HttpResponse:
    """The forecast of one site, or one of its tables as CSV."""
    user = user_of(request)
    site = access.site_or_404(user, code, *READERS)
    board = outlooks.of_site(site, dashboards.today_at(site))
    if request.GET.get("format") == "csv":
        grain = "month" if request.GET.get("grain") == "month" else "week"
        return csv_file.answer(f"forecast-{grain}-{site.code}", forecast_csv.of_site(board, grain))
    context = {
        "board": board,
        "site": site,
        "may_set": access.sites_for(user, *MAY_SET).filter(pk=site.pk).exists(),
        "link": request.build_absolute_uri(reverse("burden_forecast", args=[site.code])),
        "whole": request.GET.get("print") == "1",
    }
    return render(request, "sites/burden_forecast.html", context)


@require_http_methods(["GET", "POST"])
@access.require_roles(*MAY_SET)
def burden_assumptions(request: HttpRequest, code: str) -> HttpResponse:
    """Show every version of the assumptions and set one."""
    site = access.site_or_404(user_of(request), code, *MAY_SET)
    board = outlooks.of_site(site, dashboards.today_at(site))
    form = _form(request, board)
    if request.method == "POST" and form.is_valid() and _put(request, site, form):
        messages.success(request, f"The forecast uses these assumptions from {form.cleaned_data['valid_from']}.")
        return redirect("burden_forecast", code=site.code)
    context = {"site": site, "form": form, "board": board, "versions": outlooks.versions(site)}
    return render(request, "sites/burden_assumptions.html", context, status=422 if form.is_bound else 200)


def _form(request: HttpRequest, board: Outlook) -> AssumptionsForm:
    """The form with what holds now; each help names what an empty field stands for."""
    chosen = assumptions.chosen_of(board.held)
    initial = {
        "enrolment_month": chosen.enrolment_month,
        "death_percent": _percent(chosen.death_year),
        "loss_percent": _percent(chosen.loss_year),
        "catch_up_weeks": chosen.catch_up_weeks,
        "absences": assumptions.absence_lines(board.facts.absences),
        "valid_from": board.facts.today,
    }
    form = AssumptionsForm(request.POST or None, initial=initial)
    names = ("enrolment_month", "death_percent", "loss_percent", "catch_up_weeks")
    for name, shown in zip(names, rates.shown(board.records), strict=True):
        form.fields[name].help_text = f"Empty: {shown.value} ({shown.source})."
    return form


def _put(request: HttpRequest, site: Site, form: AssumptionsForm) -> bool:
    given = form.cleaned_data
    try:
        assumptions.put(
            site,
            valid_from=given["valid_from"],
            chosen=form.chosen,
            absences=given["absences"],
            actor=acting_as(request, *MAY_SET),
            reason=given["reason"],
        )
    except AssumptionsError as error:
        form.add_error(None, str(error))
        return False
    return True


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 4)
