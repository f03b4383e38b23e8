/** How a side that is a Node program of its own talks: as serve.py has it. */
import { createInterface } from "node:readline";

/** Megabytes the process holds. */
export const megabytes = (): number => process.memoryUsage().rss / 2 ** 20;

/**
 * Answers each number of seconds by making updates for that long.
 * @param update makes some updates @returns how many
 * @param report what is said: how many updates in which time, or what the process holds afterwards
 */
export async function answer(
  name: string,
  update: () => Promise<number>,
  report: "updates" | "megabytes" = "updates",
): Promise<void> {
  const say = (it: object): void => console.log(JSON.stringify(it));
  say({ name });
  for await (const line of createInterface({ input: process.stdin })) {
    const begin = performance.now();
    let [updates, seconds] = [0, 0];
    while (seconds < Number(line)) {
      updates += await update();
      seconds = (performance.now() - begin) / 1000;
    }
    say(report === "updates" ? { updates, seconds } : { value: megabytes() });
  }
}
