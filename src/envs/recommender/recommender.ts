/**
 * Recommending to people who tire, seek novelty, leave and come back: sessions with watch time and rare interactions
 * (P049 two-stage constrained actor-critic, arXiv 2302.01680), a trait and a mood of novelty seeking and interests that
 * grow (P180, arXiv 2306.01476).
 */
import * as z from "zod";
import { problem } from "../../problems.ts";
import { box, discrete, multiDiscrete } from "../../spaces/make.ts";
import type { Space, Value } from "../../spaces/space.ts";
import type { Generator } from "../../tensor/random.ts";
import type { Environment } from "../environment.ts";
import { type ParameterValues, withValues } from "../parameters.ts";
import { block, disc, label } from "../scene.ts";
import { simulate } from "../simulation.ts";
import {
  afterStep,
  at,
  endSession,
  itemsAt,
  lists,
  own,
  ranked,
  recommenderParameters,
  responsesOf,
  show,
  sumOf,
} from "./session.ts";
import { itemSize, makeItem, recommenderWorld, tasteSize, topics } from "./users.ts";

export interface RecommenderOptions extends Partial<ParameterValues<typeof recommenderParameters>> {
  /** Which world: its topics and users are a function of it. Default 0. */
  readonly world?: number;
  /** Users there are; each episode is one of them. Default 1000. */
  readonly users?: number;
  /** One of them, a whole number from 0. Default: drawn. */
  readonly user?: number;
  /** Sessions after which an episode ends. Default 20. */
  readonly sessions?: number;
  /** Items to choose from. Default 10. */
  readonly candidates?: number;
  /**
   * "item": which candidate to show; "slate": which ones, in order, of which the user takes one or none; "weights": five
   * weights of a ranker, whose best candidate is shown. Default "item".
   */
  readonly act?: "item" | "slate" | "weights";
  /** Items of a slate. Default 4. */
  readonly slate?: number;
  /** "watch": minutes; "click": clicks. Default "watch". */
  readonly reward?: "watch" | "click";
  readonly name?: string;
}

export const recommenderOptionNames = [
  "world", "users", "user", "sessions", "candidates", "act", "slate", "reward",
  ...(Object.keys(recommenderParameters) as (keyof typeof recommenderParameters)[]),
] as const; // biome-ignore format: one line a kind

const checks = {
  world: [z.number().int().min(0), "a whole number of at least 0"],
  users: [z.number().int().min(1), "a whole number of at least 1"],
  user: [z.number().int().min(0), "a whole number of at least 0"],
  sessions: [z.number().int().min(1), "a whole number of at least 1"],
  candidates: [z.number().int().min(2).max(200), "a whole number from 2 to 200"],
  act: [z.enum(["item", "slate", "weights"]), '"item", "slate" or "weights"'],
  slate: [z.number().int().min(1).max(20), "a whole number from 1 to 20"],
  reward: [z.enum(["watch", "click"]), '"watch" or "click"'],
} as const;

export const userFeatures = 10;
/** What a ranker weighs: known acceptance of the topic, length, quality, popularity, novelty, each about 0. */
export const rankFeatures = 5;
export const itemFeatures = rankFeatures + tasteSize;
/** Steps after which a session ends at the latest. */
const longest = 50;

/**
 * One item (or slate) a step, to one user over all their sessions. Observation: 10 numbers of the user (sessions and
 * steps gone, whether the session is new, days since the last; of the last step click, minutes, like, share, hate; share
 * of clicks so far), then 9 of each candidate: acceptance of its topic so far, log length, quality, popularity, novelty
 * to the user, and what its topic is about (4). Reward: see `reward`. The episode ends when the user does not come back,
 * or after the last session. Info: user, session, topic, responses { click, watch, like, follow, share, hate }, left;
 * and what is hidden: appeal, trait, mood, novelty of what was shown.
 * @throws Problem "bad-option"
 */
export function recommender(options: RecommenderOptions = {}): Environment<Float32Array, Value> {
  const { name = "Recommender", users = 1000, sessions = 20, candidates = 10, act = "item", slate = 4 } = options;
  const { world: number = 0, user, reward = "watch" } = options;
  for (const [option, [schema, wanted]] of Object.entries(checks)) {
    const given = options[option as keyof typeof checks];
    if (given !== undefined && !schema.safeParse(given).success) {
      throw problem("bad-option", { where: name, name: option, given, wanted });
    }
  }
  const world = recommenderWorld(number);
  const actionSpace: Space =
    act === "item"
      ? discrete(candidates)
      : act === "slate"
        ? multiDiscrete(Array<number>(slate).fill(candidates))
        : box(-1, 1, { shape: [rankFeatures] });
  const width = userFeatures + candidates * itemFeatures;
  const features = new Float64Array(rankFeatures);
  const chosen = new Int32Array(act === "slate" ? slate : 1);

  const choose = (state: Float64Array, action: Value): void => {
    if (typeof action === "number") chosen[0] = action;
    else if (act === "slate") chosen.set(action as Int32Array);
    else {
      let best = Number.NEGATIVE_INFINITY;
      for (let item = 0; item < candidates; item++) {
        ranked(state, itemsAt + itemSize * item, features);
        const score = features.reduce((sum, value, i) => sum + value * (action as Float32Array)[i], 0);
        if (score > best) [best, chosen[0]] = [score, item];
      }
    }
  };
  const offer = (state: Float64Array, random: Generator): void => {
    for (let item = 0; item < candidates; item++) makeItem(state, itemsAt + itemSize * item, random);
  };

  return simulate<Float32Array, Value, typeof recommenderParameters>({
    name,
    observationSpace: box(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, { shape: [width] }),
    actionSpace,
    stateSize: itemsAt + itemSize * candidates,
    parameters: withValues(name, recommenderParameters, { ...options }),
    start(state, random, p) {
      state.fill(0);
      state[at.user] = user ?? random.integer(users);
      const trait = world.meet(state[at.user], state.subarray(lists.interest, lists.growing));
      state[at.trait] = trait * p.trait;
      state[at.mood] = p.mood * random.normal();
      state[at.shown] = -1;
      offer(state, random);
    },
    advance(state, action, random, p) {
      choose(state, action);
      state.fill(0, at.left, own);
      state[at.gap] = 0;
      let taken = -1;
      for (let place = 0; place < chosen.length && taken < 0; place++) {
        if (place > 0 && random.uniform() > 0.85) break; // looked no further down
        const item = itemsAt + itemSize * chosen[place];
        if (show(state, item, random, p) === 1) taken = chosen[place];
      }
      afterStep(state, taken >= 0, random, p);
      if (state[at.left] === 1 || state[at.step] >= longest) endSession(state, sessions, random, p);
      offer(state, random);
      return reward === "watch" ? state[at.watch] : state[at.click];
    },
    ended: (state) => state[at.over] === 1,
    observe(state) {
      const seen = new Float32Array(width);
      const shown = sumOf(state, lists.shown);
      seen.set([
        state[at.session] / sessions, state[at.step] / longest, Number(state[at.step] === 0), state[at.gap] / 7,
        state[at.click], state[at.watch] / 5, state[at.like], state[at.share], state[at.hate],
        (sumOf(state, lists.accepted) + 1) / (shown + 2),
      ]); // biome-ignore format: as documented
      for (let item = 0; item < candidates; item++) {
        const from = itemsAt + itemSize * item;
        ranked(state, from, features);
        const to = userFeatures + item * itemFeatures;
        seen.set(features, to);
        for (let i = 0; i < tasteSize; i++) seen[to + rankFeatures + i] = world.about[state[from] * tasteSize + i];
      }
      return seen;
    },
    info: (state) => ({
      user: state[at.user],
      session: state[at.session],
      topic: state[at.shown],
      responses: responsesOf(state),
      left: state[at.left] === 1,
      hidden: {
        appeal: state[at.want],
        trait: state[at.trait],
        mood: state[at.mood],
        novelty: state[at.novelty],
      },
    }),
    draw(state) {
      const bars = Array.from({ length: topics }, (_, topic) => {
        const interest = 1.5 + state[lists.interest + topic] / 2;
        return block(
          topic + 0.5,
          interest / 2,
          0.8,
          Math.max(0.05, interest),
          topic === state[at.shown] ? "#c05621" : "#2b6cb0",
        );
      });
      const worn = Array.from({ length: topics }, (_, topic) =>
        disc(topic + 0.5, -0.3, Math.min(0.4, 0.05 + state[lists.satiation + topic] / 4), "#b4302a"),
      );
      const words = `user ${state[at.user]}, session ${state[at.session] + 1}, step ${state[at.step]}`;
      return {
        x: 0,
        y: -1,
        width: topics,
        height: 5,
        shapes: [...bars, ...worn, label(topics / 2, 3.6, 0.4, words, "#222")],
      };
    },
  });
}
