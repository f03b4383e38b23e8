import type { Registration } from "../registration.ts";
import { acrobot } from "./acrobot.ts";
import { cartPole } from "./cartpole.ts";
import { mountainCar, mountainCarContinuous } from "./mountain-car.ts";
import { pendulum } from "./pendulum.ts";

/** Gymnasium's classic control, with its time limits. */
export const control: readonly Registration[] = [
  { name: "CartPole-v1", maxSteps: 500, create: cartPole, about: "Balance a pole on a cart." },
  { name: "Pendulum-v1", maxSteps: 200, create: pendulum, about: "Swing a pendulum up and hold it." },
  { name: "MountainCar-v0", maxSteps: 200, create: mountainCar, about: "Rock a weak car out of a valley." },
  {
    name: "MountainCarContinuous-v0",
    maxSteps: 999,
    create: mountainCarContinuous,
    about: "The same with a continuous push, and a price on it.",
  },
  { name: "Acrobot-v1", maxSteps: 500, create: acrobot, about: "Swing the tip of two links above the pivot." },
];
