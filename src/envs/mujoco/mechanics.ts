/** What of a MuJoCo world may be changed: gravity, masses, friction, motors, damping, drag, and a push from outside. */
import { type Parameters, type ParameterValues, parameter } from "../parameters.ts";
import type { Physics } from "./physics.ts";

/** The parameters of a model, and what writes their values into it; the pushes act on the body numbered `pushed`. */
export function mechanics(
  physics: Physics,
  pushed: number,
): { readonly parameters: Parameters; apply(p: ParameterValues): void } {
  const first = physics.views;
  const own = {
    body_mass: first.body_mass.slice(),
    body_inertia: first.body_inertia.slice(),
    geom_friction: first.geom_friction.slice(),
    dof_damping: first.dof_damping.slice(),
    actuator_gear: first.actuator_gear.slice(),
  };
  const { density, viscosity } = physics.medium;
  const [damped, driven, immersed] = [own.dof_damping.some((v) => v > 0), physics.nu > 0, density > 0 || viscosity > 0];
  const parameters = {
    gravity: parameter(-first.gravity[2], 0, 30, "gravity, m/s² downwards"),
    mass: parameter(1, 0.1, 10, "factor on every mass and inertia"),
    friction: parameter(1, 0, 10, "factor on every friction"),
    ...(driven ? { gear: parameter(1, 0, 10, "factor on what the motors give") } : {}),
    ...(damped ? { damping: parameter(1, 0, 10, "factor on the joints' damping") } : {}),
    ...(immersed ? { drag: parameter(1, 0, 10, "factor on density and viscosity of what it swims in") } : {}),
    pushX: parameter(0, -1000, 1000, "force on the main body along x, N"),
    pushY: parameter(0, -1000, 1000, "force on the main body along y, N"),
    pushZ: parameter(0, -1000, 1000, "force on the main body upwards, N"),
  };
  const scaled = (name: keyof typeof own, by: number): void => {
    const now = physics.views[name];
    for (let i = 0; i < now.length; i++) now[i] = own[name][i] * by;
  };
  let mass = 1;
  return {
    parameters,
    apply(p) {
      const { gravity, xfrc_applied } = physics.views;
      gravity[2] = -p.gravity;
      scaled("geom_friction", p.friction);
      if (damped) scaled("dof_damping", p.damping);
      if (driven) scaled("actuator_gear", p.gear);
      if (immersed) Object.assign(physics.medium, { density: density * p.drag, viscosity: viscosity * p.drag });
      xfrc_applied.set([p.pushX, p.pushY, p.pushZ], 6 * pushed);
      if (p.mass !== mass) {
        scaled("body_mass", p.mass);
        scaled("body_inertia", p.mass);
        mass = p.mass;
        physics.rederive();
      }
    },
  };
}
