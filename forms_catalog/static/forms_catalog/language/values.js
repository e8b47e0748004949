// Values while an expression is evaluated: a text ('' is missing), a number (a finite double) or true and false.
// The same as forms_catalog/language/values.py: what counts as missing, as a number, as true, and how two compare.
(() => {
  "use strict";
  const language = (window.askonceLanguage ||= {});
  const MISSING = "";
  const NUMBER = /^[+-]?(?:\d{1,400}(?:\.\d*)?|\.\d+)$/;
  const BLANKS = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"; // Python's
  const AROUND = new RegExp(`^[${BLANKS}]+|[${BLANKS}]+$`, "g");

  class LogicError extends Error {
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  }

  const strip = (text) => text.replace(AROUND, "");
  const isMissing = (value) => typeof value === "string" && strip(value) === "";
  const finite = (number) => (Number.isFinite(number) ? number : MISSING);

  /** The value as a number, or null where it is missing or no plain decimal number. */
  function numberOf(value) {
    if (typeof value !== "string") return Number(value);
    const text = strip(value);
    const number = NUMBER.test(text) ? Number(text) : NaN;
    return Number.isFinite(number) ? number : null;
  }

  /** [sign, digits, power]: the shortest decimal that reads back as this number, sign · digits · 10^power. */
  function decimal(number) {
    const [head, power] = Math.abs(number).toExponential().split("e");
    const digits = head.replace(".", "");
    return [number < 0 ? -1 : 1, digits, Number(power) - digits.length + 1];
  }

  /** The value as people and files write it: 4, 2.7, 1 and 0 for true and false; never with an exponent. */
  function textOf(value) {
    if (typeof value === "string") return value;
    if (typeof value === "boolean") return value ? "1" : "0";
    if (value === 0) return "0";
    const [sign, digits, power] = decimal(value);
    const whole = digits.padStart(1 - power, "0");
    const text = power >= 0 ? digits + "0".repeat(power) : `${whole.slice(0, power)}.${whole.slice(power)}`;
    return sign < 0 ? `-${text}` : text;
  }

  /** How a bare [field] reads in a condition: answered and not 0. */
  function isTrue(value) {
    const number = numberOf(value);
    return number === null ? !isMissing(value) : number !== 0;
  }

  /** -1, 0 or 1 by code points, as Python compares texts; JavaScript's own < goes by halves of them. */
  function textOrder(left, right) {
    const [one, other] = [Array.from(left), Array.from(right)];
    for (let i = 0; i < Math.min(one.length, other.length); i += 1) {
      if (one[i] !== other[i]) return Math.sign(one[i].codePointAt(0) - other[i].codePointAt(0));
    }
    return Math.sign(one.length - other.length);
  }

  const ORDERED = {
    "=": (sign) => sign === 0, "<>": (sign) => sign !== 0,
    "<": (sign) => sign < 0, "<=": (sign) => sign <= 0, ">": (sign) => sign > 0, ">=": (sign) => sign >= 0,
  };

  /** `left op right`: numbers where both are numbers, else text; missing equals only missing and has no order. */
  function compare(op, left, right) {
    if (isMissing(left) || isMissing(right)) {
      const same = isMissing(left) && isMissing(right);
      return op === "=" ? same : op === "<>" ? !same : false;
    }
    const [first, second] = [numberOf(left), numberOf(right)];
    if (first !== null && second !== null) return ORDERED[op](Math.sign(first - second));
    return ORDERED[op](textOrder(strip(textOf(left)), strip(textOf(right))));
  }

  Object.assign(language, {
    MISSING, NUMBER, ORDERED, LogicError, strip, isMissing, finite, numberOf, decimal, textOf, isTrue, compare,
  });
})();
