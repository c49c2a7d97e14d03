import { relative, resolve } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { stopDetached } from "../../infra/targets/local/detached-process.ts";
import { type LocalProcessInputs, provider } from "../../infra/targets/local/local-process-provider.ts";
import { freePort } from "../helpers/free-port.ts";
import { serve } from "../helpers/http-server.ts";
import { ask, processFolder, serverCommand } from "./test-process.ts";

async function inputsOf(): Promise<LocalProcessInputs> {
  const [port, folder] = [await freePort(), relative(process.cwd(), await processFolder())];
  return {
    processName: "test",
    folder,
    command: serverCommand(port, { name: "old" }),
    environment: {},
    port,
    url: `http://127.0.0.1:${port}`,
    healthPath: "/health",
    startSeconds: 10,
  };
}

test("starts, reads, replaces and stops a process", async () => {
  const olds = await inputsOf();
  const { id, outs } = await provider.create(olds);
  expect(id).toMatch(/^test#\w{12}$/);
  expect(outs).toMatchObject({ ...olds, logFile: `${olds.folder}/test.log` });
  expect(outs.instance).toMatch(/^\d+@\d+$/);
  expect(await provider.read(id, outs)).toEqual({ id, props: outs });

  const news = { ...olds, command: serverCommand(olds.port, { name: "new" }) };
  const updated = await provider.update(id, outs, news);
  expect(updated.outs.instance).not.toBe(outs.instance);
  expect(await ask(`${olds.url}/name`)).toBe("new");

  await provider.delete(id, updated.outs);
  expect(await provider.read(id, updated.outs)).toEqual({ id: "", props: {} });
});

test("restarts the old process if the new one is not ready in time", async () => {
  const olds = await inputsOf();
  const { id, outs } = await provider.create(olds);
  const news = { ...olds, command: ["sh", "-c", "echo broken model >&2; exit 1"] };
  const error = await provider.update(id, outs, news).catch((error) => error);
  expect(error.message).toMatch(/did not become ready on port \d+: it exited with code 1\n.*broken model/s);
  expect(error.message).toMatch(/\nThe previous process serves again\.$/);
  expect(await ask(`${olds.url}/name`)).toBe("old");
});

test("reports both failures if the old process cannot be restarted either", async () => {
  const olds = { ...(await inputsOf()), command: ["sh", "-c", "echo old is broken; exit 1"] };
  const error = await provider
    .update("test", olds, { ...olds, command: ["sh", "-c", "exit 2"] })
    .catch((error) => error);
  expect(error).toBeInstanceOf(AggregateError);
  expect(error.message).toMatch(
    /it exited with code 2\n.*The previous process could not be restarted.*exited with code 1/s,
  );
});

test("detects a process that exited", async () => {
  const inputs = await inputsOf();
  const { id, outs } = await provider.create(inputs);
  await stopDetached(`${inputs.folder}/test.pid`);
  expect(await provider.read(id, outs)).toEqual({ id: "", props: {} });
});

test("names the port that is in use", async () => {
  await using other = await serve((_, response) => response.end());
  await expect(provider.create({ ...(await inputsOf()), port: other.port })).rejects.toThrow(
    `port ${other.port} is in use by another program`,
  );
});

test("restarts a process that has exited, even without other changes", async () => {
  const inputs = await inputsOf();
  const { id, outs } = await provider.create(inputs);
  expect(await provider.diff(id, outs, inputs)).toMatchObject({ changes: false });
  expect(await provider.diff(id, outs, { ...inputs, startSeconds: 99 })).toMatchObject({ changes: false });
  await stopDetached(`${inputs.folder}/test.pid`);
  expect(await provider.diff(id, outs, inputs)).toMatchObject({ changes: true, replaces: [] });
  await provider.update(id, outs, inputs);
  expect(await ask(`${inputs.url}/name`)).toBe("old");
});

test.each<[string, Partial<LocalProcessInputs>, boolean, string[]]>([
  ["another command", { command: ["x"] }, true, []],
  ["another variable", { environment: { MODEL_VERSION: "2" } }, true, []],
  ["another port", { port: 1 }, true, []],
  ["another name", { processName: "other" }, true, ["processName"]],
  ["another folder", { folder: "elsewhere" }, true, ["folder"]],
])("%s: %j changes %s and replaces %j", async (_name, change, changes, replaces) => {
  const inputs = await inputsOf();
  const diff = await provider.diff("test", inputs, { ...inputs, ...change });
  expect(diff).toEqual({ changes, replaces, deleteBeforeReplace: true });
});

const data = (folder: string) => ({
  folder,
  what: "the registry",
  wayOut: "Set another local.dataFolder",
  formerName: "mlflow",
});

test("a forced replacement hands the process to its successor, which the final delete does not stop", async () => {
  const inputs = { ...(await inputsOf()), stack: "project/staging" };
  const old = await provider.create(inputs);
  const next = await provider.create(inputs);
  expect(next.id).not.toBe(old.id);
  await provider.delete(old.id, old.outs);
  expect(await ask(`${inputs.url}/name`)).toBe("old");
  await provider.delete(next.id, next.outs);
  await expect(ask(`${inputs.url}/name`)).rejects.toThrow();
});

test("neither stops nor takes over another stack's process, and names the stack", async () => {
  const mine = { ...(await inputsOf()), stack: "project/staging" };
  const { id, outs } = await provider.create(mine);
  const theirs = { ...mine, port: await freePort(), stack: "project/cancer-staging" };
  await expect(provider.create(theirs)).rejects.toThrow(
    /^the process test in \S+ belongs to stack project\/staging, but this is stack project\/cancer-staging\. Set another local\.dataFolder/,
  );
  await expect(provider.update("test#other", theirs, theirs)).rejects.toThrow("belongs to stack project/staging");
  await provider.delete("test#other", { ...theirs });
  expect(await ask(`${mine.url}/name`)).toBe("old");
  // The error also names its port.
  const elsewhere = { ...mine, processName: "other", stack: "project/cancer-staging" };
  await expect(provider.create(elsewhere)).rejects.toThrow(
    `port ${mine.port} is in use by stack project/staging (test). Stop it`,
  );
  await provider.delete(id, outs);
});

test("a stack that was renamed keeps its process", async () => {
  const mine = { ...(await inputsOf()), stack: "project/staging" };
  const { id, outs } = await provider.create(mine);
  const renamed = { ...mine, stack: "project/blue" };
  const { inputs } = await provider.check(mine, renamed);
  const { outs: news } = await provider.update(id, outs, inputs);
  await provider.delete(id, news);
  await expect(ask(`${mine.url}/name`)).rejects.toThrow();
});

test("keeps the name from an earlier release until another stack has taken it", async () => {
  const inputs = await inputsOf();
  const news = { ...inputs, processName: "project.staging.test", stack: "project/staging" };
  expect((await provider.check(inputs, news)).inputs.processName).toBe("test");
  expect((await provider.check({}, news)).inputs.processName).toBe("project.staging.test");
  expect((await provider.check({ ...inputs, folder: "elsewhere" }, news)).inputs.processName).toBe(
    "project.staging.test",
  );
  const { id, outs } = await provider.create({ ...inputs, stack: "project/other" });
  expect((await provider.check(inputs, news)).inputs.processName).toBe("project.staging.test");
  await provider.delete(id, outs);
});

test("rejects data that belongs to another stack, even after that stack was destroyed", async () => {
  const inputs = await inputsOf();
  const mine = { ...inputs, stack: "project/staging", data: data(inputs.folder) };
  const { id, outs } = await provider.create(mine);
  const theirs = { ...mine, processName: "other", port: await freePort(), stack: "project/cancer-staging" };
  const refusal =
    "the registry belongs to stack project/staging, but this is stack project/cancer-staging. Set another";
  await expect(provider.create(theirs)).rejects.toThrow(refusal);
  await provider.delete(id, outs);
  await expect(provider.create(theirs)).rejects.toThrow(refusal);
  const again = await provider.create(mine);
  await provider.delete(again.id, again.outs);
});

test("a destroy prints once where the server's data is kept; a replacement does not", async () => {
  const inputs = await inputsOf();
  const mine = { ...inputs, stack: "project/staging", data: data(inputs.folder) };
  const old = await provider.create(mine);
  const { id, outs } = await provider.create(mine);
  const print = vi.spyOn(console, "error").mockReturnValue();
  onTestFinished(() => print.mockRestore());
  await provider.delete(old.id, old.outs);
  expect(print).not.toHaveBeenCalled();
  await provider.delete(id, outs);
  const folder = resolve(inputs.folder);
  expect(print.mock.calls).toEqual([
    [
      `MLflow's data is kept in the folder ${folder}. An update of this stack with the same local.dataFolder uses it again. ` +
        `To remove it once the stack is destroyed: cd ${folder} && rm -rf mlflow.db artifacts data.owner.json`,
    ],
  ]);
});

test("rejects data that a process of an earlier release uses without a claim", async () => {
  const former = { ...(await inputsOf()), processName: "mlflow" };
  const { id, outs } = await provider.create(former);
  const news = {
    ...former,
    processName: "project.staging.mlflow",
    stack: "project/staging",
    data: data(former.folder),
  };
  await expect(provider.create({ ...news, port: await freePort() })).rejects.toThrow(
    /^the registry is in use by the process mlflow in \S+, which another stack started/,
  );
  // Its own stack continues to use it.
  const { inputs } = await provider.check(former, news);
  expect(inputs.processName).toBe("mlflow");
  const updated = await provider.update(id, outs, inputs);
  await provider.delete(id, updated.outs);
});
