// Measures the gate and the training. Ends with one line of JSON:
// {"gate400Ms", "gate1mRatio", "gate1mPeakMiB", "gate1mMixedRatio", "train1600Ratio", "train100kRatio", "train1mRatio", and more}; see the modules below.
// With --large also {"gate100mPeakMiB", "gate100mMs"}.
import { isLarge, judgingFigures } from "./gate-judging.ts";
import { trainingFigures } from "./gate-training.ts";

console.log(JSON.stringify({ ...(await judgingFigures(isLarge(process.argv))), ...(await trainingFigures()) }));
