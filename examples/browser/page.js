/** What the page shows: the policy as it stands plays while it learns. */
import { make, toSvg } from "repertoire/envs";
import { learn } from "./cartpole.ts";

const at = (id) => document.getElementById(id);
const frame = () => new Promise(requestAnimationFrame);
const enough = 475;
let best;

async function play() {
  const world = make("CartPole-v1");
  for (let seed = 0; ; seed++) {
    let { observation } = world.reset({ seed });
    for (let over = false; !over; await frame()) {
      const step = world.step(await best(observation));
      observation = step.observation;
      over = step.terminated || step.truncated;
      at("picture").innerHTML = toSvg(world.scene());
    }
  }
}

const began = performance.now();
const scores = [];
const rounds = learn();
for (let solved = false; !solved; await frame()) {
  const { value: round } = await rounds.next();
  if (best === undefined) {
    best = round.best;
    play();
  }
  scores.push(round.score);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  solved = round.score >= enough;
  at("words").textContent =
    `${solved ? "Learned: " : ""}${round.score.toFixed(0)} of 500 steps upright after ${round.steps} steps of practice, ${seconds} s`;
  at("line").setAttribute(
    "points",
    scores.map((y, x) => `${(100 * x) / (scores.length - 1 || 1)},${500 - y}`).join(" "),
  );
  Object.assign(document.body.dataset, { score: round.score, steps: round.steps, seconds, solved });
}
