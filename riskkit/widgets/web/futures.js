// The bill of every simulated future at other numbers: riskkit.measures.simulation.simulate on the same draws.

const at = (row, path) => (row.length === 1 ? row[0] : row[path]);

// `drawn` as riskkit.measures.cost_steps.Drawn has it, rows as Float64Array; `changes` are the numbers held.
function futures(drawn, changes) {
  const { paths, months, rows, by_month: by } = drawn;
  const held = (name) => (name in changes ? new Float64Array([changes[name]]) : rows[name]);
  const [calls, growth, tokens, steps, retry] =
    ["calls_per_month", "monthly_growth", "token_growth", "agent_steps", "retry_rate"].map(held);
  const price = changes.price ?? 1;
  const certain = new Float64Array(paths), deviation = new Float64Array(paths), skew = new Float64Array(paths);
  for (let p = 0; p < paths; p++) {
    const m = price * at(rows.call_usd, p), s = at(steps, p), a = 1 / (1 - at(retry, p));
    const sv = drawn.steps_vary ? s * (s - 1) : 0, st = drawn.steps_vary ? s * (s - 1) * (2 * s - 1) : 0;
    const av = a * (a - 1), third = a * (a - 1) * (2 * a - 1);
    const n = s * a, nv = s * av + sv * a * a, nt = s * third + 3 * sv * a * av + st * a * a * a;
    const d = drawn.variation * m;
    const variance = n * d * d + nv * m * m;
    const cube = n * drawn.skewness * d * d * d + 3 * nv * m * d * d + nt * m * m * m;
    const root = Math.sqrt(variance);
    deviation[p] = root;
    skew[p] = root > 0 ? cube / (root * root * root) : 0;
    certain[p] = n * m + at(rows.checks, p);
  }
  const one = (row) => row.length === 1;
  const noisy = drawn.variation || drawn.steps_vary || (one(retry) ? retry[0] > 0 : retry.some((r) => r > 0));
  const task = new Float64Array(paths), scale = new Float64Array(paths);
  for (let p = 0; p < paths; p++) {
    task[p] = at(calls, p);
    scale[p] = (1 + at(tokens, p)) ** drawn.age;
  }
  const bills = [];
  let skewed = false;
  for (let month = 0; month < months; month++) {
    const bill = new Float64Array(paths), season = drawn.seasonality[month % drawn.seasonality.length];
    const noise = by.noise[month], factor = by.scale[month], events = by.events[month];
    for (let p = 0; p < paths; p++) {
      const count = task[p] * season;
      let surplus = 0;
      if (noisy) {
        const root = Math.sqrt(count), g1 = skew[p] / Math.max(root, 1e-9);
        if (Math.abs(g1) > drawn.very_skewed) skewed = true;
        const near = Math.abs(g1) < 1e-6 ? 1e-6 : g1;
        const cube = Math.max(1 + (near * noise[p]) / 6 - (near * near) / 36, 0);
        surplus = root * deviation[p] * ((2 / near) * (cube * cube * cube - 1));
      }
      bill[p] = scale[p] * at(factor, p) * Math.max(0, count * certain[p] + surplus)
        + count * at(rows.review, p) + at(events, p);
      task[p] *= 1 + at(growth, p);
      scale[p] *= 1 + at(tokens, p);
    }
    bills.push(bill);
  }
  return { bills, skewed };
}

const QUANTILES = [["p10", 0.1], ["p50", 0.5], ["p90", 0.9], ["p99", 0.99]];

// The columns of Projection.months, and `exceeded`: the share of futures with a month above the budget.
function summary(bills, budget) {
  const paths = bills[0].length, over = new Uint8Array(paths);
  const rows = bills.map((bill, i) => {
    let exceed = 0, sofar = 0;
    for (let p = 0; p < paths; p++) {
      if (bill[p] > budget) { exceed++; over[p] = 1; }
      sofar += over[p];
    }
    const row = { month: i + 1, exceed: exceed / paths, exceeded_by_then: sofar / paths };
    const sorted = bill.slice();
    let from = 0;
    for (const [name, q] of QUANTILES) {
      const place = q * (paths - 1), low = Math.floor(place), share = place - low, next = Math.min(low + 1, paths - 1);
      select(sorted, low, from, paths - 1);
      select(sorted, next, low, paths - 1);
      row[name] = sorted[low] * (1 - share) + sorted[next] * share;
      from = next;
    }
    return row;
  });
  return { rows, exceeded: rows[rows.length - 1].exceeded_by_then };
}

// Puts the k-th smallest of values[left..right] at k, smaller ones before it (C. A. R. Hoare's selection).
function select(values, k, left, right) {
  while (left < right) {
    const middle = (left + right) >> 1, pivot = values[middle];
    let i = left, j = right;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) { const kept = values[i]; values[i] = values[j]; values[j] = kept; i++; j--; }
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else return;
  }
}
