"""Answers and what is owed. Models carry constraints, not rules."""

from capture.models.asides import SetAsideValue
from capture.models.balances import OpeningBalance
from capture.models.deliveries import CopiedField, Delivery, Receipt
from capture.models.lists import CalendarFeed, SavedView
from capture.models.notices import Digest, Notice, PeakAlert
from capture.models.patients import Consent, Enrollment, Patient, PatientEvent, PatientIdentity, Stay, Treatment
from capture.models.queries import DataQuery, Signature
from capture.models.responses import Draft, Occurrence, Response, Submission
from capture.models.runs import Acceptance, Estimate, Run
from capture.models.safety import OccurrenceMark, SafetyRecord
from capture.models.terms import AskTerm
from capture.models.visits import Move, PlanPin, Timepoint, Visit

__all__ = [
    "Acceptance",
    "AskTerm",
    "CalendarFeed",
    "Consent",
    "CopiedField",
    "DataQuery",
    "Delivery",
    "Digest",
    "Draft",
    "Enrollment",
    "Estimate",
    "Move",
    "Notice",
    "Occurrence",
    "OccurrenceMark",
    "OpeningBalance",
    "Patient",
    "PatientEvent",
    "PatientIdentity",
    "PeakAlert",
    "PlanPin",
    "Receipt",
    "Response",
    "Run",
    "SafetyRecord",
    "SavedView",
    "SetAsideValue",
    "Signature",
    "Stay",
    "Submission",
    "Timepoint",
    "Treatment",
    "Visit",
]
