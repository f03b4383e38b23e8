/** Levels about things that are named: Fetch, GoToObject, PutNear; and Playground, where nothing is asked. */
import type { Generator } from "../../tensor/random.ts";
import type { Family } from "./family.ts";
import { between, blank, enclose, fill, type Level, pick, put, scatter, scatterAgent, whole } from "./level.ts";
import { colours, type Kind, movableKinds, thing, wall } from "./things.ts";

const anything = (random: Generator, among: readonly Kind[] = movableKinds): number =>
  thing(pick(random, among), pick(random, colours));

function walled(size: number): Level {
  const level = blank(size, size);
  enclose(level, whole(level));
  return level;
}

/** One of some keys and balls is to be picked up, and no other. */
export const fetch = (size: number, count: number): Family => ({
  ...{ width: size, height: size, task: "fetch", maxSteps: 5 * size * size, seesThroughWalls: true, obstacles: 0 },
  mission: "{phrase} {colour} {kind}",
  phrases: ["get a", "go get a", "fetch a", "go fetch a", "you must fetch a"],
  lay(random) {
    const level = walled(size);
    const laid = Array.from({ length: count }, () => anything(random, ["key", "ball"]));
    for (const one of laid) scatter(level, random, one, whole(level));
    scatterAgent(level, random, whole(level));
    level.target = pick(random, laid);
    level.named = [level.target];
    level.phrase = random.integer(5);
    return level;
  },
});

interface Laid {
  readonly what: number;
  readonly cell: number;
}

/** Things of which no two are alike. @param apart and none of which touch, corners included */
function layDifferent(level: Level, random: Generator, count: number, apart: boolean): readonly Laid[] | undefined {
  const laid: Laid[] = [];
  const far = (x: number, y: number): boolean =>
    laid.every(
      ({ cell }) => Math.abs((cell % level.width) - x) > 1 || Math.abs(Math.floor(cell / level.width) - y) > 1,
    );
  while (laid.length < count) {
    const what = anything(random);
    if (laid.some((one) => one.what === what)) continue;
    const cell = scatter(level, random, what, whole(level), apart ? far : undefined);
    if (cell < 0) return undefined;
    laid.push({ what, cell });
  }
  return laid;
}

/** Beside one of some things "done" is to be said. */
export const goToObject = (size: number, count: number): Family => ({
  ...{ width: size, height: size, task: "stand", maxSteps: 5 * size * size, seesThroughWalls: true, obstacles: 0 },
  mission: "go to the {colour} {kind}",
  lay(random) {
    const level = walled(size);
    const laid = layDifferent(level, random, count, false);
    if (laid === undefined) return undefined;
    scatterAgent(level, random, whole(level));
    const { what, cell } = pick(random, laid);
    level.target = cell;
    level.named = [what];
    return level;
  },
});

/** One thing is to be put beside another. */
export const putNear = (size: number, count: number): Family => ({
  ...{ width: size, height: size, task: "put", maxSteps: 5 * size, seesThroughWalls: true, obstacles: 0 },
  mission: "put the {colour} {kind} near the {otherColour} {otherKind}",
  lay(random) {
    const level = walled(size);
    const laid = layDifferent(level, random, count, true);
    if (laid === undefined) return undefined;
    scatterAgent(level, random, whole(level));
    const moved = random.integer(count);
    const stays = laid[(moved + between(random, 1, count)) % count];
    level.target = laid[moved].what;
    level.other = stays.cell;
    level.named = [laid[moved].what, stays.what];
    return level;
  },
});

/** Nine rooms with closed doors between them, and twelve things. */
export const playground = (): Family => ({
  ...{ width: 19, height: 19, task: "roam", maxSteps: 100, seesThroughWalls: false, obstacles: 0, mission: "" },
  lay(random) {
    const level = walled(19);
    for (const at of [6, 12]) {
      fill(level, { left: at, top: 0, width: 1, height: 19 }, wall);
      fill(level, { left: 0, top: at, width: 19, height: 1 }, wall);
    }
    for (const first of [0, 6, 12]) {
      for (const at of [6, 12]) {
        put(level, at, between(random, first + 1, first + 5), thing("door", pick(random, colours), "closed"));
        put(level, between(random, first + 1, first + 5), at, thing("door", pick(random, colours), "closed"));
      }
    }
    scatterAgent(level, random, whole(level));
    for (let i = 0; i < 12; i++) scatter(level, random, anything(random), whole(level));
    return level;
  },
});
