import { checkDimensions, evenTask, type Teacher } from "./teacher.ts";

/** Every task alike: the teacher that every other one has to beat. @throws Problem "bad-option" */
export function uniformTeacher(dimensions: number): Teacher {
  checkDimensions("uniformTeacher", dimensions);
  return {
    name: "random",
    dimensions,
    sampleTask: (random) => evenTask(dimensions, random),
    sampleTaskWithoutExploring: (random) => evenTask(dimensions, random),
    episodicUpdate: () => {},
    save: () => ({}),
    restore: () => {},
  };
}
