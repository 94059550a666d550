// Cards of the strategies, failures with their tracebacks, and what was run.

function strategySection(data, sample) {
  const board = new Map(sample.leaderboard.map((row, index) => [row.strategy, { place: index + 1, ...row }]));
  const cards = data.strategies
    .map((row) => ({ row, entry: board.get(row.strategy) }))
    .sort((a, b) => (a.entry?.place ?? Infinity) - (b.entry?.place ?? Infinity))
    .map(({ row, entry }) => strategyCard(row, entry, sample));
  return [h("div", { class: "wide strategies" }, cards)];
}

const AGAINST = { better: "▲ better than", worse: "▼ worse than", "practically equal": "= practically equal to", "not separated": "? not separated from" };

function strategyCard(row, entry, sample) {
  const pairs = [
    ["place", entry ? `${entry.place} of ${sample.leaderboard.length}, mean rank ${fixed(entry.mean_rank)}` : "not ranked under this budget"],
    ["wins", entry ? `${entry.wins} of ${sample.n_instances} instances` : null],
    ["excess", entry ? `${percent(entry.excess)} (95 % ${percent(entry.excess_low)} to ${percent(entry.excess_high)})` : null],
    ["strongest on", entry ? bestKinds(row.strategy, sample) : null],
    ["runs", `${whole(row.runs)}, ${row.failed ? `${whole(row.failed)} failed` : "none failed"}`],
    ["per run", `${seconds(row.cpu_s)} CPU, ${seconds(row.per_evaluation_s)} an evaluation${row.self_counted ? " (counted by itself)" : ""}`],
    ["before the clock", seconds(row.prepare_s)],
    ["parameters", parameters(row.parameters)],
    ["version", `${row.strategy_version}, code ${String(row.code_hash).slice(0, 10)}`],
    ["libraries", row.libraries],
  ].filter(([, value]) => value);
  return h(
    "article",
    { id: `strategy-${anchor(row.strategy)}` },
    h("h3", {}, row.strategy),
    row.summary ? h("p", { class: "how" }, row.summary) : null,
    entry ? h("p", {}, ["vs_champion", "vs_megatron"].filter((key) => entry[key]).map((key) => h("span", { class: "against" }, `${AGAINST[entry[key]]} ${key === "vs_champion" ? "the champion" : "Megatron"}`))) : null,
    h("dl", {}, pairs.flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, value)])),
  );
}

function bestKinds(strategy, sample) {
  const kinds = sample.decisions.filter((row) => row.leader === strategy).map((row) => `${row.dimension}: ${row.kind}`);
  return kinds.length ? kinds.slice(0, 3).join("; ") : null;
}

function parameters(text) {
  const entries = Object.entries(typeof text === "string" ? JSON.parse(text) : (text ?? {}));
  return entries.length ? entries.map(([name, value]) => `${name} = ${value}`).join(", ") : "none";
}

function failureSection(data) {
  if (!data.failures.length) return [h("p", { class: "none" }, "No run failed."), ...flagged(data.flags)];
  const intro = h("p", { class: "how wide" }, "A failed run is a result: it is scored at the instance's penalty (or its own best, whichever is more), comes after every other run in ranks, and reaches no target.");
  const items = data.failures.map((row) =>
    h(
      "details",
      {},
      h("summary", {}, h("b", {}, row.strategy), h("span", { class: "status" }, row.status), h("span", { class: "facts" }, `${plural(row.runs, "run")} on ${plural(row.problems, "instance")}, ${row.budget}`)),
      h("p", { class: "how" }, `First: ${row.problem}, seed ${row.seed}`),
      h("pre", {}, row.error || "No message was left."),
    ),
  );
  return [intro, h("div", { class: "wide cards" }, items), ...flagged(data.flags)];
}

function flagged(flags) {
  if (!flags.length) return [];
  const intro = h("p", { class: "how wide" }, "Flagged runs count as any other, but something about them is possible and odd: docs/trust.md says what each flag means.");
  const items = flags.map((row) => h("li", {}, h("b", {}, row.strategy), ` ${row.flag}: ${plural(row.runs, "run")} on ${plural(row.problems, "instance")}`));
  return [intro, h("ul", { class: "wide" }, items)];
}

function provenanceSection(data) {
  const { provenance } = data;
  const verified = provenance.verified;
  const again = verified ? `${whole(verified[0])} stored allocations were scored again with the readable cost model; ${verified[1] ? `${whole(verified[1])} came out differently` : "all came out the same"}` : "not scored again for this page";
  const listed = (entries) => entries.map(([value, count]) => h("li", {}, `${plural(count, "run")}: ${typeof value === "string" ? value : Object.entries(value).map(([key, of]) => `${key} ${of}`).join(", ")}`));
  const pairs = [
    ["runs", `${whole(provenance.runs)}, of which ${whole(provenance.failed)} failed`],
    ["re-verified", again],
    ["when", `${provenance.first} to ${provenance.last}`],
    ["CPU time", seconds(provenance.cpu_s)],
    ["timing", provenance.timing.join(", ")],
    ["largest process", bytes(provenance.peak_memory_bytes)],
    ["machines", h("ul", {}, listed(provenance.machines))],
    ["versions", h("ul", {}, listed(provenance.versions))],
    ["suites", h("ul", {}, provenance.suites.map(([suite, digest, champion, budget, scope]) => h("li", {}, `${suite}, ${budget}: champion ${champion ?? "not named"}; digest `, h("code", {}, digest), `. ${scope}`)))],
    ["map", "Land: Natural Earth (public domain); projection: Equal Earth."],
  ];
  return [h("dl", { class: "wide provenance" }, pairs.flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]))];
}
