// Date arithmetic of REDCap logic: datediff, calcdate, year, month, day. The same as forms_catalog/language/dates.py.
// Dates are texts, ISO first; today comes from outside. A moment is counted in seconds since 1970-01-01, no zone.
(() => {
  "use strict";
  const language = window.askonceLanguage;
  const { MISSING, strip, textOf, numberOf, isTrue } = language;
  const DAY = 86400;
  // REDCap's own definitions: a year is 365.2425 days and a month 30.44 days.
  const SECONDS = new Map([["y", 365.2425 * DAY], ["M", 30.44 * DAY], ["d", DAY], ["h", 3600], ["m", 60], ["s", 1]]);
  const DAY_ORDERS = ["ymd", "mdy", "dmy"];
  const MOST_SECONDS = 10000 * 366 * DAY; // further than any year that can be written
  const PARTS =
    /^(?:(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4}))?[ T]*(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/;

  const isLeap = (year) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const monthDays = (year, month) => [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];

  /** Days since 1970-01-01 of a day of the Gregorian calendar; years count from March, so that 29 February is last. */
  function dayNumber(year, month, day) {
    const from = month > 2 ? year : year - 1;
    const inYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
    return from * 365 + Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400) + inYear - 719468;
  }

  /** [year, month, day] of a day number. */
  function dayParts(number) {
    let year = Math.floor(number / 365.2425) + 1970;
    while (dayNumber(year, 1, 1) > number) year -= 1;
    while (dayNumber(year + 1, 1, 1) <= number) year += 1;
    let month = 1;
    while (month < 12 && dayNumber(year, month + 1, 1) <= number) month += 1;
    return [year, month, number - dayNumber(year, month, 1) + 1];
  }

  function inOrder(first, second, third, order) {
    if (first.length === 4) return [first, second, third].map(Number);
    return (order === "mdy" ? [third, first, second] : [third, second, first]).map(Number);
  }

  /** A date, a date with time, or a clock time in seconds since 1970-01-01; null where it is none of them. */
  function moment(value, order = "ymd") {
    const found = PARTS.exec(strip(textOf(value)));
    if (!found || (found[1] === undefined && found[4] === undefined)) return null;
    const [hour, minute, second] = [found[4], found[5], found[6]].map((part) => Number(part || 0));
    if (hour > 23 || minute > 59 || second > 59) return null;
    const clock = hour * 3600 + minute * 60 + second;
    if (found[1] === undefined) return clock;
    const [year, month, day] = inOrder(found[1], found[2], found[3], order);
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > monthDays(year, month)) return null;
    return dayNumber(year, month, day) * DAY + clock;
  }

  const now = (value, today) =>
    typeof value === "string" && ["today", "now"].includes(strip(value).toLowerCase()) ? today : value;

  /** datediff(from, to, unit [, order] [, signed]): the distance in the unit, without sign unless asked for one. */
  function datediff(args, today) {
    const unit = SECONDS.get(textOf(args[2]));
    const rest = args.slice(3);
    const order = rest.map((arg) => textOf(arg).toLowerCase()).find((text) => DAY_ORDERS.includes(text)) || "ymd";
    const signed = rest.some(
      (arg) => (typeof arg === "boolean" || ["true", "1"].includes(textOf(arg).toLowerCase())) && isTrue(arg),
    );
    const [start, end] = args.slice(0, 2).map((arg) => moment(now(arg, today), order));
    if (start === null || end === null || unit === undefined) return MISSING;
    return (signed ? end - start : Math.abs(end - start)) / unit;
  }

  /** Seconds with a fraction, to the nearest microsecond, half to even, and from there down to the whole second. */
  function wholeSeconds(seconds) {
    const whole = Math.trunc(seconds);
    const micro = (seconds - whole) * 1e6;
    const below = Math.floor(micro);
    const up = micro - below > 0.5 || (micro - below === 0.5 && below % 2 !== 0);
    return whole + Math.floor((below + (up ? 1 : 0)) / 1e6);
  }

  const padded = (number, width) => String(number).padStart(width, "0");

  /** calcdate(date, offset, unit): the date so many units later, as YYYY-MM-DD, with the time where there was one. */
  function calcdate(args, today) {
    const [start, offset, unit] = [moment(now(args[0], today)), numberOf(args[1]), SECONDS.get(textOf(args[2]))];
    if (start === null || offset === null || unit === undefined) return MISSING;
    const seconds = offset * unit;
    if (!(Math.abs(seconds) < MOST_SECONDS)) return MISSING;
    const end = start + wholeSeconds(seconds);
    const [year, month, day] = dayParts(Math.floor(end / DAY));
    if (year < 1 || year > 9999) return MISSING;
    const date = `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
    const minutes = Math.floor((end - Math.floor(end / DAY) * DAY) / 60);
    const clock = ` ${padded(Math.floor(minutes / 60), 2)}:${padded(minutes % 60, 2)}`;
    return textOf(args[0]).includes(":") ? date + clock : date;
  }

  /** The year, month or day of a date. */
  function part(name, value, today) {
    const found = moment(now(value, today));
    if (found === null) return MISSING;
    return dayParts(Math.floor(found / DAY))[["year", "month", "day"].indexOf(name)];
  }

  Object.assign(language, { datediff, calcdate, part });
})();
