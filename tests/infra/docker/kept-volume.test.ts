import { expect, test } from "vitest";
import { provider } from "../../../infra/targets/docker/kept-volume-provider.ts";

const INPUTS = { volume: "v", next: "v", port: 5050, keep: true };

test("a stack never goes on with another volume than the one that has its data", async () => {
  const other = { ...INPUTS, volume: "empty" };
  expect(await provider.diff("v", INPUTS, other)).toEqual({ changes: true });
  await expect(provider.update("v", INPUTS, other)).rejects.toThrow(
    "this stack's data are in the Docker volume v, and the update would go on with empty. " +
      "Name the volume: pulumi config set --path mlflow.volume v. To begin with another one, destroy the stack first",
  );
});

test("what becomes of the data at a destroy may change", async () => {
  const loose = { ...INPUTS, keep: false };
  expect(await provider.diff("v", INPUTS, INPUTS)).toEqual({ changes: false });
  expect(await provider.diff("v", INPUTS, loose)).toEqual({ changes: true });
  expect(await provider.update("v", INPUTS, loose)).toEqual({ outs: loose });
});
