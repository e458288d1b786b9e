const FILTERS = { name: "Project", category: "Category", level: "Level", verdict: "Verdict", owner: "Owner" };

export default {
  render({ model, el }) {
    const picked = { at: null, matrix: null, row: null };
    const matches = (row) =>
      Object.keys(FILTERS).every((name) => !picked[name] || row[name] === picked[name]) &&
      (!picked.at || (row.matrix === picked.matrix && String(row.at) === picked.at));

    const filters = (facts) =>
      h(
        "div",
        { class: "rk-bar" },
        Object.entries(FILTERS).map(([name, label]) => {
          const values = [...new Set(facts.rows.map((row) => row[name]))];
          if (values.length < 2) return null;
          const select = choice([["", "all"], ...values.sort()], picked[name] || "", (v) => {
            picked[name] = v;
            view.again();
          });
          select.dataset.key = `filter-${name}`;
          return field(label, select);
        }),
        h("button", { onclick: clear, "data-key": "clear" }, "Clear filters"),
        h("button", { onclick: () => say({ model, el }, { do: "read again" }), "data-key": "reload" }, "Read files again")
      );
    const clear = () => {
      Object.keys(picked).forEach((name) => (picked[name] = null));
      view.again();
    };

    const map = (facts, matrix) => {
      const rows = facts.rows.filter((row) => row.matrix === matrix.id);
      const cell = (likelihood, impact) => {
        const at = `${likelihood},${impact}`;
        const n = rows.filter((row) => String(row.at) === at).length;
        const level = matrix.levels[likelihood - 1][impact - 1];
        const on = picked.at === at && picked.matrix === matrix.id;
        const label =
          `likelihood ${matrix.likelihood[likelihood - 1]}, impact ${matrix.impact[impact - 1]}, ` +
          `level ${level}: ${n} ${n === 1 ? "risk" : "risks"}`;
        const press = () => {
          Object.assign(picked, on ? { at: null, matrix: null } : { at, matrix: matrix.id });
          view.again();
        };
        return h(
          "td",
          {},
          h(
            "button",
            { class: `rk-cell rk-level rk-${level}`, "aria-pressed": String(on), "aria-label": label, title: label,
              "data-key": `cell-${matrix.id}-${at}`, "data-cell": at, onclick: press },
            n ? String(n) : "\u00a0"
          )
        );
      };
      const up = matrix.likelihood.map((name, i) => [name, i + 1]).reverse();
      return h(
        "table",
        { class: "rk-heat" },
        h("caption", {}, `Residual likelihood (up) and impact (right): ${matrix.title}. Press a cell to filter.`),
        h("tbody", {}, up.map(([name, l]) => h("tr", {}, h("th", { scope: "row" }, name), matrix.impact.map((_, i) => cell(l, i + 1))))),
        h("tfoot", {}, h("tr", {}, h("td"), matrix.impact.map((name) => h("th", { scope: "col" }, name))))
      );
    };

    const rowOf = (facts, row) => {
      const open = picked.row === row.key;
      const toggle = () => {
        picked.row = open ? null : row.key;
        view.again();
      };
      const cells = Object.keys(facts.columns).map((name) => {
        if (name === "risk")
          return h("td", {}, h("button", { class: "rk-link", "aria-expanded": String(open), "data-key": `row-${row.key}`, onclick: toggle }, row.risk));
        if (name === "level") return h("td", {}, h("span", { class: `rk-level rk-${row.level}` }, row.level));
        if (name === "verdict") return h("td", {}, h("span", { class: `rk-verdict rk-${row.verdict}` }, row.verdict));
        return h("td", {}, row[name]);
      });
      const line = h("tr", { class: open ? "rk-open" : null }, cells);
      return open ? [line, h("tr", {}, h("td", { colspan: cells.length, class: "rk-behind" }, behind(facts, row)))] : [line];
    };

    const behind = (facts, row) => [
      h("p", {}, row.appetite),
      row.why.map((text) => h("p", {}, text)),
      table(["Walk", "Level"], row.walk, { caption: "From inherent to residual" }),
      table(
        Object.values(facts.evidence),
        row.evidence.map((e) => Object.keys(facts.evidence).map((name) => (name === "record" ? recordLink(e.record) : e[name]))),
        { caption: "Evidence" }
      ),
      h("h4", {}, "Decisions"),
      row.decisions.length ? row.decisions.map((text) => h("p", {}, text)) : h("p", {}, "No decision."),
    ];

    const draw = (facts) => {
      const rows = facts.rows.filter(matches);
      return [
        filters(facts),
        h("div", { class: "rk-bar" }, facts.matrices.map((matrix) => map(facts, matrix))),
        h("p", { role: "status", class: "rk-count" }, `${rows.length} of ${facts.rows.length} risks as of ${facts.as_of}`),
        status(facts),
        table(Object.values(facts.columns), rows.flatMap((row) => rowOf(facts, row)), { caption: "Risks" }),
      ];
    };
    const view = live({ model, el }, draw);
    return view.stop;
  },
};
