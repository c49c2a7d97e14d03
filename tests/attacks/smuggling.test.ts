import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningService, startService } from "../service/helpers/service-process.ts";
import { testModel } from "../service/helpers/test-model.ts";

const BODY = '{"features":[[1,2,3]]}';
let model: Awaited<ReturnType<typeof testModel>>;
let service: RunningService;
beforeAll(async () => {
  model = await testModel();
  service = await startService({ MODEL_URI: model.folder, API_TOKEN: "t".repeat(32) });
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await model?.[Symbol.asyncDispose]();
});

/** The status lines of all that comes back for these bytes, until the other end closes or says nothing more. */
const answersTo = (bytes: string) =>
  new Promise<string[]>((done) => {
    const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
    let said = "";
    const end = () => {
      socket.destroy();
      done([...said.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status = ""]) => status));
    };
    socket.setTimeout(1_000, end);
    socket.on("data", (chunk) => {
      said += chunk;
    });
    socket.once("close", end).once("error", end);
    socket.write(bytes.replaceAll("\n", "\r\n"));
  });

const HIDDEN = "GET /health HTTP/1.1\nHost: x\nConnection: close\n\n";

test("request smuggling: the requests that the attacks hide are answered when they are not hidden", async () => {
  expect(await answersTo(HIDDEN.replace("Connection: close\n", "") + HIDDEN)).toEqual(["200", "200"]);
});

test.each([
  ["a length and chunks", `Content-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n${HIDDEN}`],
  ["chunks and a length", `Transfer-Encoding: chunked\nContent-Length: 5\n\n0\n\n${HIDDEN}`],
  ["two lengths", `Content-Length: 5\nContent-Length: 0\n\n${HIDDEN}`],
  ["a length with a sign", `Content-Length: +0\n\n${HIDDEN}`],
  ["a folded header", `X-A: 1\n Content-Length: 0\n\n${HIDDEN}`],
  ["a header with a blank before its colon", `Content-Length : 0\n\n${HIDDEN}`],
  ["chunks of no size", `Transfer-Encoding: chunked\n\nzz\n\n${HIDDEN}`],
])("request smuggling: %s is one bad request, and nothing behind it is answered", async (_name, head) => {
  const answers = await answersTo(`POST /predict HTTP/1.1\nHost: x\nContent-Type: application/json\n${head}`);
  expect(answers).not.toContain("200");
  expect(answers.length).toBeLessThanOrEqual(1);
});

test.each([
  "/predict",
  "/predict?x=1",
  "//predict",
  "/predict/",
  "/Predict",
  "/./predict",
  "/%70redict",
  "/invocations",
])("no spelling of %s goes round the token", async (path) => {
  const head = `Host: x\nConnection: close\nContent-Type: application/json\nContent-Length: ${BODY.length}`;
  const [status] = await answersTo(`POST ${path} HTTP/1.1\n${head}\n\n${BODY}`);
  expect(["401", "404"]).toContain(status);
});
