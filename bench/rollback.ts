// Measures how long `npm run rollback` takes on one machine, from the command to a served request, and how many requests fail: npm run bench:rollback [-- rounds]
// Ends with one line of JSON: {"rollbackSeconds": median, "slowestSeconds", "sent", "failed", "slowestRequestMs"}.
import { callersOf } from "../tests/helpers/callers.ts";
import { makeProject } from "../tests/helpers/project.ts";
import { rollbackOf, secondsToServed } from "../tests/helpers/project-command.ts";
import { testPython } from "../tests/helpers/python.ts";

const rounds = Number(process.argv[2] ?? 10);

await testPython((line) => console.log(line));
const project = await makeProject();
const must = async (stack: string) => {
  const { exitCode, output } = await project.up(stack);
  if (exitCode !== 0) throw new Error(`up of ${stack} failed:\n${output}`);
};
try {
  await project.set("staging", "gate.accuracy.min", "0.85");
  await must("staging");
  await must("production");
  await project.set("staging", "training.params.C", "0.1");
  await must("staging");
  await project.set("production", "promotion.version", "2");
  await must("production");
  const seconds: number[] = [];
  const seen = { sent: 0, failed: [] as string[], slowestMs: 0 };
  for (let round = 1; round <= rounds; round++) {
    const callers = callersOf(`http://127.0.0.1:${project.ports.production}`);
    // Back and forth: each move promotes a version that is already verified.
    const ran = await rollbackOf(project, "--yes", "--to", round % 2 === 1 ? "1" : "2");
    const { sent, failed, slowestMs } = await callers.stop();
    seconds.push(secondsToServed(ran));
    seen.sent += sent;
    seen.failed.push(...failed);
    seen.slowestMs = Math.max(seen.slowestMs, slowestMs);
    console.log(
      `round ${round}: ${seconds.at(-1)} s, ${failed.length} of ${sent} requests failed ${failed.join(", ")}`,
    );
  }
  const sorted = seconds.toSorted((a, b) => a - b);
  console.log(
    JSON.stringify({
      rollbackSeconds: sorted[Math.floor(rounds / 2)],
      slowestSeconds: sorted.at(-1),
      sent: seen.sent,
      failed: seen.failed.length,
      slowestRequestMs: seen.slowestMs,
    }),
  );
} finally {
  await project.remove();
}
