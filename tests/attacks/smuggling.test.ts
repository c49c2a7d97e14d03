import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningService, startService } from "../service/helpers/service-process.ts";
import { testModel } from "../service/helpers/test-model.ts";

const TOKEN = "t".repeat(32);
const BODY = '{"features":[[1,2,3]]}';
let model: Awaited<ReturnType<typeof testModel>>;
let service: RunningService;
beforeAll(async () => {
  model = await testModel();
  service = await startService({ MODEL_URI: model.folder, API_TOKEN: TOKEN });
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await model?.[Symbol.asyncDispose]();
});

interface Answers {
  /** Of all that comes back, in its order. */
  readonly statuses: readonly string[];
  /** False: the other end still waits for more after a second. */
  readonly closed: boolean;
}

/** What comes back for these bytes, until the other end closes or says nothing more. */
const answersTo = (bytes: string) =>
  new Promise<Answers>((done, fail) => {
    const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
    let said = "";
    const end = (closed: boolean) => {
      socket.destroy();
      done({ statuses: [...said.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status = ""]) => status), closed });
    };
    socket.setTimeout(1_000, () => end(false));
    socket.on("data", (chunk) => {
      said += chunk;
    });
    // A refused or reset connection returned nothing, so it proves nothing.
    socket.once("error", fail).once("end", () => end(true));
    socket.write(bytes.replaceAll("\n", "\r\n"));
  });

const HIDDEN = "GET /health HTTP/1.1\nHost: x\nConnection: close\n\n";
const served = async () => expect(await answersTo(HIDDEN)).toEqual({ statuses: ["200"], closed: true });

test("request smuggling: the requests that the attacks hide are answered when they are not hidden", async () => {
  const both = HIDDEN.replace("Connection: close\n", "") + HIDDEN;
  expect(await answersTo(both)).toEqual({ statuses: ["200", "200"], closed: true });
});

test.each([
  ["a length and chunks", "400", `Content-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n${HIDDEN}`],
  ["chunks and a length", "400", `Transfer-Encoding: chunked\nContent-Length: 5\n\n0\n\n${HIDDEN}`],
  ["two lengths", "400", `Content-Length: 5\nContent-Length: 0\n\n${HIDDEN}`],
  ["a length with a sign", "400", `Content-Length: +0\n\n${HIDDEN}`],
  ["a folded header", "400", `X-A: 1\n Content-Length: 0\n\n${HIDDEN}`],
  ["a header with a blank before its colon", "400", `Content-Length : 0\n\n${HIDDEN}`],
  // Its head is in order: the caller has no token.
  ["chunks of no size", "401", `Transfer-Encoding: chunked\n\nzz\n\n${HIDDEN}`],
])("request smuggling: %s is one request that gets %s, and nothing behind it is answered", async (_, status, head) => {
  const answers = await answersTo(`POST /predict HTTP/1.1\nHost: x\nContent-Type: application/json\n${head}`);
  expect(answers).toEqual({ statuses: [status], closed: true });
  // Not because nothing works any more.
  await served();
});

test.each([
  ["/predict", "401"],
  ["/predict?x=1", "401"],
  ["/./predict", "401"],
  ["/%70redict", "401"],
  ["/invocations", "401"],
  ["//predict", "404"],
  ["/predict/", "404"],
  ["/Predict", "404"],
])("%s does not go round the token: %s, and 200 with it where there is such a path", async (path, refused) => {
  const head = `Host: x\nConnection: close\nContent-Type: application/json\nContent-Length: ${BODY.length}`;
  const ask = async (more = "") => (await answersTo(`POST ${path} HTTP/1.1\n${head}${more}\n\n${BODY}`)).statuses;
  expect(await ask()).toEqual([refused]);
  expect(await ask(`\nAuthorization: Bearer ${TOKEN}`)).toEqual([refused === "401" ? "200" : refused]);
});
