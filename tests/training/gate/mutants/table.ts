import { BROKEN_INPUTS } from "./broken-inputs.ts";
import type { Mutant } from "./change.ts";
import { POOR_MODELS } from "./poor-models.ts";

/** All of them, in the order in which they are told. */
export const MUTANTS: readonly Mutant[] = [...POOR_MODELS, ...BROKEN_INPUTS];
