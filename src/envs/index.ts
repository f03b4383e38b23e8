export type { EnvironmentSpec } from "../data/trajectories.ts";
export {
  clipAction,
  discretiseAction,
  noisyAction,
  repeatAction,
  rescaleAction,
  stickyAction,
  transformAction,
} from "./action-wrappers.ts";
export { adviceOn } from "./advice.ts";
export { type ArenaOptions, arena } from "./arena/arena.ts";
export { arenaBot, type BotOptions, type BotStyle, botStyles } from "./arena/bots.ts";
export { type Field, fieldOf, fields } from "./arena/field.ts";
export { type SensorOptions, sensors } from "./arena/sensors.ts";
export { type ArenaTaskOptions, arenaTask } from "./arena/task.ts";
export { type ArmDials, armExpert } from "./arm/experts.ts";
export { type ArmTaskName, armTasks } from "./arm/names.ts";
export type { ArmOptions } from "./arm/options.ts";
export { drawScene } from "./canvas.ts";
export { type DosingStyle, dosing } from "./care/policies.ts";
export { icuSepsis, type SepsisEnvironment, type SepsisOptions, sepsisModel } from "./care/sepsis.ts";
export { readSepsis, type SepsisFiles, type SepsisTables, sepsisTables } from "./care/tables.ts";
export { checkEachStep, checkEnvironment } from "./check.ts";
export { acrobot } from "./control/acrobot.ts";
export { cartPole } from "./control/cartpole.ts";
export { mountainCar, mountainCarContinuous } from "./control/mountain-car.ts";
export { pendulum } from "./control/pendulum.ts";
export { crowd } from "./crowd/crowd.ts";
export type { Flow } from "./crowd/flows.ts";
export type { CrowdOptions } from "./crowd/options.ts";
export { parseTracks, readTracks, type Track, type TrackOptions, type Tracks } from "./crowd/tracks.ts";
export { type WalkerOptions, walker } from "./crowd/walker.ts";
export { type AdrOptions, adrTeacher } from "./curricula/adr.ts";
export { alpGmmTeacher } from "./curricula/alp-gmm.ts";
export { covarGmmTeacher } from "./curricula/covar-gmm.ts";
export { type GoalGanOptions, goalGanTeacher } from "./curricula/goal-gan.ts";
export type { MixtureTeacherOptions } from "./curricula/mixture-teacher.ts";
export { type RiacOptions, riacTeacher } from "./curricula/riac.ts";
export { type SetterSolverOptions, setterSolverTeacher } from "./curricula/setter-solver.ts";
export { type SimulatedStudent, type StudentOptions, simulatedStudent, teach } from "./curricula/simulated-student.ts";
export { type SpdlOptions, spdlTeacher } from "./curricula/spdl.ts";
export { type TaughtByOptions, taughtBy } from "./curricula/taught-by.ts";
export type { Task, TaskGaussian, TaskOutcome, TaskResult, TaskStep, Teacher } from "./curricula/teacher.ts";
export { uniformTeacher } from "./curricula/uniform.ts";
export type { Demonstrator } from "./demonstrator.ts";
export { type FisheryOptions, fishery, fisheryRule } from "./economy/fishery.ts";
export { type MarketDay, type MarketOptions, market, marketDay } from "./economy/market.ts";
export { regimes as marketRegimes } from "./economy/market-prices.ts";
export { type PaymentRequest, type PaymentWorld, paymentWorld } from "./economy/payment-world.ts";
export {
  type KnownOutcome,
  logPayments,
  oracleRouting,
  type PaymentOptions,
  payments,
  type Routing,
  uniformRouting,
} from "./economy/payments.ts";
export { type PriceColumns, type Prices, parsePrices, readPrices } from "./economy/prices.ts";
export {
  type MarketWindow,
  marketWindows,
  type RecordedMarketOptions,
  recordedMarket,
} from "./economy/recorded-market.ts";
export { asAction, hindsight, type TradingStyle, trader } from "./economy/traders.ts";
export type { Environment, Info, Reset, Step, WrappedEnvironment } from "./environment.ts";
export {
  autoreset,
  type EpisodeStatistics,
  type ParameterRanges,
  randomiseParameters,
  recordEpisodeStatistics,
} from "./episode-wrappers.ts";
export { type GridExpert, type GridExpertOptions, gridExpert } from "./grid/expert.ts";
export type { GridOptions } from "./grid/grid-world.ts";
export type { ObservationForm } from "./grid/observation.ts";
export { gridActions } from "./grid/state.ts";
export { inTrials } from "./in-trials.ts";
export { decodeLossless, kitchenCook } from "./kitchen/cook.ts";
export { greedyAction } from "./kitchen/greedy.ts";
export { kitchen, kitchenWithPartner } from "./kitchen/kitchen.ts";
export { type KitchenDrawing, type KitchenLayout, kitchenLayout, kitchens, type Recipe } from "./kitchen/layout.ts";
export type { KitchenOptions, PartnerOptions } from "./kitchen/options.ts";
export {
  fromOvercooked,
  type OvercookedObject,
  type OvercookedState,
  toOvercooked,
} from "./kitchen/overcooked-json.ts";
export {
  actions as kitchenActions,
  advanceKitchen,
  type KitchenRules,
  type Outcome as KitchenOutcome,
} from "./kitchen/rules.ts";
export { type KitchenState, startState } from "./kitchen/state.ts";
export { factoryFrom, makeFrom } from "./make-from.ts";
export { type CellField, cellField } from "./maze/cells.ts";
export { type GridMazeOptions, gridMaze, moves } from "./maze/grid-maze.ts";
export { cellAt, centreOf, isWall, type MazeMap, maps, mazeMap } from "./maze/map.ts";
export type { MazeOptions, Placement } from "./maze/options.ts";
export { type DrawnPath, renderPath } from "./maze/picture.ts";
export { distanceMap, type Planner, planner } from "./maze/planner.ts";
export { motion, pointMaze } from "./maze/point-maze.ts";
export { sees, slide } from "./maze/walls.ts";
export { type BalanceOptions, balanceDemonstrator } from "./mujoco/balance.ts";
export { type Engine, loadMujoco, serveMujocoFrom } from "./mujoco/engine.ts";
export {
  type MujocoDynamics,
  type MujocoEnvironment,
  mujocoEnvironment,
  type SavedPhysics,
  type World,
} from "./mujoco/environment.ts";
export { type Cell, type CellMap, cellMaps, type GoalObservation } from "./mujoco/goal-maze.ts";
export { type Named, Physics, type Views } from "./mujoco/physics.ts";
export { picture, type View } from "./mujoco/picture.ts";
export { type WaypointOptions, waypointDemonstrator } from "./mujoco/waypoints.ts";
export {
  delayObservation,
  discretiseObservation,
  filterObservation,
  noisyObservation,
  oneHotObservation,
  rescaleObservation,
  timeAwareObservation,
  transformObservation,
} from "./observation-wrappers.ts";
export { flattenObservation, frameStack, normaliseObservation, type Statistics } from "./observations.ts";
export type { ParallelEnvironment, ParallelReset, ParallelStep, PerAgent } from "./parallel.ts";
export { joint, type Partner, single, type Turn, type TurnBased, turns } from "./parallel-adapters.ts";
export { checkParallelEnvironment } from "./parallel-check.ts";
export { type ParallelVectorEnvironment, type ParallelVectorStep, vectoriseParallel } from "./parallel-vector.ts";
export { timeLimitParallel } from "./parallel-wrappers.ts";
export { type Parameter, type Parameters, type ParameterValues, parameter } from "./parameters.ts";
export { landerHeuristic, walkerHeuristic } from "./physics/heuristics.ts";
export { type Pixels, toPixels } from "./pixels.ts";
export { toApng, toPng } from "./png.ts";
export { type AvoidCourse, avoidCourse } from "./pushing/avoid.ts";
export { type PushingDials, pushingDemonstrator } from "./pushing/demonstrators.ts";
export type { Dials, HumanDials } from "./pushing/dials.ts";
export { environmentFactors, objectFactors } from "./pushing/factors.ts";
export { type MiniMetaTask, miniMetaTaskNames } from "./pushing/mini-meta.ts";
export { longTermSatisfaction, type SatisfactionOptions } from "./recommender/long-term-satisfaction.ts";
export { type RecommenderOptions, recommender } from "./recommender/recommender.ts";
export { type Episode, joinEpisodes, outcomes, outcomeTags, recordEpisodes } from "./record.ts";
export type { EnvironmentOptions, ParallelRegistration, Registration } from "./registration.ts";
export {
  environmentNames,
  make,
  makeParallel,
  prepare,
  register,
  registered,
  registeredParallel,
  registerParallel,
} from "./registry.ts";
export {
  clipReward,
  normaliseReward,
  rewardFrom,
  scaleReward,
  type Transition,
  transformReward,
} from "./reward-wrappers.ts";
export type { Point, Scene, Shape } from "./scene.ts";
export { block, disc, label, line, polygon, toSvg } from "./scene.ts";
export { seedFrom } from "./seeds.ts";
export { type Dynamics, type SavedSimulation, simulate, wholeState } from "./simulation.ts";
export { specOf } from "./spec.ts";
export { type TabletopDials, tabletopExpert } from "./tabletop/expert.ts";
export { goalOf, type TabletopTask, tabletopTasks } from "./tabletop/instructions.ts";
export { type TabletopSplit, tabletopSplits } from "./tabletop/splits.ts";
export { type TabletopOptions, tabletop } from "./tabletop/tabletop.ts";
export { inTurn, type TaskFamily, withTaskId } from "./task-family.ts";
export { taskMixture } from "./task-mixture.ts";
export { timeLimit } from "./time-limit.ts";
export { type CatchOptions, catchBall } from "./toy/catch.ts";
export { type CliffWalkingOptions, cliffWalking } from "./toy/cliff-walking.ts";
export { type DeepSeaOptions, deepSea } from "./toy/deep-sea.ts";
export { type FrozenLakeOptions, frozenLake, lakes, randomLake } from "./toy/frozen-lake.ts";
export { toy, transitions } from "./toy/index.ts";
export { type Laws, type Outcome, type TabularModel, tabulate } from "./toy/model.ts";
export {
  type LimitedSolution,
  type Solution,
  type SolveOptions,
  solve,
  solveWithin,
  startValue,
  valuesOf,
} from "./toy/solve.ts";
export { type TabularEnvironment, type TabularWorld, tabular } from "./toy/tabular.ts";
export { type TaxiOptions, taxi, taxiActionMask } from "./toy/taxi.ts";
export { type JumpTrackOptions, jumpTrack, trackRunner } from "./track/jump-track.ts";
export {
  type AnyVectorEnvironment,
  type AsyncVectorEnvironment,
  type PlainVector,
  type VectorEnvironment,
  type VectorOptions,
  type VectorReset,
  type VectorStep,
  vectorise,
} from "./vector.ts";
export { vectoriseInWorkers, type WorkerOptions } from "./vector-workers.ts";
export { type Frame, readFrames, recordVideo, sceneStream, type Video, type VideoOptions } from "./video.ts";
export { type Replaced, wrap } from "./wrap.ts";
