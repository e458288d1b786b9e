// Numbers as Python writes them, and the verdict of an interval against a bound: riskkit.model.judge, word for word.

// f"{value:.{digits}g}"
function g(value, digits = 6) {
  if (!Number.isFinite(value)) return value > 0 ? "inf" : value < 0 ? "-inf" : "nan";
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const power = Number(exponent);
  if (power < -4 || power >= digits) {
    const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
    return `${short}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  const fixed = value.toFixed(Math.max(0, digits - 1 - power));
  return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
}

function bound(threshold) {
  const { at_least: least, at_most: most } = threshold;
  if (least !== null && most !== null) return `within ${g(least)} to ${g(most)}`;
  return least !== null ? `at least ${g(least)}` : `at most ${g(most)}`;
}

function judge(m, threshold) {
  const open = (why, needed = null) => ({ verdict: "inconclusive", why, n_to_decide: needed });
  if (m.value === null || m.low === null || m.high === null) return open(`not computable: ${m.undefined}`);
  if (!threshold) return open("no threshold is set for this measure");
  if (m.n < threshold.min_n) return open(`n = ${m.n} is below the required ${threshold.min_n}`, threshold.min_n);
  if (m.level < threshold.confidence - 1e-9)
    return open(`the interval has level ${g(m.level)}, the threshold asks for ${g(threshold.confidence)}`);
  const { at_least: least, at_most: most } = threshold;
  const words = bound(threshold), interval = `[${g(m.low, 4)}, ${g(m.high, 4)}]`;
  if ((least !== null && m.high < least) || (most !== null && m.low > most))
    return { verdict: "breached", why: `the whole interval ${interval} misses ${words}`, n_to_decide: null };
  if ((least === null || m.low >= least) && (most === null || m.high <= most)) {
    const inside = least !== null && most !== null ? words : `on the right side of ${words}`;
    return { verdict: "met", why: `the whole interval ${interval} lies ${inside}`, n_to_decide: null };
  }
  return open(`the interval ${interval} straddles the bound (${words})`, needed(m, threshold));
}

function needed(m, threshold) {
  if (m.n === 0) return null;
  const found = [];
  for (const at of [threshold.at_least, threshold.at_most]) {
    if (at === null || !(m.low < at && at < m.high)) continue;
    const distance = Math.abs(m.value - at), reach = at < m.value ? m.value - m.low : m.high - m.value;
    if (distance <= 1e-12) return null;
    found.push(Math.ceil(Number((m.n * (reach / distance) ** 2).toFixed(6))));
  }
  return found.length ? Math.max(...found) : null;
}

// An element of a picture.
function drawn(tag, given = {}, ...children) {
  const el = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(given)) el.setAttribute(name, value);
  el.append(...children);
  return el;
}

// A slider, a box for the same number, and where it stands. `moved` hears every step, `done` when the hand lets go.
function dial(label, { name, min, max, step, value, say = g, help = "" }, moved, done = () => {}) {
  const range = h("input", { type: "range", min, max, step, "aria-label": label, "data-name": name });
  const box = h("input", { type: "number", step: "any", "aria-label": `${label}, as a number`, "data-box": name });
  const out = h("output", { class: "rk-dial-said" });
  const set = (v) => {
    range.value = v;
    box.value = Number(g(v, 8));
    out.textContent = say(v);
    range.setAttribute("aria-valuetext", say(v));
  };
  range.addEventListener("input", () => { set(+range.value); moved(+range.value); });
  range.addEventListener("change", () => done());
  box.addEventListener("change", () => {
    const v = box.value === "" || !Number.isFinite(+box.value) ? +range.value : Math.min(Math.max(+box.value, min), max);
    set(v);
    moved(v);
    done();
  });
  set(value);
  return { set, row: h("div", { class: "rk-dial" }, h("span", { class: "rk-dial-name" }, label), range, box, out,
    help ? h("span", { class: "rk-help" }, help) : null) };
}
