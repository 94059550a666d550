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
    ["place", sample.alone ? null : entry ? `${entry.place} of ${sample.leaderboard.length}, mean rank ${fixed(entry.mean_rank)}` : "not ranked under this budget"],
    ["wins", entry && !sample.alone ? `${entry.wins} of ${sample.n_instances} instances` : null],
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
  const retries = retried(data.retries);
  if (!data.failures.length) return [h("p", { class: "none wide" }, retries.length ? "No run failed for good." : "No run failed."), ...retries, ...flagged(data.flags)];
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
  return [intro, h("div", { class: "wide cards" }, items), ...retries, ...flagged(data.flags)];
}

// Attempts that were made again count nowhere above, and are not kept quiet.
function retried(retries) {
  if (!retries.length) return [];
  const total = retries.reduce((sum, row) => sum + row.runs, 0);
  const intro = h("p", { class: "how wide" }, `${plural(total, "attempt")} ended without a result and ${total === 1 ? "was" : "were"} made again; the tables count the last attempt alone:`);
  const items = retries.map((row) => h("li", {}, h("b", {}, row.strategy), ` ${row.budget}: ${plural(row.runs, "attempt")} on ${plural(row.problems, "instance")} ended in ${row.status}${row.error ? ` (${row.error.trim().split("\n").at(-1)})` : ""}; made again: ${row.then}`));
  return [intro, h("ul", { class: "wide", id: "retries" }, items)];
}

function flagged(flags) {
  if (!flags.length) return [h("p", { class: "how wide" }, "No run is flagged as odd.")];
  const intro = h("p", { class: "how wide" }, "Flagged runs count as any other, but something about them is possible and odd: docs/trust.md says what each flag means.");
  const items = flags.map((row) => h("li", {}, h("b", {}, row.strategy), ` ${row.flag}: ${plural(row.runs, "run")} on ${plural(row.problems, "instance")}`));
  return [intro, h("ul", { class: "wide" }, items)];
}

function provenanceSection(data) {
  const { provenance } = data;
  const verified = provenance.verified;
  const again = verified ? `${whole(verified[0])} stored candidates were scored again by the readable judge when this page was made; ${verified[1] ? `${whole(verified[1])} came out differently` : "all came out the same"}` : "not scored again when this page was made; tasklet-bench verify does it, and so does report --verify";
  const itemised = (entries) => entries.map(([value, count]) => h("li", {}, `${plural(count, "run")}: ${typeof value === "string" ? value : Object.entries(value).map(([key, of]) => `${key} ${of}`).join(", ")}`));
  const pairs = [
    ["runs", `${whole(provenance.runs)}, of which ${whole(provenance.failed)} failed${provenance.superseded ? `; ${plural(provenance.superseded, "earlier attempt")} that ended without a result ${provenance.superseded === 1 ? "was" : "were"} made again` : ""}`],
    ["re-verified", again],
    ["when", `${provenance.first} to ${provenance.last}`],
    ["CPU time", seconds(provenance.cpu_s)],
    ["timing", provenance.timing.join(", ")],
    ["largest process", bytes(provenance.peak_memory_bytes)],
    ["machines", [h("ul", {}, itemised(provenance.machines)), provenance.mixed_machines ? h("p", { class: "warning" }, `Mind: ${provenance.mixed_machines}.`) : h("p", { class: "how" }, "All runs were made on one machine, so that their CPU seconds compare.")]],
    ["versions", h("ul", {}, itemised(provenance.versions))],
    ["suites", h("ul", {}, provenance.suites.map(([suite, digest, champion, budget, scope]) => h("li", {}, `${suite}, ${budget}: champion ${champion ?? "not named"}; digest `, h("code", {}, digest), `. ${scope}`)))],
    ["map", "Land: Natural Earth (public domain); projection: Equal Earth."],
  ];
  return [h("dl", { class: "wide provenance" }, pairs.flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]))];
}
