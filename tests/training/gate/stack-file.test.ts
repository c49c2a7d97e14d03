import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readStackGate, requirePlain } from "../../../training/gate/stack-file.ts";

const DATA = "config: { data: { default: { training: t.csv, evaluation: e.csv } } }";

/** A project elsewhere, with the stack `live`. */
async function projectWith(project: string, config: object) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "gate-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "program"));
  await writeFile(join(folder, "Pulumi.yaml"), project);
  const [stack, projectFile] = [join(folder, "Pulumi.live.yaml"), join(folder, "Pulumi.yaml")];
  await writeFile(stack, JSON.stringify({ config }));
  return { folder, stack, projectFile };
}

test("data paths are relative to the project, as in an update, wherever the command runs", async () => {
  const config = { "model-promotion:data": { evaluation: "own/e.csv", reference: "/data/r.csv" } };
  const { folder, stack, projectFile } = await projectWith(DATA, config);
  expect((await readStackGate(stack, projectFile)).data).toEqual({
    training: join(folder, "t.csv"),
    evaluation: join(folder, "own/e.csv"),
    reference: "/data/r.csv",
  });
  const elsewhere = await projectWith(`main: program\n${DATA}`, config);
  expect((await readStackGate(elsewhere.stack, elsewhere.projectFile)).data).toMatchObject({
    training: join(elsewhere.folder, "program/t.csv"),
  });
  const file = await projectWith(`main: program/index.ts\n${DATA}`, config);
  await writeFile(join(file.folder, "program/index.ts"), "");
  expect((await readStackGate(file.stack, file.projectFile)).data).toMatchObject({
    training: join(file.folder, "program/t.csv"),
  });
});

test("the stack's data format is not a path, and is validated as in an update", async () => {
  const format = { label: "churned", classes: ["no", "yes"], positive: "yes", missing: ["007"] };
  const { stack, projectFile } = await projectWith(DATA, {
    "model-promotion:data": { evaluation: "e.csv", ...format },
  });
  expect((await readStackGate(stack, projectFile)).data.format).toEqual(format);
  const wrong = await projectWith(DATA, { "model-promotion:data": { classes: ["no", "yes"] } });
  await expect(readStackGate(wrong.stack, wrong.projectFile)).rejects.toThrow("data.positive is missing");
});

test("paths stay unchanged in the project's own folder", async () => {
  expect((await readStackGate("quickstart/Pulumi.staging.yaml")).data).toMatchObject({
    evaluation: "training/data/churn/evaluation.csv",
  });
});

test("rejects an encrypted value, and names its key", async () => {
  const sealed = { secure: "v1:x" };
  expect(() => requirePlain({ accuracy: { min: sealed } }, "gate", "Pulumi.live.yaml")).toThrow(
    "Pulumi.live.yaml: gate.accuracy.min is encrypted, and this command cannot decrypt it. " +
      "Set it in plain text: pulumi config set --plaintext --path gate.accuracy.min <value>",
  );
  expect(() => requirePlain(sealed, "gate", "Pulumi.live.yaml")).toThrow("gate is encrypted");
  for (const data of [sealed, { evaluation: sealed }]) {
    const { stack, projectFile } = await projectWith(DATA, { "model-promotion:data": data });
    await expect(readStackGate(stack, projectFile)).rejects.toThrow(/Pulumi\.live\.yaml: data\S* is encrypted/);
  }
});
