export default {
  render({ model, el }) {
    const button = (text, message, given = {}) =>
      h("button", { "data-key": text, onclick: () => say({ model, el }, message), ...given }, text);

    const row = (facts, r) =>
      h(
        "tr",
        { "data-run": `${r.project}/${r.assessment}` },
        [r.project, r.assessment, r.last, r.ended, r.plan, r.progress].map((text) => h("td", {}, text)),
        h("td", {}, recordLink(r.record)),
        h("td", {}, button("Run", { do: "run", row: [r.project, r.assessment], force: true },
          { disabled: Boolean(facts.busy), "aria-label": `Run ${r.assessment} of ${r.project}`, "data-key": `run-${r.project}-${r.assessment}` }))
      );

    const draw = (facts) => [
      h(
        "div",
        { class: "rk-bar" },
        button("Plan", { do: "plan" }, { disabled: Boolean(facts.busy) }),
        button("Run what is not fresh", { do: "run" }, { disabled: Boolean(facts.busy), class: "rk-main" }),
        button("Stop", { do: "cancel" }, { disabled: !facts.busy })
      ),
      facts.busy ? h("p", {}, `${facts.busy} is under way`) : null,
      status(facts),
      table([...facts.heads, "Now"], facts.rows.map((r) => row(facts, r)), { caption: `${facts.rows.length} assessments` }),
    ];
    return live({ model, el }, draw).stop;
  },
};
