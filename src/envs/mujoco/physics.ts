/** One MuJoCo model and its state: opened from MJCF, stepped, saved, closed. */
import { problem } from "../../problems.ts";
import type { Engine } from "./engine.ts";

type Model = InstanceType<Engine["MjModel"]>;
type Data = InstanceType<Engine["MjData"]>;
type Buffer = InstanceType<Engine["DoubleBuffer"]>;

/** Live views into the engine's memory, row-major, named as in MuJoCo (mjData, then mjModel). */
const viewed = {
  data: [
    "qpos",
    "qvel",
    "qacc",
    "act",
    "ctrl",
    "qfrc_applied",
    "qfrc_actuator",
    "qfrc_constraint",
    "xfrc_applied",
    "xpos",
    "xquat",
    "xmat",
    "xipos",
    "geom_xpos",
    "geom_xmat",
    "site_xpos",
    "site_xmat",
    "subtree_com",
    "cinert",
    "cvel",
    "cfrc_ext",
    "sensordata",
    "ten_length",
    "ten_velocity",
    "mocap_pos",
    "mocap_quat",
  ],
  model: [
    "qpos0",
    "body_pos",
    "body_quat",
    "body_mass",
    "body_inertia",
    "geom_pos",
    "geom_size",
    "geom_friction",
    "site_pos",
    "site_size",
    "jnt_range",
    "dof_damping",
    "dof_armature",
    "actuator_gear",
    "actuator_ctrlrange",
  ],
  integers: ["geom_type", "geom_bodyid", "jnt_type", "jnt_qposadr", "jnt_dofadr", "body_parentid"],
  colours: ["geom_rgba"],
} as const;

export type Views = { readonly [K in (typeof viewed)["data" | "model"][number]]: Float64Array } & {
  readonly [K in (typeof viewed)["integers"][number]]: Int32Array;
} & { readonly [K in (typeof viewed)["colours"][number]]: Float32Array } & {
  /** [3] m/s² */
  readonly gravity: Float64Array;
};

/** What can be named: MuJoCo's type, and where the model holds their number. */
const objects = {
  body: ["mjOBJ_BODY", "nbody"],
  joint: ["mjOBJ_JOINT", "njnt"],
  geom: ["mjOBJ_GEOM", "ngeom"],
  site: ["mjOBJ_SITE", "nsite"],
  actuator: ["mjOBJ_ACTUATOR", "nu"],
  sensor: ["mjOBJ_SENSOR", "nsensor"],
  tendon: ["mjOBJ_TENDON", "ntendon"],
} as const;
export type Named = keyof typeof objects;

interface Held {
  readonly model: Model;
  readonly data: Data;
  readonly buffer: Buffer;
}
const free = ({ model, data, buffer }: Held): void => {
  for (const handle of [buffer, data, model]) handle.delete();
};
/** Environments are dropped, not closed; the engine's memory must not fill for it. */
const dropped = new FinalizationRegistry<Held>(free);

/**
 * A compiled model with its state. `views` are live: they show what the last step left, and writing to `qpos`, `ctrl` or
 * `body_mass` changes the simulation. Take them anew after opening another Physics, which may move the engine's memory.
 */
export class Physics implements Disposable {
  readonly #engine: Engine;
  #held: Held | undefined;
  readonly #where: string;
  readonly #everything: number;
  #views: Views;
  readonly nq: number;
  readonly nv: number;
  readonly nu: number;
  readonly nbody: number;
  readonly ngeom: number;
  /** Seconds a step. */
  readonly timestep: number;

  private constructor(engine: Engine, held: Held, where: string) {
    this.#engine = engine;
    this.#held = held;
    this.#where = where;
    this.#everything = engine.mjtState.mjSTATE_INTEGRATION.value;
    this.#views = viewsOf(held);
    ({ nq: this.nq, nv: this.nv, nu: this.nu, nbody: this.nbody, ngeom: this.ngeom } = held.model);
    this.timestep = held.model.opt.timestep;
    dropped.register(this, held, this);
  }

  /**
   * @param where what errors name, such as the environment
   * @throws Problem "bad-model" with MuJoCo's reason when the MJCF does not compile, "engine-full" when it needs more
   *   memory than is left
   */
  static open(engine: Engine, mjcf: string, where = "Physics.open"): Physics {
    let model: Model | undefined;
    try {
      model = engine.MjModel.from_xml_string(mjcf);
      const data = new engine.MjData(model);
      const size = engine.mj_stateSize(model, engine.mjtState.mjSTATE_INTEGRATION.value);
      return new Physics(engine, { model, data, buffer: new engine.DoubleBuffer(size) }, where);
    } catch (error) {
      model?.delete();
      const reason = (error as Error).message;
      throw /allocate/i.test(reason) ? problem("engine-full", { where }) : problem("bad-model", { where, reason });
    }
  }

  get views(): Views {
    const held = this.#open;
    // Where the engine's memory has grown the old views are of length 0; every model has a body, the world.
    if (this.#views.body_mass.length === 0) this.#views = viewsOf(held);
    return this.#views;
  }

  /** What surrounds the bodies, kg/m³ and Pa·s; nothing (0) unless the model says. */
  get medium(): { density: number; viscosity: number } {
    return this.#open.model.opt;
  }

  /** Seconds since the last reset. */
  get time(): number {
    return this.#open.data.time;
  }

  /** Advances by `count` steps of `timestep`. */
  step(count = 1): void {
    const { model, data } = this.#open;
    for (let i = 0; i < count; i++) this.#engine.mj_step(model, data);
  }

  /** Computes everything that follows from positions, velocities and controls, without advancing. */
  forward(): void {
    const { model, data } = this.#open;
    this.#engine.mj_forward(model, data);
  }

  /** Computes `cfrc_ext` (and cacc, cfrc_int), which a step leaves out. */
  externalForces(): void {
    const { model, data } = this.#open;
    this.#engine.mj_rnePostConstraint(model, data);
  }

  /** The state in which the model was written, at rest. */
  reset(): void {
    const { model, data } = this.#open;
    this.#engine.mj_resetData(model, data);
  }

  /** Recomputes what the compiler derived from masses, inertias and positions that have been written to since. */
  rederive(): void {
    const state = this.state();
    const { model, data } = this.#open;
    this.#engine.mj_setConst(model, data);
    this.restore(state);
  }

  /** Everything the next step depends on: time, positions, velocities, activations, controls, forces, the solver's start. */
  state(): Float64Array {
    const { model, data, buffer } = this.#open;
    this.#engine.mj_getState(model, data, buffer, this.#everything);
    return (buffer.GetView() as Float64Array).slice();
  }

  /** Takes back what `state` returned: the steps that follow are the same, to the bit. */
  restore(state: ArrayLike<number>): void {
    const { model, data } = this.#open;
    this.#engine.mj_setState(model, data, Array.from(state), this.#everything);
    this.#engine.mj_forward(model, data); // what follows from the state, which it leaves as it is
  }

  /** How many numbers `state` returns. */
  get stateSize(): number {
    return this.#open.buffer.GetElementCount();
  }

  /** The place of a named thing in the views. @throws Problem "unknown-name" */
  id(kind: Named, name: string): number {
    const { model } = this.#open;
    const [object, counted] = objects[kind];
    const type = this.#engine.mjtObj[object].value;
    const id = this.#engine.mj_name2id(model, type, name);
    if (id >= 0) return id;
    const known = Array.from({ length: model[counted] }, (_, i) => this.#engine.mj_id2name(model, type, i)).filter(
      Boolean,
    );
    throw problem("unknown-name", { where: "Physics.id", what: kind, name, known });
  }

  get #open(): Held {
    if (this.#held === undefined) throw problem("closed", { name: this.#where });
    return this.#held;
  }

  /** Frees the engine's memory. What is called after throws, and views that were taken before show memory of others. */
  [Symbol.dispose](): void {
    if (this.#held === undefined) return;
    dropped.unregister(this);
    free(this.#held);
    this.#held = undefined;
  }
}

const viewsOf = ({ model, data }: Held): Views => {
  const views: { [name: string]: unknown } = { gravity: model.opt.gravity };
  for (const name of viewed.data) views[name] = data[name];
  for (const name of [...viewed.model, ...viewed.integers, ...viewed.colours]) views[name] = model[name];
  return views as Views;
};
