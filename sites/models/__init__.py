"""Who asks, who is asked, what it costs. Models carry constraints, not rules."""

from sites.models.burden import Budget, BurdenEntry, CostProfile, LoadPeriod
from sites.models.forecast import ForecastAssumptions, ForecastBasis, LoadAhead
from sites.models.people import Membership, Role, User
from sites.models.places import Participation, Program, Site, Sponsor
from sites.models.rollups import BurdenRollup, RollupMark
from sites.models.trail import TrailEntry

__all__ = [
    "Budget",
    "BurdenEntry",
    "BurdenRollup",
    "CostProfile",
    "ForecastAssumptions",
    "ForecastBasis",
    "LoadAhead",
    "LoadPeriod",
    "Membership",
    "Participation",
    "Program",
    "Role",
    "RollupMark",
    "Site",
    "Sponsor",
    "TrailEntry",
    "User",
]
