import { expect, test } from "vitest";
import { RegistryError } from "../../registry/errors.ts";
import { parseModelUri } from "../../registry/model-uri.ts";

test.each([
  ["models:/churn-model/3", { name: "churn-model", version: "3" }],
  ["models:/churn-model/12", { name: "churn-model", version: "12" }],
  ["models:/churn-model@staging", { name: "churn-model", alias: "staging" }],
  ["models:/churn-model/Staging", { name: "churn-model", stage: "Staging" }],
  ["models:/churn model.v2/3a", { name: "churn model.v2", stage: "3a" }],
])("reads %s", (uri, parsed) => {
  expect(parseModelUri(uri)).toEqual(parsed);
});

test.each([
  "",
  "churn-model",
  "models:/",
  "models:/churn-model",
  "models:/churn-model/",
  "models:/churn-model@",
  "models://churn-model/3",
  "models:/churn-model/3/extra",
  "models:/churn-model@a@b",
  "models:/churn-model@a/3",
  "MODELS:/churn-model/3",
  " models:/churn-model/3",
  "runs:/churn-model/3",
])("refuses %j and shows the forms that there are", (uri) => {
  expect(() => parseModelUri(uri)).toThrow(RegistryError);
  expect(() => parseModelUri(uri)).toThrow(
    `"${uri}" is not a model URI. Use models:/<name>/<version>, models:/<name>@<alias> or models:/<name>/<Stage>`,
  );
});
