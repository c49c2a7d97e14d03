import { expect, test } from "vitest";
import { metricAnswer } from "../../../../training/gate/custom/metric-answer.ts";

test.each<[string, object]>([
  ['{"value": 0.93}\n', { value: 0.93 }],
  [
    'loading\n{"value": 1}\nrevenue follows\n{"value": -2, "interval": [-3, 0.5]}\n\n',
    { value: -2, interval: [-3, 0.5] },
  ],
  ['{"value": 1, "interval": null, "rows": 12}\r\n', { value: 1 }],
])("reads the last line of %j", (stdout, answer) => {
  expect(metricAnswer(stdout)).toEqual(answer);
});

test.each([
  ["", "printed nothing"],
  ["done\n", "is not JSON: done"],
  ['{"value": NaN}', 'has a value that is not a finite number: {"value": NaN}'],
  ['{"value": 1, "interval": [0, Infinity]}', "has a value that is not a finite number"],
  ["0.93", 'without a "value" that is a finite number: 0.93'],
  ['{"value": "0.93"}', 'without a "value" that is a finite number'],
  ["null", 'without a "value" that is a finite number'],
  ['{"value": 1, "interval": [2, 1]}', 'an "interval" that is not [low, high]'],
  ['{"value": 1, "interval": [1]}', 'an "interval" that is not [low, high]'],
  ['{"value": 0.5, "interval": [0.9, 0.95]}', 'an "interval" that does not contain its "value"'],
  ['{"value": 0.5, "interval": [0.1, 0.2]}', 'an "interval" that does not contain its "value"'],
  [`{"value": "${"x".repeat(500)}"}`, "…"],
])("rejects %j", (stdout, message) => {
  expect(metricAnswer(stdout)).toContain(message);
});
