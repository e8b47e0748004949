"""Units as people write them to UCUM: '10^3/uL' to '10*3/uL', 'months' to 'mo'. Pure; used by readers and matching."""

from __future__ import annotations

import re

# Whole phrases whose parts do not add up to the UCUM code.
_PHRASES = {
    "bu": "[beth'U]",
    "bu/ml": "[beth'U]",  # a Bethesda unit is already a concentration
    "nbu/ml": "[beth'U]",
    "c/dg": "{copies}/{diploid genome}",
    "copies/diploid genome": "{copies}/{diploid genome}",
    "vector copies/diploid genome": "{copies}/{diploid genome}",
    "k/ul": "10*3/uL",
    "thou/ul": "10*3/uL",
    "thousand/ul": "10*3/uL",
    "ml/min/1.73 m2": "mL/min/{1.73_m2}",
    "ml/min/1.73m2": "mL/min/{1.73_m2}",
    "ml/24 hours": "mL/d",
    "ml/24h": "mL/d",
    "bpm": "{beats}/min",
    "t-score": "{Tscore}",
    "logmar": "{logMAR}",
}
_ATOMS = {
    "%": "%", "percent": "%",
    "kg": "kg", "kilograms": "kg", "g": "g", "grams": "g", "mg": "mg", "ug": "ug", "mcg": "ug", "ng": "ng", "pg": "pg",
    "lb": "[lb_av]", "lbs": "[lb_av]", "pounds": "[lb_av]", "oz": "[oz_av]",
    "km": "km", "m": "m", "meters": "m", "metres": "m", "cm": "cm", "centimeters": "cm", "mm": "mm", "um": "um",
    "in": "[in_i]", "inches": "[in_i]", "ft": "[ft_i]", "feet": "[ft_i]", "m2": "m2", "m^2": "m2",
    "l": "L", "liter": "L", "litre": "L", "dl": "dL", "ml": "mL", "milliliter": "mL", "ul": "uL", "mm3": "uL",
    "mm^3": "uL", "cmm": "uL", "microliter": "uL", "microlitre": "uL", "fl": "fL",
    "mol": "mol", "mmol": "mmol", "umol": "umol", "nmol": "nmol", "pmol": "pmol", "meq": "meq",
    "iu": "[IU]", "kiu": "k[IU]", "miu": "m[IU]", "u": "U", "units": "U", "mu": "mU", "ku": "kU",
    "ukat": "ukat", "nkat": "nkat", "kat": "kat",
    "s": "s", "sec": "s", "second": "s", "seconds": "s", "min": "min", "minute": "min", "minutes": "min",
    "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "d": "d", "day": "d", "days": "d",
    "wk": "wk", "week": "wk", "weeks": "wk", "mo": "mo", "month": "mo", "months": "mo",
    "a": "a", "y": "a", "yr": "a", "yrs": "a", "year": "a", "years": "a",
    "mmhg": "mm[Hg]", "mm hg": "mm[Hg]", "cmh2o": "cm[H2O]", "kpa": "kPa", "ppb": "[ppb]", "ppm": "[ppm]",
    "°c": "Cel", "degrees celsius": "Cel", "°f": "[degF]", "degrees fahrenheit": "[degF]", "mosm": "mosm",
    "copies": "{copies}", "copy": "{copies}", "vg": "{vg}", "gc": "{gc}", "beats": "{beats}", "breaths": "{breaths}",
    "cells": "", "cell": "", "count": "",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_POWER = re.compile(r"(?:x\s*)?10\s*(?:\^|\*{1,2}|e|exp)\s*(\d{1,2})\b\s*(.*)", re.IGNORECASE)
_MATTER = re.compile(r"\s(?:dna|rna|genomic dna|hb|protein|creatinine|body weight|bw)$")


def ucum_of(text: str) -> str:
    """The UCUM code of a unit as written, '' where it is no unit known here. Never guesses between two units."""
    words = _normal(text)
    if not words or len(words) > 60:
        return ""
    if words.startswith("% of "):
        return "%"
    if words in _PHRASES:
        return _PHRASES[words]
    power = _POWER.fullmatch(words)
    if power:
        return _scaled(int(power[1]), power[2].strip())
    return _ratio(words)


def _normal(text: str) -> str:
    text = re.sub(r"(?<=10)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", r"^\1", text).translate(_SUPERSCRIPTS)
    text = text.replace("×", "x").replace("·", ".").replace("µ", "u").replace("μ", "u").replace("º", "°")
    text = re.sub(r"\s+", " ", text).strip().lower().rstrip(".")
    return re.sub(r"\s?/\s?|\sper\s", "/", text)


def _scaled(power: int, rest: str) -> str:
    if not rest:
        return f"10*{power}"
    unit = _ratio(rest if not rest.startswith("/") else f"cells{rest}")
    return f"10*{power}{unit}" if unit.startswith("/") else f"10*{power}" if rest in ("cells", "cell") else ""


def _ratio(words: str) -> str:
    """numerator[/denominator[/denominator]], every part a known atom."""
    parts = [_MATTER.sub("", part.strip()) for part in words.split("/")]
    if len(parts) > 3 or any(part not in _ATOMS for part in parts):
        return ""
    codes = [_ATOMS[part] for part in parts]
    return "" if not all(codes[1:]) else "/".join(codes)
