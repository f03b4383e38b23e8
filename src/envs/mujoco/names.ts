/** The names of these worlds, which can be known without the engine. */
const maps = ["UMaze", "Open", "Medium", "Large"].flatMap((map) =>
  map === "UMaze" ? [map] : [map, `${map}_Diverse_G`, `${map}_Diverse_GR`],
);

const mazes = (family: string, version: string): readonly string[] =>
  maps.flatMap((map) => [`${family}_${map}-${version}`, `${family}_${map}Dense-${version}`]);

export const mujocoNames: readonly string[] = [
  "Hopper-v5",
  "Walker2d-v5",
  "HalfCheetah-v5",
  "Ant-v5",
  "Swimmer-v5",
  "InvertedPendulum-v5",
  "InvertedDoublePendulum-v5",
  "Reacher-v5",
  "Pusher-v5",
  "Humanoid-v5",
  "HumanoidStandup-v5",
  ...mazes("PointMaze", "v3"),
  ...mazes("AntMaze", "v5"),
];
