"""Generate the data of loan-approval: decisions of a fitted credit model, refusals to explain, calls and tokens.

Planted: an interaction of sex and age ("fairness gerrymandering": M. Kearns, S. Neel, A. Roth, Z. S. Wu 2018,
ICML, arXiv:1711.05144). Women under 35 are approved less, other women more, men the other way round, so that both
sexes and both age bands have equal rates while the intersection has not. In the generated applicants meant to stand for
the real ones: some are near copies of an applicant, and high and low incomes are gone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from generated import calls, run, write_csv, write_jsonl, write_readme  # noqa: E402

from riskkit.model import Prompt  # noqa: E402

APPLICANTS = 12_000
HISTORY = 20_000
EXPLAINED = 300
YOUNG = 0.25
"""Share of applicants aged 18 to 34."""
FAIR = 0.50
PLANTED = {("female", True): 0.38, ("female", False): 0.54, ("male", True): 0.62, ("male", False): 0.46}
"""Approval rate by sex and whether under 35; weighted by age both sexes come to 0.50, and both age bands too."""
STAND_INS = 1_000
COPIED = 0.06
"""Share of stand-ins that repeat an applicant, with another 100 USD of debt."""
INVENTED = 0.12
"""Planted by the profile (targets.explanations.faults), whatever this script is told; here for the page of truths."""
ETHNICITY = ("group A", "group B", "group C", "group D")
FEATURES = ["income", "debt", "years_employed"]
SHOWN = ["sex", "age", "ethnicity_group", *FEATURES, "score", "approved"]
PROMPT = "Explain to the applicant in a few sentences why the application was refused."


def generate(out: Path, *, seed: int, faults: bool) -> dict[str, float]:
    """Write every file to ``out`` and return the planted values by name."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, 1])
    model = _fitted(rng)
    table = _applicants(rng, model)
    table["approved"], table["required"] = _decided(rng, table, faults=faults)
    _write_decisions(out / "decisions.generated.csv", table)
    stand_ins = _stand_ins(np.random.default_rng([seed, 6]), table, model, faults=faults)
    write_csv(out / "standins.generated.csv", SHOWN, stand_ins[SHOWN].itertuples(index=False))
    prompts = write_jsonl(out / "prompts.generated.jsonl", _prompts(rng, table))
    rows = calls(rng, model="phantom-explanation v1", months=6, a_month=150, tokens=(900, 220))
    header = ["model", "input_tokens", "output_tokens", "cached_tokens", "at"]
    write_csv(out / "usage.generated.csv", header, rows)
    files = {
        "decisions.generated.csv": f"{len(table)} applicants scored by a logistic regression fitted on generated "
        "history; sex, age and ethnicity group are drawn independently of everything the model sees",
        "standins.generated.csv": f"{len(stand_ins)} generated applicants that stand for the real ones",
        "prompts.generated.jsonl": f"{prompts} refused applicants whose refusal is to be explained from their record",
        "usage.generated.csv": "calls of the simulated model that explains, six months without growth",
    }
    return write_readme(
        out, project="loan-approval", seed=seed, faults=faults, files=files, truths=_truths(faults)
    )


def _truths(faults: bool) -> dict[str, tuple[float, str]]:
    rate = PLANTED if faults else dict.fromkeys(PLANTED, FAIR)
    women, men = (YOUNG * rate[sex, True] + (1 - YOUNG) * rate[sex, False] for sex in ("female", "male"))
    young, older = ((rate["female", y] + rate["male", y]) / 2 for y in (True, False))
    return {
        "ratio_sex_x_age_band": (
            min(rate.values()) / max(rate.values()),
            "lowest over highest approval rate among sex and age band together",
        ),
        "ratio_sex": (min(women, men) / max(women, men), "the same for sex alone"),
        "ratio_age_band": (min(young, older) / max(young, older), "the same for age band alone"),
        "ratio_ethnicity_group": (1.0, "the same for ethnicity group"),
        "rate_female_18_34": (rate["female", True], "approval rate of women under 35"),
        "rate_female_35": (rate["female", False], "approval rate of other women"),
        "rate_male_18_34": (rate["male", True], "approval rate of men under 35"),
        "rate_male_35": (rate["male", False], "approval rate of other men"),
        "invented_fact_rate": (
            INVENTED,
            "share of explanations with an invented fact, planted by profile.yml (targets.explanations.faults)",
        ),
        "near_copy_share": (
            COPIED if faults else 0.0,
            "stand-ins that repeat an applicant, but for 100 USD of debt",
        ),
        "income_tail": (
            0.0 if faults else 1.0,
            "coverage of the outer 5 % of incomes among the other stand-ins",
        ),
        "token_growth_rate": (0.0, "growth of tokens a call and month"),
    }


def _fitted(rng: np.random.Generator) -> Any:
    """A logistic regression fitted on generated history."""
    history = _features(rng, HISTORY)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return model.fit(history[FEATURES], _repaid(rng, history))


def _features(rng: np.random.Generator, n: int) -> pd.DataFrame:
    income = np.round(rng.lognormal(10.45, 0.4, n), -2)
    return pd.DataFrame(
        {
            "income": income,
            "debt": np.round(income * rng.beta(2, 4, n), -2),
            "years_employed": np.round(np.minimum(rng.exponential(2.0, n), 9)).astype(int),
        }
    )


def _repaid(rng: np.random.Generator, people: pd.DataFrame) -> np.ndarray:
    burden = people["debt"] / people["income"]
    leaning = (
        0.4
        + 1.2 * (np.log(people["income"]) - 10.45)
        - 3.0 * (burden - 1 / 3)
        + 0.15 * people["years_employed"]
    )
    return np.asarray(rng.random(len(people)) < 1 / (1 + np.exp(-leaning)))


def _applicants(rng: np.random.Generator, model: Any) -> pd.DataFrame:
    """Applicants with their score: probability of repayment, three digits."""
    table = _features(rng, APPLICANTS)
    table["repaid"] = _repaid(rng, table)
    table["score"] = model.predict_proba(table[FEATURES])[:, 1].round(3)
    table["sex"] = rng.choice(["female", "male"], APPLICANTS)
    young = rng.random(APPLICANTS) < YOUNG
    table["age"] = np.where(young, rng.integers(18, 35, APPLICANTS), rng.integers(35, 76, APPLICANTS))
    table["ethnicity_group"] = rng.choice(ETHNICITY, APPLICANTS)
    return table


def _decided(rng: np.random.Generator, table: pd.DataFrame, *, faults: bool) -> tuple[pd.Series, pd.Series]:
    """Who is approved, and the score each needed: the best of each cell, as many as its rate says."""
    approved, required = pd.Series(False, index=table.index), pd.Series(0.0, index=table.index)
    order = table["score"].to_numpy() + rng.uniform(0, 1e-6, len(table))
    for (sex, young), rate in PLANTED.items():
        cell = np.flatnonzero((table["sex"] == sex) & ((table["age"] < 35) == young))
        best = cell[np.argsort(-order[cell])][: round(len(cell) * (rate if faults else FAIR))]
        approved.iloc[best] = True
        required.iloc[cell] = table["score"].iloc[best].min()
    return approved, required


def _stand_ins(rng: np.random.Generator, table: pd.DataFrame, model: Any, *, faults: bool) -> pd.DataFrame:
    """Applicants drawn anew; with faults, some repeat an applicant and the outer incomes are left out."""
    fresh = _applicants(rng, model)
    fresh["approved"], _ = _decided(rng, fresh, faults=faults)
    if not faults:
        return _worded(fresh.head(STAND_INS))
    low, high = table["income"].quantile([0.025, 0.975])
    inner = fresh[fresh["income"].between(low, high)].head(round(STAND_INS * (1 - COPIED)))
    copies = table.loc[rng.choice(table.index, STAND_INS - len(inner), replace=False)]
    together = pd.concat([inner, copies.assign(debt=copies["debt"] + 100)])
    return _worded(together.iloc[rng.permutation(len(together))])


def _worded(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(
        income=table["income"].astype(int),
        debt=table["debt"].astype(int),
        approved=np.where(table["approved"], "yes", "no"),
    )


def _write_decisions(path: Path, table: pd.DataFrame) -> None:
    shown = table.assign(
        applicant=table.index + 1, income=table["income"].astype(int), debt=table["debt"].astype(int)
    )
    for name in ("approved", "repaid"):
        shown[name] = np.where(shown[name], "yes", "no")
    header = ["applicant", "sex", "age", "ethnicity_group", *FEATURES, "score", "approved", "repaid"]
    write_csv(path, header, shown[header].itertuples(index=False))


def _prompts(rng: np.random.Generator, table: pd.DataFrame) -> list[Prompt]:
    """Refusals to explain: applicants who were clearly below the score they needed."""
    refused = table[~table["approved"] & (table["score"] < table["required"])]
    chosen = refused.loc[np.sort(rng.choice(refused.index, EXPLAINED, replace=False))]
    return [
        Prompt(
            prompt_id=f"applicant-{row.Index + 1:05d}",
            prompt=PROMPT,
            context=(
                f"application: A-{row.Index + 1:05d}; decision: refused; income: {row.income:.0f} USD; "
                f"debt: {row.debt:.0f} USD; years employed: {row.years_employed}; score: {row.score:.3f}; "
                f"required score: {row.required:.3f}; next step: you may ask a person to look at this decision again"
            ),
            attributes={"sex": row.sex, "age_band": "18-34" if row.age < 35 else "35 or over"},
        )
        for row in chosen.itertuples()
    ]


if __name__ == "__main__":
    run(generate, folder=HERE)
