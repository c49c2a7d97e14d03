// The figures of gate and training. Ends with one line of JSON:
// {"gate400Ms", "gate1mRatio", "gate1mPeakMiB", "train1600Ratio", "train100kRatio", "train1mRatio", and more}: see the files below.
import { judgingFigures } from "./gate-judging.ts";
import { trainingFigures } from "./gate-training.ts";

console.log(JSON.stringify({ ...(await judgingFigures()), ...(await trainingFigures()) }));
