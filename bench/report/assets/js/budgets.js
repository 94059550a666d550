// All budgets of a suite in one picture.

function budgetSection(sample, order) {
  const views = page.samples.filter((one) => one.suiteId === sample.suiteId && startsOf(one) === startsOf(sample) && !one.alone);
  if (views.length < 2) return [];
  // From the one that allows least to the one that allows most, by the seconds that runs took.
  views.sort((a, b) => a.seconds_to_spend - b.seconds_to_spend);
  const names = [...new Set([...order, ...views.flatMap((one) => one.leaderboard.map((row) => row.strategy))])];
  const rows = views.flatMap((one) => one.leaderboard.map((row, index) => ({ budget_of_row: one.budget, strategy: row.strategy, place: index + 1, mean_rank: row.mean_rank, excess: row.excess, excess_low: row.excess_low, excess_high: row.excess_high, cpu_s: row.cpu_s })));
  const at = (one, name) => one.leaderboard.find((row) => row.strategy === name);
  const series = names.map((name) => ({ name, points: views.map((one, place) => [place, at(one, name)?.excess]).filter(([, value]) => Number.isFinite(value)) }));
  const titles = views.map((one) => one.budget_words);
  return [
    figure({
      id: "budgets",
      title: budgetTitle(views, titles),
      how: `Lower is better. Interquartile mean over instances of the excess over the best known cost. The budgets stand in the order of the CPU time that their runs took (median ${views.map((one) => `${seconds(median(one.leaderboard.map((row) => row.cpu_s)))} after ${one.budget_words}`).join(", ")}). A budget of evaluations counts each the same, whatever it takes a strategy to make one; a budget of seconds does not.`,
      rows,
      wide: true,
      draw: (width) => slopes({ width, budgets: titles, series, title: budgetTitle(views, titles) }),
    }),
  ];
}

function budgetTitle(views, titles) {
  const leaders = views.map((one) => one.leaderboard[0].strategy);
  if (new Set(leaders).size === 1) {
    const excess = views.map((one) => percent(one.leaderboard[0].excess, false)).join(" and ");
    return `${leaders[0]} leads under ${views.length === 2 ? "both budgets" : "every budget"}, ${excess} above the best known`;
  }
  return `Whom to take depends on the budget: ${leaders.map((name, place) => `${name} after ${titles[place]}`).join(", ")}`;
}
