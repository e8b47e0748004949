// Evaluates a syntax tree (the JSON of forms_catalog/language/tree.py) over answers, as evaluation.py does. No eval.
//
//   askonceLanguage.evaluate(tree, lookup, { today, steps, depth })  →  a text ('' is missing), a number, true or false
//   askonceLanguage.holds(tree, lookup, …)                           →  the same read as a condition
//
// `lookup` takes a reference ({name, event, code, instance, modifier}, only what is there) and gives its answer, '' or
// null where missing, '1' or '0' for one code of a checkbox. Both throw LogicError with code 'bad_tree' or 'budget'.
(() => {
  "use strict";
  const language = window.askonceLanguage;
  const { MISSING, NUMBER, ORDERED, FUNCTIONS, LogicError, finite, numberOf, isTrue, compare } = language;
  const MAX_DEPTH = 150;
  const MAX_STEPS = 20000;
  const MANY_ARGUMENTS = ["or", "and", "+", "-", "*", "/", "%"];
  const REFERENCE = ["name", "event", "code", "instance", "modifier"];
  const sound = new WeakSet(); // trees that were checked before

  const isOrder = (op) => Object.hasOwn(ORDERED, op);
  const isObject = (data) => typeof data === "object" && data !== null && !Array.isArray(data);
  const damaged = () => new LogicError("bad_tree", "This stored expression is damaged: read the dictionary again.");

  function takes(op, given) {
    if (op === "not" || op === "neg") return given === 1;
    if (op === "^" || isOrder(op)) return given === 2;
    return MANY_ARGUMENTS.includes(op) && given >= 2;
  }

  function takesArguments(node) {
    if (!("call" in node)) return typeof node.op === "string" && takes(node.op, node.args.length);
    const known = FUNCTIONS.get(node.call);
    return known !== undefined && known[0] <= node.args.length && node.args.length <= known[1];
  }

  const isReference = (ref) =>
    isObject(ref) && "name" in ref &&
    Object.entries(ref).every(([key, value]) => REFERENCE.includes(key) && typeof value === "string");

  function isSound(node, depth) {
    if (depth > MAX_DEPTH || !isObject(node)) return false;
    if ("number" in node) return typeof node.number === "string" && NUMBER.test(node.number);
    if ("text" in node) return typeof node.text === "string";
    if ("truth" in node) return typeof node.truth === "boolean";
    if ("ref" in node) return isReference(node.ref);
    return Array.isArray(node.args) && takesArguments(node) && node.args.every((arg) => isSound(arg, depth + 1));
  }

  function check(tree) {
    if (isObject(tree) && sound.has(tree)) return;
    if (!isSound(tree, 1)) throw damaged();
    sound.add(tree);
  }

  /** As in Python, the sign of a remainder is that of the divisor. */
  function remainder(left, right) {
    const rest = left % right;
    return rest !== 0 && rest < 0 !== right < 0 ? rest + right : rest;
  }

  const ARITHMETIC = {
    "+": (left, right) => left + right,
    "-": (left, right) => left - right,
    "*": (left, right) => left * right,
    "/": (left, right) => left / right,
    "%": remainder,
    "^": language.power,
  };

  function arithmetic(op, values) {
    const numbers = values.map(numberOf);
    if (numbers.includes(null)) return MISSING;
    if (op === "neg") return -numbers[0];
    if ((op === "/" || op === "%") && numbers.slice(1).includes(0)) return MISSING;
    return finite(numbers.reduce(ARITHMETIC[op]));
  }

  /** One evaluation: what it may read and what it has spent. */
  class Run {
    constructor(lookup, { today = "", steps = MAX_STEPS, depth = MAX_DEPTH } = {}) {
      Object.assign(this, { lookup, today, steps, depth, spent: 0 });
    }

    value(node, depth) {
      this.spent += 1;
      if (this.spent > this.steps || depth > this.depth) {
        throw new LogicError("budget", "The logic is too large to evaluate. Split it up.");
      }
      if ("number" in node) return finite(Number(node.number));
      if ("text" in node) return node.text;
      if ("truth" in node) return node.truth;
      if ("ref" in node) return this.lookup(node.ref) ?? MISSING;
      return "call" in node ? this.call(node.call, node.args, depth + 1) : this.operate(node.op, node.args, depth + 1);
    }

    call(name, args, depth) {
      if (name === "if") return this.value(isTrue(this.value(args[0], depth)) ? args[1] : args[2], depth);
      return FUNCTIONS.get(name)[2](args.map((arg) => this.value(arg, depth)), this.today);
    }

    operate(op, args, depth) {
      if (op === "and") return args.every((arg) => isTrue(this.value(arg, depth)));
      if (op === "or") return args.some((arg) => isTrue(this.value(arg, depth)));
      const values = args.map((arg) => this.value(arg, depth));
      if (op === "not") return !isTrue(values[0]);
      return isOrder(op) ? compare(op, values[0], values[1]) : arithmetic(op, values);
    }
  }

  function evaluate(tree, lookup, options) {
    check(tree);
    return new Run(lookup, options).value(tree, 1);
  }

  const holds = (tree, lookup, options) => isTrue(evaluate(tree, lookup, options));

  Object.assign(language, { evaluate, holds });
})();
