import onnxProto from "onnx-proto";
import { expect, onTestFinished, test } from "vitest";
import type { ClassName } from "../../data/prediction.ts";
import { createApp } from "../../service/app.ts";
import { EMPTY_ANALYSIS } from "../../service/predictor/graph-analysis.ts";
import { type ObservedOutput, planOutputs } from "../../service/predictor/outputs.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { classifier, encoder, gather, int64s, lookupModel } from "./helpers/lookup-model.ts";
import { floatTable } from "./helpers/tables.ts";
import { MODEL } from "./helpers/test-app.ts";

type Options = Parameters<typeof lookupModel>[0];

/** Row x has the largest probability in column x. */
const TWO = [
  [0.9, 0.1],
  [0.2, 0.8],
];
const THREE = [
  [0.7, 0.2, 0.1],
  [0.2, 0.6, 0.2],
  [0.1, 0.2, 0.7],
];

async function opened(options: Options) {
  const model = await lookupModel(options);
  onTestFinished(() => model[Symbol.asyncDispose]());
  return openPredictor(model.folder);
}

async function predicted(options: Options) {
  const predictor = await opened(options);
  const rows = (options.table ?? [[], []]).map((_, row) => [row]);
  const app = createApp({ predictor, model: MODEL, limits: { maxRows: 9, maxBodyBytes: 1e4 } });
  const body = JSON.stringify({ features: rows });
  const answer = await app.request("/predict", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  return (await answer.json()) as object;
}

test.each<[string, Options, readonly unknown[]]>([
  [
    "strings from ArgMax",
    { table: TWO, nodes: [encoder("best", "churn", "stay")], labels: "string" },
    ["churn", "stay"],
  ],
  ["unsorted strings", { table: TWO, nodes: [encoder("best", "stay", "churn")], labels: "string" }, ["stay", "churn"]],
  [
    "strings from a classifier's codes",
    { table: TWO, nodes: [classifier(0, 1), encoder("code", "churn", "stay")], labels: "string" },
    ["churn", "stay"],
  ],
  ...[
    [1, 2],
    [2, 1],
    [-1, 0],
    [5, 6],
  ].map((classes): [string, Options, readonly unknown[]] => [
    `integers of ArgMax: ${classes}`,
    { table: TWO, nodes: [gather("classes", "best")], labels: "int64", initializer: [int64s("classes", ...classes)] },
    classes,
  ]),
  [
    "three integers",
    { table: THREE, nodes: [gather("classes", "best")], labels: "int64", initializer: [int64s("classes", 1, 2, 3)] },
    [1, 2, 3],
  ],
  [
    "a metadata's",
    {
      table: TWO,
      nodes: [gather("classes", "x")],
      labels: "int64",
      initializer: [int64s("classes", 1, 2)],
      prediction: { classes: [1, 2] },
    },
    [1, 2],
  ],
])("returns the classes in the order of the probabilities: %s", async (_, options, classes) => {
  expect(await predicted(options)).toMatchObject({ classes });
});

test("a ZipMap of codes does not name labels that are mapped after the classifier", () => {
  const label: ObservedOutput = { name: "label", type: "string", inner: [] };
  const scores: ObservedOutput = { name: "probabilities", type: "float32", inner: [2] };
  const zipMaps = new Map([["probabilities", [0, 1]]]);
  const planned = (one: ObservedOutput, classes?: readonly ClassName[]) => {
    const labels = new Map(classes ? [["label", { classes, mayDisagree: false }]] : []);
    const plan = planOutputs([one, scores], { ...EMPTY_ANALYSIS, zipMaps, labels, classes: [0, 1] }, {});
    return plan.kind === "classes" ? { classes: plan.classes, order: plan.order } : undefined;
  };
  expect(planned(label, ["churn", "stay"])).toEqual({ classes: ["churn", "stay"], order: "read" });
  expect(planned({ ...label, type: "int64" }, [1, 2])).toEqual({ classes: [1, 2], order: "read" });
  expect(planned({ ...label, type: "int64" }, [1, 0])).toEqual({ classes: [0, 1], order: "stated" });
  expect(planned({ ...label, type: "int64" })).toEqual({ classes: [0, 1], order: "stated" });
  expect(planned(label)).toEqual({ classes: undefined, order: "guessed" });
});

test("labels may contradict an order read from the graph, but not a declared one", async () => {
  const options: Options = { table: TWO, nodes: [encoder("x", "no", "yes")], labels: "string" };
  const predictor = await opened(options);
  const answer = await predictor.predict(floatTable(predictor, [[0], [1]]));
  expect(answer).toMatchObject({ classes: ["no", "yes"], named: 2, isAssumed: true });
  const stated = await opened({ ...options, prediction: { classes: ["no", "yes"] } });
  expect(await stated.predict(floatTable(stated, [[0], [1]]))).not.toHaveProperty("isAssumed");
});

const { INT } = onnxProto.onnx.AttributeProto.AttributeType;
const op = (opType: string, input: readonly string[], output: string, attribute: object[] = []) => ({
  opType,
  input: [...input],
  output: [output],
  attribute,
});
const whole = [{ name: "to", type: INT, i: 7 }];

test.each<[string, Partial<Options> & { readonly table: Options["table"] }, readonly unknown[]]>([
  ["a step after ArgMax", { table: THREE, nodes: [op("Add", ["best", "one"], "label")] }, [1, 2, 3]],
  [
    "steps after ArgMax",
    { table: THREE, nodes: [op("Add", ["best", "one"], "next"), op("Mul", ["next", "ten"], "label")] },
    [10, 20, 30],
  ],
  ["steps that reverse the order", { table: THREE, nodes: [op("Sub", ["three", "best"], "label")] }, [3, 2, 1]],
  [
    "a threshold on one column",
    {
      table: TWO,
      nodes: [
        op("Gather", ["probabilities", "second"], "p", [{ name: "axis", type: INT, i: 1 }]),
        op("Reshape", ["p", "flat"], "flatP"),
        op("Greater", ["flatP", "half"], "isAbove"),
        op("Where", ["isAbove", "ten", "three"], "label"),
      ],
    },
    [3, 10],
  ],
  [
    "a threshold below which the class is the second",
    {
      table: TWO,
      nodes: [
        op("Gather", ["probabilities", "second"], "p", [{ name: "axis", type: INT, i: 1 }]),
        op("Reshape", ["p", "flat"], "flatP"),
        op("Less", ["flatP", "half"], "isBelow"),
        op("Cast", ["isBelow"], "label", whole),
      ],
    },
    [1, 0],
  ],
])("finds unnamed integer labels by running the end of the graph for each column: %s", async (_, options, classes) => {
  const initializer = [
    int64s("one", 1),
    int64s("three", 3),
    int64s("ten", 10),
    int64s("second", 1),
    { name: "half", dims: [1], dataType: 1, floatData: [0.5] },
  ];
  const model: Options = { nodes: [], labels: "int64", initializer, ...options };
  // The classes 0, 1 and so on need no names.
  const named = classes.every((one, place) => one === place) ? {} : { classes };
  expect(await predicted(model)).toMatchObject({ predictions: classes, ...named });
  const predictor = await opened(model);
  // The gate compares it with the model's labels.
  expect(await predictor.predict(floatTable(predictor, [[0], [1]]))).toMatchObject({ classes, isAssumed: true });
});

/** x + 1, which is not in any table. */
const plusOne = { opType: "Sub", input: ["x", "flat"], output: ["label"] };

test("rejects labels beyond 0 and 1 for unnamed score columns, with the remedy", async () => {
  const options: Options = { table: TWO, nodes: [plusOne], labels: "int64" };
  const predictor = await opened(options);
  const refused = predictor.predict(floatTable(predictor, [[0], [1]]));
  await expect(refused).rejects.toThrow(
    'output label is 2 for row 1, but the model does not name the classes of its 2 score columns, which were assumed to be 0, 1. Name them in the order of the columns when you log the model: metadata={"prediction": {"classes": […]}}',
  );
  expect(await predicted({ ...options, prediction: { classes: [1, 2] } })).toMatchObject({
    predictions: [1, 2],
    classes: [1, 2],
  });
});
