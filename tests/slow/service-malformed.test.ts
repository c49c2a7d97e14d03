import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { expect, test } from "vitest";
import { malformedBodies, wrongAnswers } from "../service/helpers/malformed.ts";
import { startService } from "../service/helpers/service-process.ts";
import { testModel } from "../service/helpers/test-model.ts";

async function residentMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

const post = (agent: Agent, url: string, body: string) =>
  new Promise<number>((done, fail) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    request(url, { agent, method: "POST", headers }, (response) => {
      response.resume().once("end", () => done(response.statusCode ?? 0));
    })
      .once("error", fail)
      .end(body);
  });

test("40,000 malformed requests: each that is not well formed gets a 4xx, no crash, no growth, less than 150 MiB", {
  timeout: 300_000,
}, async () => {
  await using model = await testModel();
  await using service = await startService({ MODEL_URI: model.folder });
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const bodies = malformedBodies(20);
  const wrong: string[] = [];
  let answered = 0;
  const send = async (count: number) => {
    let left = count;
    const client = async () => {
      while (left-- > 0) {
        const body = bodies.next().value ?? "";
        wrong.push(...wrongAnswers([["/predict", body, await post(agent, `${service.url}/predict`, body)]]));
        answered++;
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
  };
  // Until the heap has found its size. What it may not do is to take ever more because garbage comes fast: see main.ts.
  await send(20_000);
  const before = await residentMiB(service.child.pid);
  await send(20_000);
  const after = await residentMiB(service.child.pid);
  console.log(`resident: ${before.toFixed(0)} MiB after 20,000, ${after.toFixed(0)} MiB after 40,000`);
  expect(after - before).toBeLessThan(12);
  expect(after).toBeLessThan(150);
  expect(wrong).toEqual([]);
  expect(answered).toBe(40_000);
  expect(await post(agent, `${service.url}/predict`, '{"features":[[1,2,3]]}')).toBe(200);
  agent.destroy();
});
