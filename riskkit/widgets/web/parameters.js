export default {
  render({ model, el }) {
    const control = (f) => {
      const made =
        f.type === "bool"
          ? choice(["true", "false"], f.value, () => {})
          : h("input", { type: "text", size: String(Math.min(60, Math.max(16, f.value.length + 4))), value: f.value, spellcheck: "false" });
      made.dataset.key = f.name;
      made.addEventListener("keydown", (e) => e.key === "Enter" && use());
      return made;
    };
    const values = () =>
      Object.fromEntries(model.get("facts").fields.map((f) => [f.name, el.querySelector(`[data-key="${f.name}"]`).value]));
    const use = () => say({ model, el }, { do: "use", values: values() });
    const draw = (facts) => [
      h("div", { class: "rk-bar", role: "group", "aria-label": "Parameters" }, facts.fields.map((f) => field(f.name, control(f), `${f.help} (${f.type})`))),
      h(
        "div",
        { class: "rk-bar" },
        h("button", { class: "rk-main", "data-key": "use", onclick: use }, "Use these values"),
        h("button", { "data-key": "profile", onclick: () => say({ model, el }, { do: "profile", project: values().project }) }, "Use those of the project's profile")
      ),
      status(facts),
    ];
    return live({ model, el }, draw).stop;
  },
};
