/** What happens in an environment, watched: as files that move, or as scenes sent somewhere else to be drawn. */
import { problem } from "../problems.ts";
import type { Environment, Info, WrappedEnvironment } from "./environment.ts";
import { type Pixels, toPixels } from "./pixels.ts";
import { toApng } from "./png.ts";
import type { Scene } from "./scene.ts";
import { wrap } from "./wrap.ts";

/** One moment of an episode; `step` counts from 0, the state after reset. */
export interface Frame {
  /** Episodes since the environment was wrapped. */
  readonly episode: number;
  readonly step: number;
  /** Of the step that led here; 0 at the start. */
  readonly reward: number;
  /** Whether the episode is over with this. */
  readonly ended: boolean;
  readonly scene: Scene;
}

/** Calls `watch` with every moment, in the order in which they happen. @throws Problem "bad-value" without a scene */
function watched(env: Environment, where: string, watch: (frame: Frame, info: Info) => void): WrappedEnvironment {
  const { scene } = env;
  if (scene === undefined) {
    const next = "Give the environment scene().";
    throw problem("bad-value", {
      where,
      given: `${env.name}, which has no scene`,
      wanted: "one that can be drawn",
      next,
    });
  }
  let [episode, step] = [-1, 0];
  return wrap(env, {
    reset(options) {
      const first = env.reset(options);
      episode++;
      step = 0;
      watch({ episode, step, reward: 0, ended: false, scene: env.scene!() }, first.info);
      return first;
    },
    step(action) {
      const now = env.step(action);
      step++;
      const { reward, terminated, truncated } = now;
      watch({ episode, step, reward, ended: terminated || truncated, scene: env.scene!() }, now.info);
      return now;
    },
    state: {
      save: () => [episode, step],
      restore(saved) {
        [episode, step] = saved as readonly [number, number];
      },
    },
  });
}

export interface Video {
  readonly environment: string;
  readonly episode: number;
  /** Sum of rewards. */
  readonly return: number;
  /** One a step, the start included. */
  readonly pictures: readonly Pixels[];
  /** The bytes of an animated PNG. */
  apng(): Uint8Array;
}

export interface VideoOptions {
  /** Which episodes, by number from 0. Default: those of Gymnasium: 0, 1, 8, 27 … (cubes), then every thousandth. */
  readonly episodes?: (episode: number) => boolean;
  /** Pixels. Default 400; the height follows from the scene. */
  readonly width?: number;
  /** Pictures a second. Default 30. */
  readonly fps?: number;
  /** Pictures after which no more are kept. Default 1000. */
  readonly most?: number;
}

const usually = (episode: number): boolean =>
  episode < 1000 ? Math.round(Math.cbrt(episode)) ** 3 === episode : episode % 1000 === 0;

/**
 * Films episodes and gives each, when it ends or a reset cuts it off, to `onVideo`.
 * @example recordVideo(env, (video) => writeFileSync(`runs/episode-${video.episode}.png`, video.apng()))
 * @throws Problem "bad-value" when the environment has no scene
 */
export function recordVideo(
  env: Environment,
  onVideo: (video: Video) => void,
  { episodes = usually, width = 400, fps = 30, most = 1000 }: VideoOptions = {},
): WrappedEnvironment {
  let pictures: Pixels[] = [];
  let [sum, filming] = [0, -1];
  const finish = (): void => {
    if (filming >= 0 && pictures.length > 1) {
      const kept = pictures;
      onVideo({
        environment: env.name,
        episode: filming,
        return: sum,
        pictures: kept,
        apng: () => toApng(kept, { fps }),
      });
    }
    [pictures, filming] = [[], -1];
  };
  return watched(env, `recordVideo(${env.name})`, ({ episode, step, reward, ended, scene }) => {
    if (step === 0) {
      finish();
      if (episodes(episode)) [sum, filming] = [0, episode];
    }
    if (filming !== episode) return;
    sum += reward;
    if (pictures.length < most) pictures.push(toPixels(scene, { width }));
    if (ended) finish();
  });
}

/**
 * Sends every moment as one line of JSON (a Frame), for a page that draws it with `drawScene`.
 * @param write is given whole lines, their "\n" included
 * @example sceneStream(env, (line) => response.write(line))
 * @throws Problem "bad-value" when the environment has no scene
 */
export const sceneStream = (env: Environment, write: (line: string) => void): WrappedEnvironment =>
  watched(env, `sceneStream(${env.name})`, (frame) => write(`${JSON.stringify(frame)}\n`));

/**
 * The moments of a stream that `sceneStream` wrote, as they arrive.
 * @example for await (const frame of readFrames((await fetch("/scenes")).body!)) drawScene(context, frame.scene);
 */
export async function* readFrames(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Frame, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of stream) {
    const lines = (rest + (typeof part === "string" ? part : decoder.decode(part, { stream: true }))).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line) as Frame;
  }
}
