// needs: trying
// Cut-off, bound and smallest sample: figures are looked up, the verdict is worked out here.
const W = 620;
const pct = (v) => `${(100 * v).toFixed(1)} %`;

export default {
  render({ model, el }) {
    el.classList.add("rk", "rk-what-if");
    const facts = model.get("facts");
    if (!facts.groupings.length) { el.replaceChildren(h("p", {}, "There is no grouping to compare.")); return; }
    const bound = { ...facts.bound };
    let grouping = facts.groupings[0], at = 0;
    const verdict = h("p", { class: "rk-said", role: "status" }), who = h("p", {}), picture = h("div", {}), rates = h("div", {});
    const pick = choice(facts.groupings.map((one) => one.name), grouping.name, (name) => {
      grouping = facts.groupings.find((one) => one.name === name);
      at = Math.min(at, grouping.steps.length - 1);
      dials();
      step();
    });
    pick.dataset.name = "grouping";
    const sliders = h("div", { role: "group", "aria-label": "Thresholds to move" });
    const said = (i) => { const s = grouping.steps[i]; return s.cutoff === null ? "as decided" : `${g(s.cutoff, 4)}: ${pct(s.share)} selected`; };
    function dials() {
      sliders.replaceChildren(
        dial("Cut-off of the score", { name: "cutoff", min: 0, max: grouping.steps.length - 1, step: 1, value: at, say: (v) => said(Math.round(v)),
          help: grouping.steps.length > 1 ? "0 is the decisions as they were" : "these data hold no score" }, (v) => { at = Math.round(v); step(); }).row,
        dial("Bound: ratio at least", { name: "bound", min: 0.5, max: 1, step: 0.01, value: bound.at_least ?? 0.8, say: (v) => g(v, 3),
          help: "a bound moved after the result was seen needs an owner and a reason" }, (v) => { bound.at_least = v; step(); }).row,
        dial("Smallest sample that decides", { name: "min_n", min: 1, max: 20000, step: 1, value: bound.min_n, say: (v) => `n ${Math.round(v)}` },
          (v) => { bound.min_n = Math.round(v); step(); }).row);
    }
    function step() {
      const began = performance.now(), now = grouping.steps[at], m = now.measurement, found = judge(m, bound);
      const needs = found.n_to_decide ? ` It would take n = ${found.n_to_decide.toLocaleString("en-US")}.` : "";
      verdict.replaceChildren(h("span", { class: `rk-verdict rk-${found.verdict}` }, found.verdict), `: ${found.why} (n = ${m.n.toLocaleString("en-US")}).${needs}`);
      who.textContent = now.who;
      picture.replaceChildren(m.value === null ? "" : drawRatio(m, bound, found.verdict));
      rates.replaceChildren(now.rates.length ? drawRates(now.rates) : h("p", { class: "rk-help" }, "Rates of the groups at a cut-off show when the score decides."));
      el.dataset.verdict = found.verdict;
      el.dataset.ms = performance.now() - began;
    }
    el.replaceChildren(h("p", { class: "rk-help" }, facts.why), h("div", { class: "rk-bar" }, field("Grouping", pick)), sliders, verdict, who, picture, rates);
    dials();
    step();
  },
};

function drawRatio(m, bound, verdict) {
  const least = Math.min(0.4, m.low), x = (v) => 10 + ((v - least) / (1.02 - least)) * (W - 20);
  const svg = drawn("svg", { viewBox: `0 0 ${W} 62`, role: "img", class: "rk-picture", "aria-label": `Ratio ${g(m.value, 4)}, interval ${g(m.low, 4)} to ${g(m.high, 4)}: ${verdict}` });
  for (let v = Math.ceil(least * 10) / 10; v <= 1.001; v += 0.1)
    svg.append(drawn("line", { x1: x(v), x2: x(v), y1: 4, y2: 40, class: "rk-grid" }), drawn("text", { x: x(v), y: 58, "text-anchor": "middle" }, v.toFixed(1)));
  svg.append(drawn("rect", { x: x(m.low), y: 16, width: Math.max(2, x(m.high) - x(m.low)), height: 12, class: "rk-inner" }),
    drawn("circle", { cx: x(m.value), cy: 22, r: 6, class: "rk-mark" }));
  if (bound.at_least !== null) svg.append(drawn("line", { x1: x(bound.at_least), x2: x(bound.at_least), y1: 0, y2: 44, class: "rk-bound" }));
  return svg;
}

function drawRates(rates) {
  const high = 24 * rates.length + 22, x = (v) => 190 + v * (W - 330);
  const svg = drawn("svg", { viewBox: `0 0 ${W} ${high}`, role: "img", class: "rk-picture",
    "aria-label": rates.map(([group, k, n, rate]) => `${group}: ${k} of ${n} selected, ${pct(rate)}`).join("; ") });
  rates.forEach(([group, k, n, rate, low, up], i) => {
    const y = 24 * i + 14, short = group.length > 26 ? `${group.slice(0, 25)}…` : group;
    svg.append(drawn("text", { x: 184, y: y + 4, "text-anchor": "end" }, short), drawn("rect", { x: x(low), y: y - 5, width: Math.max(2, x(up) - x(low)), height: 10, class: "rk-inner" }),
      drawn("circle", { cx: x(rate), cy: y, r: 4, class: "rk-mark" }), drawn("text", { x: W - 4, y: y + 4, "text-anchor": "end" }, `${pct(rate)} of ${n}`));
  });
  for (const v of [0, 0.5, 1]) svg.append(drawn("text", { x: x(v), y: high - 4, "text-anchor": "middle" }, `${100 * v} %`));
  return svg;
}
