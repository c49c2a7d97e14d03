import { expect, test } from "vitest";
import { provider } from "../../../infra/targets/docker/kept-volume-provider.ts";

const INPUTS = { volume: "v", next: "v", port: 5050, keep: true };

test("a stack never switches to another volume than the one with its data", async () => {
  const reason =
    "this stack's data is in the Docker volume v, but the update would use empty. " +
    "Keep the volume: pulumi config set --path mlflow.volume v. To start with another one, destroy the stack first";
  expect(await provider.check(INPUTS, { ...INPUTS, volume: "empty" })).toMatchObject({
    failures: [{ property: "volume", reason }],
  });
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  for (const [olds, volume] of [
    [INPUTS, "v"],
    [{}, "v"],
    [INPUTS, unknown],
  ] as const)
    expect(await provider.check(olds, { ...INPUTS, volume })).toEqual({ inputs: { ...INPUTS, volume } });
});

test("whether a destroy keeps the data may change", async () => {
  const loose = { ...INPUTS, keep: false };
  expect(await provider.diff("v", INPUTS, INPUTS)).toEqual({ changes: false });
  expect(await provider.diff("v", INPUTS, loose)).toEqual({ changes: true });
  expect(await provider.update("v", INPUTS, loose)).toEqual({ outs: loose });
});
