export default {
  render({ model, el }) {
    const keyed = (control, key) => {
      control.dataset.key = key;
      return control;
    };
    const draw = (facts) => {
      const both = (name, value) => say({ model, el }, { do: "pick", assessment: facts.assessment, before: facts.before, after: facts.after, [name]: value });
      return [
        h(
          "div",
          { class: "rk-bar" },
          facts.assessments.length
            ? field("Assessment", keyed(choice(facts.assessments, facts.assessment, (v) => say({ model, el }, { do: "pick", assessment: v })), "assessment"))
            : null,
          facts.before ? field("Before", keyed(choice(facts.runs, facts.before, (v) => both("before", v)), "before")) : null,
          facts.after ? field("After", keyed(choice(facts.runs, facts.after, (v) => both("after", v)), "after")) : null
        ),
        facts.before ? h("p", {}, "Executed notebooks: ", recordLink(facts.before), " and ", recordLink(facts.after)) : null,
        facts.before ? table(facts.heads, facts.measures, { caption: "Measurements" }) : null,
        facts.before
          ? facts.changed.length
            ? table(facts.changed_heads, facts.changed, { caption: "What else changed" })
            : h("p", {}, "Nothing else changed: same inputs, parameters, notebook, kit and methods.")
          : null,
        status(facts),
      ];
    };
    return live({ model, el }, draw).stop;
  },
};
