/** What `improve` found, as a report. */
import { join } from "node:path";
import { type Card, type Recording, returns, type Trajectories } from "../../data/index.ts";
import { type Environment, mazeMap, renderPath } from "../../envs/index.ts";
import { type Decision, isRefusal, rollouts } from "../../evaluation/index.ts";
import type { Block, Report } from "../../evaluation/report/index.ts";
import { version } from "../../version.ts";
import { readJsonl } from "../logging/index.ts";
import type { DecisionEvidence } from "./decisions.ts";
import type { Judgement, Setting } from "./improve.ts";
import type { TrajectoryEvidence } from "./trajectories.ts";

export interface Findings {
  readonly recording: Recording;
  readonly card: Card;
  readonly judged: Judgement;
  readonly decision: Decision;
  readonly setting: Setting;
  readonly environment: (() => Environment) | undefined;
  readonly command: string;
}

export async function reportOf(found: Findings): Promise<Report> {
  const { recording, judged, decision, setting, command } = found;
  const { evidence, chosen, value, improvement } = judged;
  const unit = evidence.kind === "decisions" ? "reward a decision" : "discounted return an episode";
  return {
    title: `A better policy from ${recording.provenance.environment || "recorded behaviour"}`,
    subtitle: `${chosen}, learned from ${countsOf(found.card)}`,
    verdict: { status: decision.verdict, sentence: decision.why },
    headlines: [
      {
        label: "Improvement over the log",
        estimate: improvement,
        note: `${unit}, on test ${judged.unit}s that nothing has learned from`,
      },
      ...(judged.played
        ? [
            {
              label: "Improvement when played",
              estimate: judged.played,
              note: "in the recording's environment; never used to choose",
            },
          ]
        : []),
      { label: `Value of ${chosen}`, estimate: value },
      { label: "What the log earned", estimate: evidence.behaviour },
    ],
    sections: [
      { title: "What was recorded", blocks: recorded(found) },
      { title: "What was tried", blocks: tried(evidence, setting) },
      ...(evidence.kind === "trajectories" ? await simulated(found, evidence) : [probabilities(found, evidence)]),
      { title: "How it was learned", blocks: await curves(setting) },
    ],
    provenance: {
      command,
      seed: setting.seed,
      fingerprints: { recording: recording.provenance.fingerprint },
      versions: { repertoire: version },
    },
  };
}

const countsOf = ({ kind, rows, episodes }: Card): string =>
  kind === "decisions"
    ? `${rows.toLocaleString("en")} logged decisions`
    : `${episodes.toLocaleString("en")} episodes, ${rows.toLocaleString("en")} steps`;

function recorded({ card, recording, judged }: Findings): Block[] {
  const blocks: Block[] = [
    {
      kind: "table",
      caption: "The recording in short.",
      columns: [{ label: "" }, { label: "" }],
      rows: [
        ["observations", card.observations],
        ["actions", card.actions],
        ["steps or rows", card.rows],
        ["episodes", card.episodes],
      ],
    },
  ];
  if (card.warnings.length > 0) blocks.push({ kind: "list", items: card.warnings });
  if (recording.kind === "trajectories" && judged.evidence.kind === "trajectories") {
    blocks.push({
      kind: "histograms",
      caption: "Returns of the recorded episodes, by who acted.",
      x: { label: "return" },
      series: bySource(recording, judged.evidence.returns),
    });
  }
  return blocks;
}

/** Returns split by the first tag that tells episodes apart. */
function bySource(recording: Trajectories, values: readonly number[]) {
  const [name] =
    Object.entries(recording.tags).find(([, tags]) => new Set(tags).size > 1 && new Set(tags).size <= 6) ?? [];
  if (name === undefined) return [{ name: "all", values }];
  const tags = recording.tags[name];
  return [...new Set(tags)].map((tag) => ({
    name: `${name}: ${tag}`,
    values: values.filter((_, e) => tags[e] === tag),
  }));
}

function tried(evidence: Judgement["evidence"], { level }: Setting): Block[] {
  const reference = { value: evidence.behaviour.value, label: "the log" };
  return [
    {
      kind: "paragraph",
      text: `Every candidate learned on the training part. The choice goes to the one whose estimate on the validation part, less one standard error, is highest; the test part judged that one alone. Intervals are ${Math.round(100 * level)}%.`,
    },
    {
      kind: "intervals",
      caption:
        "Value of each candidate by the validation part. A refusal means that the recording cannot answer for that policy.",
      x: { label: evidence.kind === "decisions" ? "reward a decision" : "discounted return" },
      items: evidence.candidates.map(({ label, value }) => ({ label, estimate: value })),
      reference,
    },
  ];
}

async function simulated(found: Findings, evidence: TrajectoryEvidence): Promise<Report["sections"]> {
  const { environment, recording, judged } = found;
  const sections: { title: string; blocks: Block[] }[] = [];
  const points = evidence.candidates.flatMap(({ label, value, outcome }) =>
    outcome && !isRefusal(value)
      ? [{ x: outcome.discountedReturn.value, y: value.value, interval: value.interval, label }]
      : [],
  );
  if (points.length > 0) {
    sections.push({
      title: "What happened when they were tried",
      blocks: [
        {
          kind: "paragraph",
          text: "The recording names an environment that can be played, so every candidate was. None of this was used to choose.",
        },
        {
          kind: "scatter",
          caption: "Estimated value against the return it then had; on the diagonal the two agree.",
          x: { label: "discounted return in the environment" },
          y: { label: "estimated value" },
          points,
        },
        {
          kind: "table",
          caption: "Outcomes in the environment.",
          columns: [{ label: "candidate" }, { label: "return" }, { label: "success", format: "percent" }],
          rows: evidence.candidates.map(({ label, outcome }) => [
            label,
            outcome?.return ?? null,
            outcome?.success ?? null,
          ]),
        },
        ...(environment && recording.kind === "trajectories"
          ? await drawn(recording, environment, judged, found.setting.seed)
          : []),
      ],
    });
  }
  const { logged, chosen } = evidence.actions;
  sections.push({
    title: "What it does differently",
    blocks: logged.map((values, i) => ({
      kind: "histograms" as const,
      caption: `Action ${i + 1} at the same observations: what was done, and what ${judged.chosen} does.`,
      x: { label: `action ${i + 1}` },
      series: [
        { name: "recorded", values },
        { name: judged.chosen, values: chosen[i] },
      ],
    })),
  });
  return sections;
}

/** In a maze, ways that were gone and ways that are gone now. */
async function drawn(
  recording: Trajectories,
  environment: () => Environment,
  { policy }: Judgement,
  seed: number,
): Promise<Block[]> {
  const world = environment();
  const { name } = world;
  world.close?.();
  if (!/^(Point|Grid)Maze-/.test(name)) return [];
  const map = mazeMap(name);
  const played = await rollouts(policy, environment, { episodes: 12, seed, observations: true });
  const width = recording.observation.shape[1];
  const points = (data: ArrayLike<number | bigint>, from: number, to: number): [number, number][] =>
    Array.from({ length: to - from }, (_, i) => [
      Number(data[(from + i) * width]),
      Number(data[(from + i) * width + 1]),
    ]);
  const total = returns(recording).length;
  const some = Array.from({ length: Math.min(12, total) }, (_, i) => Math.floor((i * total) / Math.min(12, total)));
  const before = some.map((e) => ({
    positions: points(recording.observation.data, recording.offsets[e], recording.offsets[e + 1]),
  }));
  const after = played.episodes.map(({ observations }) => ({
    positions: observations ? points(observations.data, 0, observations.shape[0]) : [],
  }));
  return [
    {
      kind: "drawings",
      caption: "Twelve recorded episodes, and twelve of the chosen policy.",
      items: [
        { svg: renderPath(map, before), label: "recorded" },
        { svg: renderPath(map, after), label: policy.name },
      ],
    },
  ];
}

function probabilities(
  { judged }: Findings,
  { actionNames, actions, diagnostics }: DecisionEvidence,
): Report["sections"][number] {
  const labelled = (values: readonly number[]) => values.map((value, i) => ({ label: actionNames[i], value }));
  return {
    title: "What it does differently",
    blocks: [
      {
        kind: "bars",
        caption: "How often each choice is made on the test rows: by the log, and by the chosen policy.",
        x: { label: "share of decisions", format: "percent" },
        series: [
          { name: "recorded", values: labelled(actions.logged) },
          { name: judged.chosen, values: labelled(actions.chosen) },
        ],
      },
      {
        kind: "table",
        caption: "How well the test rows can answer for the chosen policy.",
        columns: [{ label: "" }, { label: "" }],
        rows: [
          ["rows", diagnostics.rows],
          ["effective rows", diagnostics.effectiveSampleSize],
          ["largest weight", diagnostics.maximumWeight],
          ["mean weight (1 when propensities are right)", diagnostics.meanWeight],
          ["share of choices the log never makes", diagnostics.unsupportedMass],
        ],
      },
    ],
  };
}

async function curves({ folder, candidates }: Setting): Promise<Block[]> {
  const blocks: Block[] = [];
  for (const { label } of candidates) {
    const lines = await readJsonl(join(folder, "candidates", label, "metrics.jsonl"));
    const metric = ["policyLoss", "value", "rewardLoss"].find((name) => lines.some((line) => name in line));
    if (metric === undefined) continue;
    const points = lines.filter((line) => metric in line).map((line) => ({ x: line.step, y: line[metric] }));
    blocks.push({
      kind: "curves",
      caption: `${label}: ${metric} as it learned.`,
      x: { label: "updates" },
      y: { label: metric },
      series: [{ name: label, points }],
    });
  }
  return blocks;
}
