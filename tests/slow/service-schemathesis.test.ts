import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { ensurePythonVenv } from "../../infra/targets/local/python-venv.mjs";
import { startService } from "../service/helpers/service-process.ts";
import { mlmodelOf, testModel } from "../service/helpers/test-model.ts";

const EXAMPLES = process.env.SCHEMATHESIS_EXAMPLES ?? "15";
/** Requests that it makes of the smallest document. */
const FEWEST = 30 * Number(EXAMPLES);
let command: string;
beforeAll(async () => {
  const python = await ensurePythonVenv({
    folder: ".venv-schemathesis",
    requirements: ["tests/service/requirements.txt"],
  });
  command = join(dirname(python), "schemathesis");
});

/** What schemathesis finds in a service's answers to requests that it makes from /openapi.json. */
async function findings(url: string, ...options: string[]): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), "schemathesis-")); // it leaves notes where it runs
  const config = resolve("tests/service/schemathesis.toml");
  const args = ["--config-file", config, "--no-color", "run", `${url}/openapi.json`, "--seed", "1", "-n", EXAMPLES];
  try {
    const env = { ...process.env, SCHEMATHESIS_HOOKS: "schemathesis_hooks", PYTHONPATH: resolve("tests/service") };
    const { stdout } = await promisify(execFile)(command, [...args, ...options], { cwd, env, maxBuffer: 2 ** 26 });
    const [line = "", made = 0, passed = 0] = /(\d+) generated, (\d+) passed/.exec(stdout) ?? [];
    console.log(line);
    // One that makes no requests finds nothing.
    return Number(made) > FEWEST && made === passed ? "" : `schemathesis made too few requests: ${stdout}`;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    const lines = (stdout + stderr).split("\n").map((line) => line.slice(0, 300));
    return lines.filter((line) => line !== "").join("\n") || String(error);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

test("what OpenAPI allows is answered as it says, what it does not is refused, and nothing is a 5xx", {
  timeout: 240_000,
}, async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder, MODEL_NAME: "m" });
  expect(await findings(service.url)).toBe("");
});

test("the same for a model that names its columns", { timeout: 240_000 }, async () => {
  await using model = await testModel({
    mlmodel: { ...mlmodelOf(3), metadata: { columns: ["age", "income", "a/b ~é"] } },
  });
  await using service = await startService({ MODEL_URI: model.folder, MODEL_NAME: "m" });
  // Lists of one column each must have one length, which JSON Schema cannot say.
  const options = ["--include-method", "POST", "--exclude-checks", "positive_data_acceptance"];
  expect(await findings(service.url, ...options)).toBe("");
});

test.for(["two-values", "text", "columns"])(
  "the same for a model of another kind: %s",
  {
    timeout: 240_000,
  },
  async (kind) => {
    const folder = resolve("tests/fixtures/skl2onnx", kind);
    await using service = await startService({ MODEL_URI: folder, MODEL_NAME: "m" });
    // Whole numbers and lists of one length each are beyond JSON Schema's words.
    const options = ["--include-method", "POST", "--exclude-checks", "positive_data_acceptance"];
    expect(await findings(service.url, ...options)).toBe("");
  },
);
