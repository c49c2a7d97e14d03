import { TASKS } from "./mutants/suites.ts";
import { trySuite } from "./mutants/try-suite.ts";

for (const suite of TASKS) trySuite(suite);
