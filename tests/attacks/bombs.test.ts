import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { downloadArtifact, downloadModel } from "../../registry/artifacts.ts";
import { openPredictor } from "../../service/predictor/predictor.ts";
import { judgeFiles } from "../../training/gate/checks/schema.ts";
import { pinnedCsv, temporaryFolder } from "../fixtures/training/pinned-csv.ts";
import { json, serve } from "../helpers/http-server.ts";
import { loadNumbers } from "../helpers/number-rows.ts";
import { failedStart, startService } from "../service/helpers/service-process.ts";
import { testModel } from "../service/helpers/test-model.ts";
import { hostileRegistry } from "./helpers/hostile-registry.ts";
import { field, fieldHead, graphWith, modelOf, onnx } from "./helpers/onnx-bytes.ts";

const MIB = 2 ** 20;
const SECONDS = 5;

/** Milliseconds that it took; the process must not have grown by what the bomb unpacks to. */
async function costs(work: () => Promise<unknown>) {
  const before = process.memoryUsage().rss;
  const start = performance.now();
  await work();
  return { ms: performance.now() - start, mib: (process.memoryUsage().rss - before) / MIB };
}

test("zip bomb: an answer that unpacks to 256 MiB is cut off at its limit", async () => {
  const bomb = gzipSync(Buffer.alloc(256 * MIB));
  expect(bomb.length).toBeLessThan(2 * MIB);
  const headers = { "content-encoding": "gzip", "content-length": bomb.length };
  await using registry = await hostileRegistry({ file: (_, response) => response.writeHead(200, headers).end(bomb) });
  const small = await costs(async () => {
    const artifact = downloadArtifact(registry.client, "mlflow-artifacts:/1", "report.json", { maxBytes: 8 * MIB });
    await expect(artifact).rejects.toThrow(`it exceeds the limit of ${8 * MIB} bytes`);
  });
  expect(small.mib).toBeLessThan(200);
  // JSON has a limit of its own, and so has what a server says when it refuses.
  await expect(registry.client.call("GET", "mlflow/x")).rejects.toThrow(`it exceeds the limit of ${64 * MIB} bytes`);
  await using refusing = await hostileRegistry({ file: (_, response) => response.writeHead(500, headers).end(bomb) });
  await expect(refusing.client.call("GET", "mlflow/x")).rejects.toThrow("no body: it exceeds");
});

test("endless answers: a length that is too long is refused before it is read, chunks without end when they are too many", async () => {
  const declared = { "content-length": 2 ** 40 };
  await using long = await hostileRegistry({ file: (_, response) => response.writeHead(200, declared).write("x") });
  const list = (folder: string) => (folder ? [] : [{ path: "model.onnx" }]);
  await expect(downloadArtifact(long.client, "mlflow-artifacts:/1", "x")).rejects.toThrow("its declared length of");
  await using endless = await hostileRegistry({
    list,
    file: (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(MIB))) {}
      };
      response.on("drain", more);
      more();
    },
  });
  await expect(downloadArtifact(endless.client, "mlflow-artifacts:/1", "x", { maxBytes: 16 * MIB })).rejects.toThrow(
    "it exceeds the limit of",
  );
});

test("endless listings: folders in folders, and more files than a model can have, are refused", async () => {
  await using deep = await hostileRegistry({ list: () => [{ path: "d", is_dir: true }] });
  const folder = join(await temporaryFolder(), "model");
  await expect(downloadModel(deep.client, deep.version, folder)).rejects.toThrow("more than 32 deep");
  await using wide = await hostileRegistry({
    list: (folder) =>
      folder.includes("/") ? [] : Array.from({ length: 500 }, (_, index) => ({ path: `d${index}`, is_dir: true })),
  });
  await expect(downloadModel(wide.client, wide.version, folder)).rejects.toThrow("more than 10000 files and folders");
  await using many = await hostileRegistry({
    list: () => Array.from({ length: 10_001 }, (_, index) => ({ path: `f${index}` })),
  });
  await expect(downloadModel(many.client, many.version, folder)).rejects.toThrow("more than 10000 files and folders");
  expect(many.server.requests).toHaveLength(1);
});

test("protobuf bomb: graphs 50,000 deep in each other are refused, by the gate and by the predictor", async () => {
  const heads: Uint8Array[] = [];
  let size = 0;
  const wrap = (head: Uint8Array) => {
    heads.push(head);
    size += head.length;
  };
  // From the inside out: name, then node { attribute { name, g { ... } } }, for ever.
  wrap(onnx.GraphProto.encode({ name: "ZipMap location" }).finish());
  for (let depth = 0; depth < 50_000; depth++) {
    wrap(fieldHead(6, size));
    wrap(field(1, Buffer.from("g")));
    wrap(fieldHead(5, size));
    wrap(fieldHead(1, size));
  }
  wrap(fieldHead(7, size));
  await using model = await testModel();
  await writeFile(join(model.folder, "model.onnx"), Buffer.concat(heads.reverse()));
  const { ms } = await costs(async () => {
    await expect(judgeFiles(model.folder, { operators: {} })).rejects.toThrow(/is not an ONNX model/);
    await expect(openPredictor(model.folder)).rejects.toThrow(/not an ONNX model/);
  });
  expect(ms).toBeLessThan(SECONDS * 1000);
});

test("protobuf bomb: a tensor that says that it is a terabyte is refused without taking it", async () => {
  const { FLOAT } = onnx.TensorProto.DataType;
  // It fits the product that it is in: only its size is wrong.
  const huge = { name: "huge", dims: [2, 2 ** 37], dataType: FLOAT, rawData: new Uint8Array(16) };
  await using model = await testModel();
  const use = { opType: "MatMul", input: ["probabilities", "huge"], output: ["out"] };
  await writeFile(join(model.folder, "model.onnx"), modelOf(graphWith({ initializer: [huge], node: [use] })));
  const { mib } = await costs(() => expect(openPredictor(model.folder)).rejects.toThrow(`size of ${2 ** 40} bytes`));
  expect(mib).toBeLessThan(200);
});

test("protobuf bomb: a model with bytes put in at any place is refused or opened, and never ends the process", async () => {
  const good = await testModel();
  const bytes = await readFile(join(good.folder, "model.onnx"));
  let refused = 0;
  for (let length = 0; length <= bytes.length; length++) {
    const spoilt = Buffer.concat([
      bytes.subarray(0, length),
      Buffer.from([0xff, 0xff, 0x7f, 0x08]),
      bytes.subarray(length),
    ]);
    await writeFile(join(good.folder, "model.onnx"), spoilt);
    await openPredictor(good.folder).then(
      (predictor) => predictor.close(),
      () => refused++,
    );
  }
  await good[Symbol.asyncDispose]();
  // Some bytes are never checked: names, and numbers within them.
  expect(refused).toBeGreaterThan(bytes.length / 2);
});

test.each([
  [
    "aliases of aliases",
    `a: &a [x, x, x, x, x, x, x, x, x]\n${"bcdefghi"
      .split("")
      .map((name, index) => `${name}: &${name} [${`*${"abcdefgh"[index]},`.repeat(9)}]`)
      .join("\n")}`,
  ],
  ["lists in lists", "[".repeat(100_000)],
  ["JSON lists in lists", `{"signature":${"[".repeat(200_000)}${"]".repeat(200_000)}}`],
  ["a signature of lists in lists", JSON.stringify({ signature: { inputs: "[".repeat(200_000) } })],
])("YAML bomb: an MLmodel of %s is refused in time", async (_name, mlmodel) => {
  await using model = await testModel({ mlmodel });
  const { ms, mib } = await costs(() => expect(openPredictor(model.folder)).rejects.toThrow("MLmodel"));
  expect(ms).toBeLessThan(SECONDS * 1000);
  expect(mib).toBeLessThan(400);
});

test("JSON bomb: a registry's answer, brackets in brackets, is one refusal", async () => {
  await using registry = await hostileRegistry({ file: (_, response) => response.end("[".repeat(5_000_000)) });
  await expect(registry.client.call("GET", "mlflow/x")).rejects.toThrow("did not respond to GET mlflow/x with JSON");
});

test("Parquet bomb: a snapshot whose sizes were made as large as their bytes can say takes no memory for them", async () => {
  const parquet = await readFile("tests/fixtures/training/parquet/groups.parquet");
  const good = await loadNumbers(await pinnedCsv(parquet, "good.parquet"));
  // The footer: the schema first, then the row groups. Its numbers are varints: bytes put before one make it as large as they can say.
  const length = parquet.readUInt32LE(parquet.length - 8);
  const start = parquet.length - 8 - length;
  const refusals: string[] = [];
  for (let at = start; at < start + 400; at++) {
    const spoilt = Buffer.concat([parquet.subarray(0, at), Buffer.alloc(4, 0xff), parquet.subarray(at)]);
    spoilt.writeUInt32LE(length + 4, spoilt.length - 8);
    const path = await pinnedCsv(spoilt, "bomb.parquet");
    const { mib } = await costs(() =>
      loadNumbers(path).then(
        // A number that no code reads.
        ({ features, labels }) => expect([features, labels]).toEqual([good.features, good.labels]),
        (error: Error) => refusals.push(error.message),
      ),
    );
    expect(mib).toBeLessThan(256);
  }
  expect(refusals.length).toBeGreaterThan(200);
  for (const refusal of refusals) expect(refusal).toContain("bomb.parquet");
  for (const size of ["Could not read enough bytes", "bytes outside file"])
    expect(refusals).toContainEqual(expect.stringContaining(size));
});

test("compressed bodies: the service takes none, however small", async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder });
  const bomb = gzipSync(Buffer.alloc(100 * MIB));
  for (const encoding of ["gzip", "deflate", "br", "zstd"]) {
    const headers = { "content-type": "application/json", "content-encoding": encoding };
    const response = await fetch(`${service.url}/predict`, { method: "POST", headers, body: bomb });
    expect(response.status).toBe(415);
  }
});

test("a service whose registry sends a bomb says so in one line and ends", async () => {
  const bomb = gzipSync(Buffer.alloc(100 * MIB));
  await using registry = await serve((request, response) => {
    if (!request.path.includes("artifacts"))
      return json(response, { model_version: { name: "m", version: "1", source: "mlflow-artifacts:/1" } });
    response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
  });
  const { code, stderr } = await failedStart({
    MODEL_URI: "models:/m/1",
    MLFLOW_TRACKING_URI: registry.url,
    MODEL_CACHE: await temporaryFolder(),
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^service did not start: MLflow at .*it exceeds the limit of \d+ bytes\n$/);
});
