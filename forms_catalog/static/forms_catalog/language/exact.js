// Arithmetic with one answer on every machine: whole numbers inside, rounded once to the nearest double at the end.
// The same as forms_catalog/language/exact.py, step by step; change both together. Infinity and NaN mean "no result".
(() => {
  "use strict";
  const language = (window.askonceLanguage ||= {});
  const SMALLEST = 1074; // every finite double is a whole number of 2^-1074
  const POINT = 200; // bits after the point of logarithms and exponentials: 147 more than a double keeps
  const EXACT_POWERS = 64; // whole exponents up to here are multiplied out
  const LARGEST_EXPONENT = 710n, LOWEST_EXPONENT = -746n; // e^x outside is beyond the largest double, or nothing
  const ENDLESS = 2 ** 64; // with an exponent of this size only 1 stays what it is

  const sum = (numbers) => numbers.reduce((found, number) => found + number, 0n);
  const shifted = (number, bits) => (bits >= 0 ? number << BigInt(bits) : number >> BigInt(-bits));

  /** How many bits a whole number above 0 has. */
  function bitLength(number) {
    const hex = number.toString(16);
    return 4 * hex.length - Math.clz32(parseInt(hex[0], 16)) + 28;
  }

  /** [m, e] with number = m · 2^e. */
  function parts(number) {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, number);
    const bits = view.getBigUint64(0);
    const exponent = Number((bits >> 52n) & 2047n);
    const fraction = bits & ((1n << 52n) - 1n);
    const mantissa = exponent ? fraction | (1n << 52n) : fraction;
    return [number < 0 ? -mantissa : mantissa, Math.max(exponent, 1) - 1075];
  }

  function powerOfTwo(exponent) {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(exponent + 1023) << 52n);
    return view.getFloat64(0);
  }

  /** The double nearest to top / bottom, half to even; Infinity beyond the largest one. */
  function ratio(top, bottom) {
    if (bottom === 0n) return NaN;
    if (top === 0n) return 0;
    const negative = top < 0n !== bottom < 0n;
    const [up, down] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
    let exponent = bitLength(up) - bitLength(down);
    if (shifted(up, Math.max(0, -exponent)) < shifted(down, Math.max(0, exponent))) exponent -= 1;
    const unit = Math.max(exponent - 52, -SMALLEST);
    if (unit > 971) return negative ? -Infinity : Infinity;
    const [n, d] = [shifted(up, Math.max(0, -unit)), shifted(down, Math.max(0, unit))];
    const quotient = n / d;
    const twice = 2n * (n % d);
    const rounded = twice > d || (twice === d && quotient & 1n) ? quotient + 1n : quotient;
    const number = unit < -900 ? Number(rounded) * powerOfTwo(unit + 120) * powerOfTwo(-120)
      : Number(rounded) * powerOfTwo(unit);
    return negative ? -number : number;
  }

  function units(number) {
    const [mantissa, exponent] = parts(number);
    return shifted(mantissa, exponent + SMALLEST);
  }

  /** The whole part of the square root, by Newton's steps from above. */
  function wholeRoot(number) {
    let root = 1n << BigInt(Math.ceil(bitLength(number) / 2));
    for (;;) {
      const next = (root + number / root) >> 1n;
      if (next >= root) return root;
      root = next;
    }
  }

  const total = (numbers) => ratio(sum(numbers.map(units)), 1n << BigInt(SMALLEST));
  const mean = (numbers) => ratio(sum(numbers.map(units)), BigInt(numbers.length) << BigInt(SMALLEST));

  /** The standard deviation of a sample; 0 for a single number. */
  function spread(numbers) {
    const all = numbers.map(units);
    const count = BigInt(numbers.length);
    const top = count * sum(all.map((unit) => unit * unit)) - sum(all) ** 2n;
    if (top === 0n) return 0;
    const bottom = (count * (count - 1n)) << BigInt(2 * SMALLEST);
    const shift = BigInt(Math.max(0, Math.floor((132 - bitLength(top) + bitLength(bottom)) / 2)));
    const square = (top << (2n * shift)) / bottom;
    const root = square ? wholeRoot(square) : 0n;
    const rest = root * root * bottom !== top << (2n * shift);
    return ratio((root << 1n) | (rest ? 1n : 0n), 1n << (shift + 1n));
  }

  /** 2 · artanh(top / bottom) = 2 (z + z³/3 + z⁵/5 + …). */
  function series(top, bottom) {
    let term = (top << BigInt(POINT)) / bottom;
    let found = term;
    const square = (term * term) >> BigInt(POINT);
    for (let odd = 3n; term; odd += 2n) {
      term = (term * square) >> BigInt(POINT);
      found += term / odd;
    }
    return 2n * found;
  }

  const LN2 = series(1n, 3n);

  /** ln in units of 2^-POINT: the power of two, and the rest between 1 and 2 by its series. */
  function naturalLog(number) {
    const [mantissa, exponent] = parts(number);
    const size = bitLength(mantissa) - 1;
    const one = 1n << BigInt(size);
    return BigInt(exponent + size) * LN2 + series(mantissa - one, mantissa + one);
  }

  /** e^x of a number in units of 2^-POINT: x = k ln 2 + rest, so 2^k · e^rest. */
  function raise(number) {
    if (number > LARGEST_EXPONENT << BigInt(POINT)) return Infinity;
    if (number < LOWEST_EXPONENT << BigInt(POINT)) return 0;
    let doublings = number / LN2;
    if (number < 0n && doublings * LN2 !== number) doublings -= 1n;
    const rest = number - doublings * LN2;
    let term = 1n << BigInt(POINT);
    let found = term;
    for (let step = 1n; term; step += 1n) {
      term = ((term * rest) >> BigInt(POINT)) / step;
      found += term;
    }
    const up = doublings > 0n ? doublings : 0n;
    return ratio(found << up, 1n << (BigInt(POINT) + up - doublings));
  }

  function exponential(number) {
    if (number >= ENDLESS) return Infinity;
    const [mantissa, exponent] = parts(number);
    return raise(shifted(mantissa, exponent + POINT));
  }

  function logarithm(number, base) {
    if (number <= 0 || (base !== undefined && base <= 0)) return NaN;
    return ratio(naturalLog(number), base === undefined ? 1n << BigInt(POINT) : naturalLog(base));
  }

  function wholePower(base, exponent) {
    const [mantissa, shift] = parts(base);
    let [top, bottom] = shift < 0 ? [mantissa, 1n << BigInt(-shift)] : [mantissa << BigInt(shift), 1n];
    if (exponent < 0) [top, bottom] = [bottom, top];
    const times = BigInt(Math.abs(exponent));
    return ratio(top ** times, bottom ** times);
  }

  function anyPower(base, exponent) {
    if (base === 0) return exponent > 0 ? 0 : NaN;
    if (Math.abs(exponent) >= ENDLESS) return base === 1 ? 1 : base > 1 === exponent > 0 ? Infinity : 0;
    const [mantissa, shift] = parts(exponent);
    return raise(shifted(naturalLog(base) * mantissa, shift));
  }

  /** A number to the power of another; a negative one only to a whole power. */
  function power(base, exponent) {
    const whole = Number.isInteger(exponent);
    if (base < 0 && !whole) return NaN;
    const found = whole && Math.abs(exponent) <= EXACT_POWERS
      ? wholePower(Math.abs(base), exponent) : anyPower(Math.abs(base), exponent);
    return base < 0 && exponent % 2 ? -found : found;
  }

  Object.assign(language, { total, mean, spread, exponential, logarithm, power });
})();
