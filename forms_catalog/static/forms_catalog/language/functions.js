// The functions of REDCap logic as plain functions over values, with how many arguments each takes.
// The same as forms_catalog/language/functions.py; texts are counted in code points there and here.
(() => {
  "use strict";
  const language = window.askonceLanguage;
  const { MISSING, strip, isMissing, finite, numberOf, decimal, textOf } = language;
  const MANY = 1000;
  const MAX_TEXT = 20000; // no text in a calculation grows beyond this

  const numbers = (args) => args.map(numberOf).filter((number) => number !== null);
  const points = (text) => Array.from(text);
  const lower = (text) => text.toLowerCase();
  const cut = (text) => (text.length > MAX_TEXT ? points(text).slice(0, MAX_TEXT).join("") : text);
  const count = (text, part) => text.split(part).length - 1;

  /** A function over the numbers given: missing ones are left out, and no number at all gives no result. */
  const over = (rule) => (args) => {
    const given = numbers(args);
    return given.length ? finite(rule(given)) : MISSING;
  };

  /** A function that needs every argument: one missing gives no result, and neither does one outside its domain. */
  const of = (rule) => (args) => {
    const given = numbers(args);
    return given.length < args.length ? MISSING : finite(rule(...given));
  };

  const texts = (rule) => (args) => rule(...args.map(textOf));

  const UP = {
    half: (sign, rest, step) => 2n * rest >= step,
    up: (sign, rest) => rest > 0n,
    down: () => false,
    floor: (sign, rest) => sign < 0 && rest > 0n,
    ceiling: (sign, rest) => sign > 0 && rest > 0n,
  };

  /** Rounds the decimal that people see, so that 2.675 becomes 2.68. */
  const rounded = (mode) => (number, places = 0) => {
    if (number === 0) return 0;
    const shift = Math.max(-12, Math.min(12, Math.trunc(places)));
    const [sign, digits, power] = decimal(number);
    if (power + shift >= 0) return number;
    const step = 10n ** BigInt(-power - shift);
    const [whole, rest] = [BigInt(digits) / step, BigInt(digits) % step];
    const kept = UP[mode](sign, rest, step) ? whole + 1n : whole;
    return sign * Number(`${kept}e${-shift}`);
  };

  function median(given) {
    const sorted = [...given].sort((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  function mid(text, start, length) {
    const [first, wanted] = [numberOf(start), numberOf(length)];
    if (first === null || wanted === null) return MISSING;
    const from = Math.max(0, Math.trunc(first) - 1);
    return points(text).slice(from, from + Math.max(0, Math.trunc(wanted))).join("");
  }

  function side(text, wanted, right) {
    const all = points(text);
    const kept = Math.min(Math.max(0, Math.trunc(numberOf(wanted) ?? 0)), all.length);
    return (right ? all.slice(all.length - kept) : all.slice(0, kept)).join("");
  }

  function find(part, text) {
    const [within, place] = [lower(text), lower(text).indexOf(lower(part))];
    return place < 0 ? 0 : points(within.slice(0, place)).length + 1;
  }

  function replaceText(text, old, fresh) {
    if (!old || points(text).length + count(text, old) * points(fresh).length > MAX_TEXT) return text;
    return text.split(old).join(fresh);
  }

  const isInteger = (args) => numberOf(args[0]) !== null && Number.isInteger(numberOf(args[0]));
  const isBlank = (args) => isMissing(args[0]);
  const never = () => false; // missing codes are kept apart from values here, never among them

  // name: [fewest arguments, most arguments, the function of (arguments, today)]; `if` is evaluated lazily elsewhere
  const FUNCTIONS = new Map(Object.entries({
    sum: [1, MANY, over(language.total)],
    mean: [1, MANY, over(language.mean)],
    median: [1, MANY, over(median)],
    min: [1, MANY, over((given) => Math.min(...given))],
    max: [1, MANY, over((given) => Math.max(...given))],
    stdev: [1, MANY, over(language.spread)],
    round: [1, 2, of(rounded("half"))],
    roundup: [1, 2, of(rounded("up"))],
    rounddown: [1, 2, of(rounded("down"))],
    floor: [1, 1, of(rounded("floor"))],
    ceil: [1, 1, of(rounded("ceiling"))],
    ceiling: [1, 1, of(rounded("ceiling"))],
    abs: [1, 1, of(Math.abs)],
    sqrt: [1, 1, of(Math.sqrt)],
    exp: [1, 1, of(language.exponential)],
    exponential: [1, 1, of(language.exponential)],
    log: [1, 2, of(language.logarithm)],
    mod: [2, 2, of((left, right) => left % right)],
    isnumber: [1, 1, (args) => numberOf(args[0]) !== null],
    isinteger: [1, 1, isInteger],
    isblankormissingcode: [1, 1, isBlank],
    isblanknotmissingcode: [1, 1, isBlank],
    ismissingcode: [1, 2, never],
    hasmissingcode: [1, MANY, never],
    contains: [2, 2, texts((text, part) => lower(text).includes(lower(part)))],
    not_contain: [2, 2, texts((text, part) => !lower(text).includes(lower(part)))],
    starts_with: [2, 2, texts((text, part) => lower(text).startsWith(lower(part)))],
    ends_with: [2, 2, texts((text, part) => lower(text).endsWith(lower(part)))],
    find: [2, 2, texts(find)],
    left: [2, 2, texts((text, wanted) => side(text, wanted, false))],
    right: [2, 2, texts((text, wanted) => side(text, wanted, true))],
    mid: [3, 3, texts(mid)],
    length: [1, 1, texts((text) => points(text).length)],
    trim: [1, 1, texts(strip)],
    upper: [1, 1, texts((text) => text.toUpperCase())],
    lower: [1, 1, texts(lower)],
    replace_text: [3, 3, texts(replaceText)],
    concat: [1, MANY, texts((...parts) => cut(parts.join("")))],
    concat_ws: [2, MANY, texts((separator, ...parts) => cut(parts.filter(Boolean).join(separator)))],
    if: [3, 3, null],
    datediff: [3, 5, language.datediff],
    calcdate: [3, 3, language.calcdate],
    year: [1, 1, (args, today) => language.part("year", args[0], today)],
    month: [1, 1, (args, today) => language.part("month", args[0], today)],
    day: [1, 1, (args, today) => language.part("day", args[0], today)],
  }));

  Object.assign(language, { FUNCTIONS });
})();
