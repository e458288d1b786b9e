export default {
  render({ model, el }) {
    const rows = [["", ""]];
    const pick = (name) => (value) => say({ model, el }, { do: "pick", [name]: value, ...(name === "subject" ? {} : { subject: "" }) });
    const keyed = (control, key, keep = false) => {
      control.dataset.key = key;
      if (keep) control.dataset.keep = "";
      return control;
    };

    const conditions = () =>
      h(
        "fieldset",
        {},
        h("legend", {}, "Conditions"),
        rows.map((row, i) =>
          h(
            "div",
            { class: "rk-bar" },
            field(`Condition ${i + 1}`, keyed(h("input", { type: "text", size: "48", value: row[0], oninput: (e) => (row[0] = e.target.value) }), `text-${i}`)),
            field("Due", keyed(h("input", { type: "date", value: row[1], oninput: (e) => (row[1] = e.target.value) }), `due-${i}`))
          )
        ),
        keyed(h("button", { onclick: () => (rows.push(["", ""]), view.again()) }, "Add a condition"), "add")
      );

    const draft = () => {
      const value = (key) => el.querySelector(`[data-key="${key}"]`)?.value ?? "";
      say({ model, el }, {
        do: "draft",
        requested_by: value("requested_by"),
        rationale: value("rationale"),
        expires_on: value("expires_on"),
        conditions: rows,
      });
    };

    const draw = (facts) => [
      table(["Project", "Risk", "Level", "Verdict", "Decision it needs"], facts.open, {
        caption: `${facts.open.length} risks that do not pass, as of ${facts.as_of}`,
      }),
      h(
        "div",
        { class: "rk-bar" },
        field("Project", keyed(choice(facts.projects, facts.project, pick("project")), "project")),
        field("Type", keyed(choice(facts.types, facts.type, pick("type")), "type")),
        field("About", keyed(choice(facts.subjects, facts.subject, pick("subject")), "subject"))
      ),
      h("h4", {}, "What the register says of it"),
      facts.about.map((text) => h("p", {}, text)),
      table(["It would rest on", "Digest"], facts.basis, { caption: "Basis" }),
      h("h4", {}, "The decision"),
      h(
        "div",
        { class: "rk-bar" },
        field("Asked by", keyed(h("input", { type: "text", size: "28" }), "requested_by", true), "a role or a person"),
        facts.longest
          ? field("Expires on", keyed(h("input", { type: "date", min: facts.as_of, max: facts.longest }), "expires_on", true), `${facts.longest} at the latest`)
          : null
      ),
      field("Rationale", keyed(h("textarea", {}), "rationale", true)),
      conditions(),
      h("p", {}, "Who decides is another person than who asks: they fill in their name and the outcome, and commit the file. This form does not sign."),
      keyed(h("button", { class: "rk-main", onclick: draft }, "Draft the file"), "draft"),
      status(facts),
    ];
    const view = live({ model, el }, draw);
    return view.stop;
  },
};
