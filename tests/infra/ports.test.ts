import { expect, test } from "vitest";
import { isBlockedPort } from "../../infra/ports.ts";

/** Whether Node's fetch refuses the port; never connects. */
async function nodeRefuses(port: number): Promise<boolean> {
  const dispatcher = {
    dispatch() {
      throw new Error("would connect");
    },
  };
  const options = { dispatcher } as unknown as RequestInit;
  const { cause } = await fetch(`http://127.0.0.1:${port}`, options).catch((error) => error);
  return cause.message === "bad port";
}

test("blocked ports are the ones that Node's fetch refuses", async () => {
  const ports = Array.from({ length: 11_000 }, (_, port) => port + 1);
  const refused: number[] = [];
  for (const port of ports) if (await nodeRefuses(port)) refused.push(port);
  expect(refused).toContain(5061);
  expect(ports.filter(isBlockedPort)).toEqual(refused);
});
