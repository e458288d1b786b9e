// needs: trying
// Ways to decide, one beside the decisions as they were; the bound is a slider.
const W = 620, H = 260;
const pct = (v) => `${(100 * v).toFixed(1)} %`;
const told = ([value, low, high]) => (value === null ? "not known" : `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`);

export default {
  render({ model, el }) {
    el.classList.add("rk", "rk-what-if");
    const { ways, labels, why, grouping, bound: given } = model.get("facts");
    if (!ways.length) { el.replaceChildren(h("p", {}, "Nothing to preview: it needs a score and a label, and two groups that both halves of the rows can hold.")); return; }
    const bound = { ...given }, first = ways[0];
    let chosen = ways[Math.min(1, ways.length - 1)];
    const said = h("p", { class: "rk-said", role: "status" }), picture = h("div", {}), beside = h("div", {});
    const name = uid("way");
    const radios = ways.map((way) => h("label", { class: "rk-radio" },
      h("input", { type: "radio", name, "data-name": way.name, checked: way === chosen, onchange: () => { chosen = way; step(); } }), way.name));
    function verdict(way) {
      const [value, low, high] = way.ratio;
      return judge({ value, low, high, n: way.n, level: way.level, undefined: "no rate" }, bound);
    }
    function step() {
      const began = performance.now(), now = verdict(chosen), was = verdict(first);
      said.replaceChildren(`${first.name}: `, h("span", { class: `rk-verdict rk-${was.verdict}` }, was.verdict), `. ${chosen.name}: `,
        h("span", { class: `rk-verdict rk-${now.verdict}` }, now.verdict), ` (${now.why}, n = ${chosen.n}).`);
      beside.replaceChildren(table(["", first.name, chosen.name], [
        ...Object.entries(labels).map(([key, label]) => [label, told(first[key]), told(chosen[key])]),
        ["selected", `${first.selected} of ${first.n}`, `${chosen.selected} of ${chosen.n}`],
        ["sees the group", first.sees, chosen.sees]], { caption: `What changes, by ${grouping}` }));
      picture.replaceChildren(scatter());
      el.dataset.verdict = now.verdict;
      el.dataset.ms = performance.now() - began;
    }
    function scatter() {
      const known = ways.filter((w) => w.ratio[0] !== null), ends = known.flatMap((w) => w.accuracy.slice(1));
      const left = Math.min(0.5, ...known.map((w) => w.ratio[1])), low = Math.min(...ends), high = Math.max(...ends);
      const x = (v) => 60 + ((v - left) / (1.02 - left)) * (W - 70), y = (v) => 10 + ((high - v) / (high - low || 1)) * (H - 50);
      const svg = drawn("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", class: "rk-picture",
        "aria-label": known.map((w) => `${w.name}: ratio ${w.ratio[0].toFixed(3)}, agreement ${pct(w.accuracy[0])}`).join("; ") });
      for (const v of [low, (low + high) / 2, high]) svg.append(drawn("text", { x: 54, y: y(v) + 4, "text-anchor": "end" }, pct(v)));
      for (let v = Math.ceil(left * 10) / 10; v <= 1.001; v += 0.1) svg.append(drawn("text", { x: x(v), y: H - 22, "text-anchor": "middle" }, v.toFixed(1)));
      svg.append(drawn("text", { x: W / 2, y: H - 4, "text-anchor": "middle" }, `${labels.ratio}; up: ${labels.accuracy}`));
      if (bound.at_least !== null) svg.append(drawn("line", { x1: x(bound.at_least), x2: x(bound.at_least), y1: 4, y2: H - 38, class: "rk-bound" }));
      for (const w of known) {
        const on = w === chosen || w === first, [r, rl, rh] = w.ratio, [a, al, ah] = w.accuracy;
        svg.append(drawn("line", { x1: x(rl), x2: x(rh), y1: y(a), y2: y(a), class: on ? "rk-middle" : "rk-grid" }),
          drawn("line", { x1: x(r), x2: x(r), y1: y(al), y2: y(ah), class: on ? "rk-middle" : "rk-grid" }),
          w === first ? drawn("rect", { x: x(r) - 6, y: y(a) - 6, width: 12, height: 12, class: "rk-mark" }) : drawn("circle", { cx: x(r), cy: y(a), r: on ? 7 : 4, class: "rk-mark" }));
      }
      return svg;
    }
    el.replaceChildren(h("p", { class: "rk-help" }, why), h("fieldset", { class: "rk-ways" }, h("legend", {}, "Way to decide (square: as decided)"), radios),
      dial("Bound: ratio at least", { name: "bound", min: 0.5, max: 1, step: 0.01, value: bound.at_least ?? 0.8, say: (v) => g(v, 3) },
        (v) => { bound.at_least = v; step(); }).row, said, picture, beside);
    step();
  },
};
