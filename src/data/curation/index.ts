export { type CurateOptions, type CurationStep, curate, recipeOf } from "./curate.ts";
export { fieldNames } from "./fields.ts";
export { type Condition, checkRecipe, type Recipe, recipeSchema, type Step } from "./recipe.ts";
export { type TrimOptions, trimEpisodes } from "./trim.ts";
