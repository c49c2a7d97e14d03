/** From a checkout to two models in production, with the commands of docs/tutorial-own-model.md. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect } from "vitest";
import { TRAINERS_ENVIRONMENT } from "../../examples/known-examples.ts";
import { ensurePythonVenv } from "../../infra/targets/local/python-venv.mjs";
import { HealthAnswer, PredictAnswer } from "../../service/contract.ts";
import { copyCheckout, stopLocalProcesses } from "../helpers/checkout-copy.ts";
import { freePort } from "../helpers/free-port.ts";
import type { Ran } from "../helpers/project.ts";
import { type Missing, testNeeding } from "../helpers/test-needing.ts";
import { tutorialCommands } from "../helpers/tutorial.ts";

async function missingPackages(): Promise<Missing | undefined> {
  try {
    await ensurePythonVenv(TRAINERS_ENVIRONMENT);
    return undefined;
  } catch (cause) {
    const [what = ""] = (cause as Error).message.split("\n");
    return { what, remedy: "examples/requirements.txt names the trainers' packages" };
  }
}
const testWithPackages = testNeeding(await missingPackages());

let home: string;
let clone: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "new-model-"));
  clone = join(home, "clone");
  await copyCheckout(clone);
  await writeFile(join(home, "fraud.csv"), fraudCsv());
});
afterAll(async () => {
  await stopLocalProcesses(clone);
  await rm(home, { recursive: true, force: true });
});

/** Numbers, codes, true and false, gaps, ids; a label of texts that the features tell, but for some noise. */
function fraudCsv(): string {
  let seed = 7;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const lines = Array.from({ length: 600 }, (_, row) => {
    const [amount, age, known, code] = [
      random() * 900,
      18 + Math.floor(random() * 60),
      random() < 0.5,
      Math.floor(random() * 4),
    ];
    const isFraud = amount / 300 + (known ? 0 : 1.5) + code / 2 + random() > 3.2;
    const cells = [
      `T-${row}`,
      amount.toFixed(2),
      row % 11 ? age : "NA",
      known,
      row % 13 ? `00${code}` : "",
      isFraud ? "yes" : "no",
    ];
    return cells.join(",");
  });
  return `transaction_id,amount,age,known_device,shop_code,is_fraud\n${lines.join("\n")}\n`;
}

const ENVIRONMENT = () => ({
  ...process.env,
  HOME: home,
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  PULUMI_BACKEND_URL: `file://${home}/.promotion`,
  PULUMI_CONFIG_PASSPHRASE: "choose-one",
  NO_COLOR: "1",
});

async function shell(command: string, more: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn("bash", ["-e", "-c", command], {
    cwd: clone,
    env: { ...ENVIRONMENT(), ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number>((done) => child.once("close", (code) => done(code ?? -1)));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await ended, output: out + err };
}

async function must(command: string, more?: Readonly<Record<string, string>>): Promise<string> {
  const { exitCode, output } = await shell(command, more);
  expect(exitCode, `${command}\n${output}`).toBe(0);
  return output;
}

/** Runs `npm run new`; ports become ones that are free on this machine, which other tests use as well. */
async function scaffold(command: string, swapped: Map<string, string>): Promise<string[]> {
  const output = await must(command);
  const name = /new -- (\S+)/.exec(command)?.[1] ?? "";
  for (const stack of [`${name}-staging`, `${name}-production`]) {
    const file = join(clone, `Pulumi.${stack}.yaml`);
    let config = await readFile(file, "utf8");
    for (const [, port = ""] of config.matchAll(/(?:"?port"?: ?|127\.0\.0\.1:)(\d{4})\b/g))
      if (!swapped.has(port)) swapped.set(port, String(await freePort()));
    for (const [port, free] of swapped) config = config.replaceAll(port, free);
    await writeFile(file, config);
  }
  return output
    .slice(output.indexOf("Next:\n") + 6)
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());
}

const served = async (port: string | undefined) => {
  const { model, version, stage } = HealthAnswer.parse(await (await fetch(`http://127.0.0.1:${port}/health`)).json());
  return `${model} ${version} ${stage}`;
};
const up = (stack: string, ...more: string[]) =>
  must(`npx node packages/engine/cli.ts up --yes --skip-preview --stack ${stack} ${more.join(" ")}`);
const unchanged = (stack: string) => up(stack, "--expect-no-changes");
const tool = (script: string, more?: Readonly<Record<string, string>>) =>
  must(`npx node ${script} --engine embedded`, more);

testWithPackages(
  "a CSV becomes a model in production by the tutorial's commands, and a second one beside it",
  { timeout: 1_200_000 },
  async () => {
    const ports = new Map<string, string>();
    const tutorial = tutorialCommands();
    const [created = ""] = tutorial.get(2) ?? [];
    const started = performance.now();
    // HOME is the test's own folder, so ~/fraud.csv is its file.
    const printed = await scaffold(created, ports);
    const commands = [1, 2, 3].flatMap((section) => tutorial.get(section) ?? []);
    expect(commands.length).toBeLessThanOrEqual(8);
    expect(printed).toEqual(tutorial.get(3));
    await must(printed.join("\n"));
    const seconds = (performance.now() - started) / 1000;
    console.log(`${commands.join("\n")}\nfrom npm run new to production: ${seconds.toFixed(1)} s`);
    // What follows is tested on a slow machine, too.
    expect.soft(seconds).toBeLessThan(300);

    const [staging, production] = [ports.get("8002"), ports.get("8003")];
    expect([await served(staging), await served(production)]).toEqual(["fraud 1 Staging", "fraud 1 Production"]);
    const row = { amount: 850, age: null, known_device: false, shop_code: "003" };
    const answer = await fetch(`http://127.0.0.1:${production}/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ instances: [row, { ...row, amount: 1, known_device: true, shop_code: null }] }),
    });
    expect(PredictAnswer.parse(await answer.json()).predictions).toEqual(["yes", "no"]);
    expect(await must("git -C . init -q . && git add -A && git status --short models/fraud")).not.toMatch(
      /\.csv\n|\.venv/,
    );

    const run = (section: number) =>
      must((tutorial.get(section) ?? []).join("\n").replaceAll("8003", production ?? ""));
    expect(await run(4)).toContain('"predictions":["yes"]');
    await run(5);
    expect(await served(staging)).toBe("fraud 1 Staging");
    await run(6);
    expect([await served(staging), await served(production)]).toEqual(["fraud 2 Staging", "fraud 2 Production"]);
    expect(await run(7)).toMatch(/promotion +to 1 .*promotion +from 1 to 2/s);
    expect(await served(production)).toBe("fraud 1 Production");

    // Two updates at once: another version of fraud, and a second model with the first one's registry.
    // The first model's ports were swapped above, so these are the next free ones again.
    const others = new Map<string, string>();
    const next = await scaffold(
      "npm run new -- orders --data models/churn/data/train.csv --label label --trainer typescript",
      others,
    );
    await must(next[1] ?? "");
    await Promise.all([up("orders-staging"), up("fraud-staging", "--config training.params.C=0.25 --config-path")]);
    expect([await served(others.get("8002")), await served(staging)]).toEqual(["orders 1 Staging", "fraud 3 Staging"]);
    for (const stack of ["fraud-staging", "fraud-production"]) await unchanged(stack);
    await up("orders-production", "--config promotion.version=1 --config-path");
    expect(await served(others.get("8003"))).toBe("orders 1 Production");
    for (const stack of ["fraud-staging", "fraud-production"]) await unchanged(stack);

    // The other commands, on stacks of these names.
    expect(await tool("deploy/deploy.ts up fraud-production --yes", { MODEL_VERSION: "3" })).toContain(
      "production of fraud",
    );
    expect(await served(production)).toBe("fraud 3 Production");
    for (const stack of ["orders-staging", "orders-production"])
      expect(
        (await shell(`npx node packages/engine/cli.ts preview --expect-no-changes --stack ${stack}`)).output,
      ).not.toContain("fraud");
    await unchanged("orders-production");
    expect(await tool("training/gate/cli.ts --version 3 --stack fraud-staging")).toContain("passed");
    expect(await tool("deploy/history.ts --stack fraud-production")).toMatch(/promotion +from 1 to 3/);
    await tool("deploy/rollback.ts --stack fraud-production --yes");
    expect(await served(production)).toBe("fraud 1 Production");
    await tool("deploy/withdraw.ts 3 --stack fraud-production --reason wrong --yes");
    const refused = await shell(
      "npx node packages/engine/cli.ts up --yes --skip-preview --stack fraud-production --config promotion.version=3 --config-path",
    );
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toContain("it was withdrawn: wrong");
    expect(await served(production)).toBe("fraud 1 Production");
    expect(await served(others.get("8003"))).toBe("orders 1 Production");
  },
);
