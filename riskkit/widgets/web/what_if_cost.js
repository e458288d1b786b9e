// needs: trying, futures
// The bill at other numbers: every step is worked out here from the draws of the simulation; when the hand lets go, the
// kernel measures with intervals.
const LABELS = { calls_per_month: "Calls in the first month", monthly_growth: "Growth of calls a month", token_growth: "Growth of tokens a call a month",
  agent_steps: "Steps of a task", retry_rate: "Share of tries repeated", price: "Price of a call, as a factor", monthly_budget_usd: "Budget a month, USD" };
const share = (v) => `${(100 * v).toFixed(1)} %`;
const whole = (v) => Math.round(v).toLocaleString("en-US");
const usd = (v) => (v >= 100 ? `$${whole(v)}` : `$${v.toFixed(2)}`);
const SAY = { calls_per_month: whole, monthly_growth: share, token_growth: share, retry_rate: share, agent_steps: (v) => g(v, 3),
  price: (v) => `× ${g(v, 3)}`, monthly_budget_usd: usd };
const W = 620, H = 240, LEFT = 66, BOTTOM = 24;

export default {
  render({ model, el }) {
    el.classList.add("rk", "rk-what-if");
    const facts = model.get("facts"), chance = unpacked(facts.chance, model.get("data"));
    const changes = {};
    const said = h("p", { class: "rk-said", role: "status" }), fan = h("div", {}), spread = h("div", {}), measured = h("div", {});
    const reset = h("button", { type: "button", "data-name": "reset", onclick: () => {
      Object.keys(changes).forEach((name) => delete changes[name]);
      dials.forEach(([slide, dial]) => dial.set(slide.value));
      step();
      measure();
    } }, "As assumed");
    const measure = () => say({ model, el }, { do: "measure", changes: { ...changes } });
    const dials = facts.slides.map((slide) => [slide, dial(LABELS[slide.name], { name: slide.name, min: slide.low, max: slide.high, step: slide.step,
      value: slide.value, say: SAY[slide.name], help: `assumed: ${slide.assumed}` }, (v) => { changes[slide.name] = v; step(); }, measure)]);

    function step() {
      const began = performance.now(), budget = changes.monthly_budget_usd ?? facts.budget;
      const { bills, skewed } = futures(chance, changes);
      const found = summary(bills, budget);
      const last = found.rows[found.rows.length - 1];
      said.textContent = skewed
        ? "So few calls a month that single calls matter: let go, and the kernel works it out."
        : `Some month exceeds ${usd(budget)} in ${share(found.exceeded)} of ${whole(chance.paths)} futures; month ${last.month}: median ${usd(last.p50)}, one in ten above ${usd(last.p90)}.`;
      el.dataset.exceeded = skewed ? "" : found.exceeded;
      el.dataset.median = skewed ? "" : last.p50;
      fan.replaceChildren(skewed ? "" : drawFan(found.rows, budget));
      spread.replaceChildren(skewed ? "" : drawSpread(bills[bills.length - 1], budget, last));
      told();
      el.dataset.ms = performance.now() - began;
    }

    function told() {
      const { measured: rows, changes: at } = model.get("facts");
      const same = JSON.stringify(Object.entries(at).sort()) === JSON.stringify(Object.entries(changes).sort());
      const names = Object.entries(at).map(([name, v]) => `${LABELS[name].toLowerCase()} ${SAY[name](v)}`);
      const caption = `Measured with ${names.length ? names.join(", ") : "everything as assumed"}${same ? "" : " (moved since)"}`;
      measured.replaceChildren(table(["measure", "value", "interval", "n", "bound", "verdict"], rows, { caption }));
    }
    el.replaceChildren(said, h("div", { class: "rk-two" }, fan, spread), h("div", { role: "group", "aria-label": "Assumptions to move" }, dials.map(([, d]) => d.row)),
      h("div", { class: "rk-bar" }, reset), measured);
    model.on("change:facts", told);
    step();
    return () => model.off("change:facts", told);
  },
};

function unpacked(chance, data) {
  const read = (name) => { const view = data[name]; return new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)); };
  const made = { ...chance, rows: {}, by_month: {} };
  for (const name of chance.rows) made.rows[name] = read(name);
  for (const name of chance.by_month) made.by_month[name] = Array.from({ length: chance.months }, (_, i) => read(`${name}.${i}`));
  return made;
}

function frame(about, top) {
  const svg = drawn("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": about, class: "rk-picture" });
  for (const part of [0, 0.5, 1]) {
    const y = (H - BOTTOM) * (1 - part) + 6 * part;
    svg.append(drawn("line", { x1: LEFT, x2: W, y1: y, y2: y, class: "rk-grid" }), drawn("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, usd(top * part)));
  }
  return svg;
}

function drawFan(rows, budget) {
  const top = 1.06 * Math.max(budget, ...rows.map((r) => r.p99)) || 1;
  const x = (i) => LEFT + (rows.length > 1 ? (i / (rows.length - 1)) * (W - LEFT - 4) : (W - LEFT) / 2), y = (v) => H - BOTTOM - (v / top) * (H - BOTTOM - 6);
  const path = (names) => {
    const [up, down] = names.map((name) => rows.map((r, i) => `${x(i).toFixed(1)},${y(r[name]).toFixed(1)}`));
    return `M${up.join("L")}${down ? `L${down.reverse().join("L")}Z` : ""}`;
  };
  const last = rows[rows.length - 1];
  const svg = frame(`Bill by month: month ${last.month} has median ${usd(last.p50)}, nine in ten below ${usd(last.p90)}; budget ${usd(budget)}`, top);
  svg.append(drawn("path", { d: path(["p90", "p99"]), class: "rk-outer" }), drawn("path", { d: path(["p10", "p90"]), class: "rk-inner" }),
    drawn("path", { d: path(["p50"]), class: "rk-middle" }), drawn("line", { x1: LEFT, x2: W, y1: y(budget), y2: y(budget), class: "rk-bound" }),
    drawn("text", { x: LEFT + 4, y: Math.max(12, y(budget) - 4) }, `budget ${usd(budget)}`), drawn("text", { x: LEFT, y: H - 6 }, "month 1"),
    drawn("text", { x: W, y: H - 6, "text-anchor": "end" }, `month ${last.month}`));
  return svg;
}

function drawSpread(bills, budget, last) {
  const most = Math.max(last.p99 * 1.15, budget * 1.05) || 1, bins = new Uint32Array(40);
  for (const bill of bills) bins[Math.min(39, Math.floor((bill / most) * 40))]++;
  const high = Math.max(...bins), wide = (W - LEFT) / 40, svg = drawn("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", class: "rk-picture",
    "aria-label": `Bill of month ${last.month} over the futures: ${share(last.exceed)} lie above the budget` });
  bins.forEach((n, i) => svg.append(drawn("rect", { x: LEFT + i * wide + 1, width: wide - 2, y: H - BOTTOM - (n / high) * (H - BOTTOM - 18), height: (n / high) * (H - BOTTOM - 18),
    class: ((i + 0.5) / 40) * most > budget ? "rk-over" : "rk-under" })));
  const at = LEFT + (budget / most) * (W - LEFT);
  svg.append(drawn("line", { x1: at, x2: at, y1: 4, y2: H - BOTTOM, class: "rk-bound" }), drawn("text", { x: LEFT, y: H - 6 }, "$0"),
    drawn("text", { x: W, y: H - 6, "text-anchor": "end" }, usd(most)), drawn("text", { x: LEFT + 4, y: 14 }, `month ${last.month}: ${share(last.exceed)} above the budget`));
  return svg;
}
