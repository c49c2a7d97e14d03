/**
 * The project's providers in Pulumi's own process of dynamic resources, started as the CLI starts it: by a shell, with the engine's
 * address and a pipe that closes when the engine ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { expect, onTestFinished, test } from "vitest";
import { storedProvider } from "../../dynamic/stored-provider.ts";

const PROCESS = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/dynamic-provider");
const DEFINE = pathToFileURL(resolve("dynamic/define-provider.ts")).href;
const provider = `import { writeFileSync } from "node:fs";
import { defineProvider } from ${JSON.stringify(DEFINE)};
const refuse = () => { throw new Error("gate refused:\\n  accuracy 0.8975 < 0.90", { cause: new Error("the cause") }); };
export const provider = defineProvider({
  check: async (olds, news) => { console.error("a line of progress"); return refuse(); },
  diff: async () => refuse(),
  update: async () => refuse(),
  delete: async () => refuse(),
  create: async ({ marker }) => { writeFileSync(marker, "begun"); await new Promise((r) => setTimeout(r, 600_000)); },
});
`;

interface Running {
  readonly shell: ChildProcess;
  readonly engine: Server;
  readonly client: Client;
  readonly text: string;
  readonly folder: string;
  stderr(): string;
  /** As if the engine had been killed: nothing listens, and its end of the pipe is closed. */
  endEngine(): Promise<void>;
}

async function start(env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), "dynamic-process-"));
  writeFileSync(join(folder, "provider.ts"), provider);
  const sockets = new Set<Socket>();
  const engine = createServer((socket) => sockets.add(socket)).listen(0, "127.0.0.1");
  await once(engine, "listening");
  const address = `127.0.0.1:${(engine.address() as { port: number }).port}`;
  // `; true`: the shell stays, as the parent of the process.
  const shell = spawn("sh", ["-c", `"${process.execPath}" "${PROCESS}" ${address}; true`], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: "pipe",
    detached: true,
  });
  let stderr = "";
  shell.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const [port] = await once(shell.stdout as NodeJS.ReadableStream, "data");
  const client = new Client(`127.0.0.1:${String(port).trim()}`, credentials.createInsecure());
  onTestFinished(() => {
    client.close();
    engine.close();
    if (shell.pid !== undefined && shell.exitCode === null) process.kill(-shell.pid, "SIGKILL");
    rmSync(folder, { recursive: true });
  });
  const endEngine = async () => {
    shell.stdin?.end();
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => engine.close(done));
  };
  const text = storedProvider(pathToFileURL(join(folder, "provider.ts")).href);
  return { shell, engine, client, text, folder, stderr: () => stderr, endEngine };
}

type Definition = {
  path: string;
  requestSerialize(value: unknown): Buffer;
  responseDeserialize(bytes: Buffer): unknown;
};

/** The error that a call ends with. */
const failureOf = (
  { client }: Running,
  method: "check" | "diff" | "create" | "update" | "delete",
  request: unknown,
) => {
  const { path, requestSerialize, responseDeserialize } = services.ResourceProviderService[method] as Definition;
  return new Promise<ServiceError>((done, fail) =>
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error) =>
      error ? done(error) : fail(new Error(`${method} did not fail`)),
    ),
  );
};

const props = (running: Running, more: object = {}) =>
  struct.Struct.fromJavaScript({ __provider: running.text, ...more } as never);

async function failEach(running: Running): Promise<string[]> {
  const both = <M extends { setOlds(value: unknown): void; setNews(value: unknown): void }>(message: M): M => {
    message.setOlds(props(running));
    message.setNews(props(running));
    return message;
  };
  const deletion = new messages.DeleteRequest();
  deletion.setProperties(props(running));
  const failures = [
    await failureOf(running, "check", both(new messages.CheckRequest() as never)),
    await failureOf(running, "diff", both(new messages.DiffRequest() as never)),
    await failureOf(running, "update", both(new messages.UpdateRequest() as never)),
    await failureOf(running, "delete", deletion),
  ];
  return failures.map(({ details }) => details);
}

const REFUSED = "gate refused:\n  accuracy 0.8975 < 0.90";

test("an error reaches the engine once, without a stack trace beside it", async () => {
  const running = await start();
  expect(await failEach(running)).toEqual([REFUSED, REFUSED, REFUSED, REFUSED]);
  // What else is printed comes through, and nothing of the error.
  await expect.poll(running.stderr).toBe("a line of progress\n");
});

test("PULUMI_DEBUG shows stack trace and cause, once for each", async () => {
  const running = await start({ PULUMI_DEBUG: "1" });
  expect(await failEach(running)).toEqual([REFUSED, REFUSED, REFUSED, REFUSED]);
  await expect.poll(() => running.stderr().match(/\[cause\]: Error: the cause/g)?.length).toBe(4);
  // The error's and its cause's.
  expect(running.stderr().match(/at refuse /g)?.length).toBe(8);
});

async function beginCreate(running: Running): Promise<void> {
  const request = new messages.CreateRequest();
  const marker = join(running.folder, "marker");
  request.setProperties(props(running, { marker }));
  failureOf(running, "create", request).catch(() => undefined);
  await expect.poll(() => existsSync(marker), { timeout: 10_000 }).toBe(true);
}

test("the process and its shell end with a killed engine, in the middle of a call", async () => {
  const running = await start();
  await beginCreate(running);
  const ended = once(running.shell, "exit");
  await running.endEngine();
  await Promise.race([ended, sleep(10_000).then(() => Promise.reject(new Error("the process lives on")))]);
});

test("the process goes on while the engine lives, whatever becomes of its standard input", async () => {
  const running = await start();
  await beginCreate(running);
  running.shell.stdin?.end();
  await sleep(3_000);
  expect(running.shell.exitCode).toBeNull();
  expect(await failEach(running)).toHaveLength(4);
});
