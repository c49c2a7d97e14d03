import { BINARY, CONTRACT } from "./mutants/suites.ts";
import { trySuite } from "./mutants/try-suite.ts";

trySuite(BINARY);
trySuite(CONTRACT);
