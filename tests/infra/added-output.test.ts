import * as pulumi from "@pulumi/pulumi";
import { beforeAll, expect, test } from "vitest";
import { addedOutput, definedOutputs } from "../../infra/added-output.ts";
import { Promotion } from "../../registry/promotion.ts";

/** A state's outputs as a preview gets them: the SDK treats absent ones as unknown. */
let outputs: Record<string, unknown> = {};
beforeAll(() =>
  pulumi.runtime.setMocks(
    { newResource: ({ name }) => ({ id: name, state: outputs }), call: ({ inputs }) => inputs },
    "model-promotion",
    "test",
    true,
  ),
);

/** Returns the output that a preview sees for a promotion whose state has these outputs, or "unknown". */
async function preview(name: string, state: Record<string, unknown>): Promise<unknown> {
  outputs = state;
  const task = { registry: { trackingUri: "http://m" }, modelName: "m", version: "1", needsImage: false };
  const { approvedVersion, reportPage } = new Promotion(name, task);
  const output = addedOutput(approvedVersion, reportPage) as unknown as {
    isKnown: Promise<boolean>;
    promise(): Promise<unknown>;
  };
  return (await output.isKnown) ? output.promise() : "unknown";
}

test("a preview treats an output that an earlier release's state lacks as absent, unless the resource changes", async () => {
  expect(await preview("earlier", { approvedVersion: "1" })).toBeUndefined();
  expect(await preview("today", { approvedVersion: "1", reportPage: "p" })).toBe("p");
  expect(await preview("changes", {})).toBe("unknown");
});

test("stack outputs without a value are omitted, unknown ones are not", async () => {
  outputs = { approvedVersion: "1" };
  const task = { registry: { trackingUri: "http://m" }, modelName: "m", version: "1", needsImage: false };
  const { approvedVersion, reportPage } = new Promotion("stack", task);
  const none = addedOutput(approvedVersion, reportPage);
  expect(Object.keys(await definedOutputs({ approvedVersion, none, reportPage }))).toEqual([
    "approvedVersion",
    "reportPage",
  ]);
});
