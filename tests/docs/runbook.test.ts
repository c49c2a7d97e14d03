import { generateKeyPairSync } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { attestDeployment, distrustDeployment } from "../../registry/attestation/deployment-statement.ts";
import { attest } from "../../registry/attestation/store.ts";
import { distrust } from "../../registry/attestation/verify.ts";
import { gateTags } from "../../registry/evidence.ts";
import { findRefusals } from "../../registry/promotion-guard.ts";
import { decidePromotion } from "../../registry/promotion-override.ts";
import { provedImage } from "../../registry/proved-image.ts";
import { withdrawalTags } from "../../registry/withdrawal.ts";
import { errorTexts } from "../helpers/error-texts.ts";
import { versionWith } from "../registry/model-version.ts";
import {
  gateProof,
  gateVerdict,
  POLICY,
  promotionCase,
  stagingProof,
  stagingVerdict,
  withReport,
} from "../registry/promotion-case.ts";

/** Quotations in the first column of each section's tables; `…` and N match anything. */
const sections = new Map(
  readFileSync("docs/runbook.md", "utf8")
    .split(/^## /m)
    .map((section): [string, string[]] => {
      const rows = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| -"));
      const firsts = rows.map((row) => row.split(/(?<!\\)\|/)[1] ?? "");
      return [
        section.split(/ \(|\n/)[0] ?? "",
        firsts.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code)),
      ];
    }),
);
const quotedIn = (section: string) => sections.get(section) ?? [];

/** Whether the text contains the pieces of the quotation, in order. */
function quotes(quotation: string, text: string): boolean {
  let at = 0;
  return quotation.split(/\s*…\s*|\bN\b/).every((piece) => {
    const found = text.indexOf(piece, at);
    at = found + piece.length;
    return found >= 0;
  });
}

const SHA = "a".repeat(64);
const OTHER = "f".repeat(64);
const missing = { report: { missing: "gone" } };
const forged = { report: { bytes: new Uint8Array(1) } };
const former = { kind: "promotion", to: "3", when: "t", who: "ada", why: "", policySha256: POLICY } as const;

const guards = [
  promotionCase({ proof: { gate: undefined, staging: undefined } }),
  promotionCase({ proof: { gate: gateVerdict("failed"), staging: stagingVerdict("failed") } }),
  promotionCase({ proof: { gate: gateVerdict("inconclusive") } }),
  promotionCase({ proof: { gate: gateVerdict("passed", OTHER), staging: stagingVerdict("passed", OTHER) } }),
  promotionCase({ proof: { gate: gateProof({ verdict: "pending" }), staging: stagingProof({ verdict: "pending" }) } }),
  promotionCase({ proof: { gate: { ...gateProof(), ...missing }, staging: { ...stagingProof(), ...missing } } }),
  promotionCase({ proof: { gate: { ...gateProof(), ...forged } } }),
  promotionCase({ proof: { gate: withReport(gateProof().evidence, {}) } }),
  promotionCase({ proof: { staging: { ...stagingProof(), ...forged } } }),
  promotionCase({ proof: { staging: withReport(stagingProof().evidence, {}) } }),
  promotionCase({ proof: { gate: gateProof({ champion: "version 1" }) } }),
  promotionCase({
    proof: { gate: gateProof({ champion: "version 1" }) },
    serves: { unclear: "the registry disagrees" },
  }),
  promotionCase({ version: versionWith(withdrawalTags("leaks names", "ada", new Date(0))) }),
  promotionCase({ version: { ...versionWith(), status: "FAILED_REGISTRATION" } }),
  promotionCase({ version: { ...versionWith(), status: "PENDING_REGISTRATION" } }),
  promotionCase({ version: versionWith(gateTags({ ...gateVerdict("failed").evidence })), proof: { former } }),
].flatMap((asked) => findRefusals(asked));

const images = [{}, { image: "churn:latest" }].map((staging) => {
  const found = provedImage(staging);
  return "refusal" in found ? found.refusal : "";
});

const keys = generateKeyPairSync("ed25519");
const other = generateKeyPairSync("ed25519").publicKey;
const predicate = {
  verdict: "failed",
  judgedAt: "t",
  policySha256: "0".repeat(64),
  evaluationMd5: "0".repeat(32),
  reportSha256: "0".repeat(64),
  gitCommit: "unknown",
};
const envelope = JSON.stringify(
  attest({ modelName: "m", version: "3", modelSha256: "0".repeat(64), predicate }, keys.privateKey),
);
const tags = { policySha256: "b", evaluationMd5: "c", champion: "version 1", runtime: "r" };
const evidence = { verdict: "passed", ...tags } as const;
const signed = { modelName: "m", version: "4", modelSha256: SHA, evidence, report: new Uint8Array(1) };
const deployed = {
  modelName: "m",
  version: "4",
  environment: "staging",
  modelSha256: SHA,
  evidence: { verdict: "passed", image: "another" },
} as const;
const proof = { environment: "production", verdict: "failed", image: "none", verifiedAt: "t" };
const attestation = JSON.stringify(
  attestDeployment({ modelName: "m", version: "3", modelSha256: "0".repeat(64), predicate: proof }, keys.privateKey),
);
const signatures = [
  ...distrust({ ...signed, envelope: undefined }, keys.publicKey),
  ...distrust({ ...signed, envelope }, other),
  ...distrust({ ...signed, envelope }, keys.publicKey),
  ...distrustDeployment({ ...deployed, envelope: undefined }, keys.publicKey),
  ...distrustDeployment({ ...deployed, envelope }, keys.publicKey),
  ...distrustDeployment({ ...deployed, envelope: attestation }, keys.publicKey),
];

const override = { version: "4", reason: "outage", who: "ada" };
const overridden = [
  { ...override, expires: new Date(0).toISOString() },
  { ...override, expires: new Date(Date.now() + 60_000).toISOString() },
].flatMap((given) => decidePromotion("4", guards, given, new Date()).lines);

/** Whether the quotation also matches from the start of the text; otherwise `report: …` would match any text with that word. */
const begins = (quotation: string, text: string) =>
  quotes(quotation, text) && text.startsWith(quotation.split(/\s*…\s*|\bN\b/)[0] ?? "");

test("the runbook has exactly the reasons that the guard can give", () => {
  const reasons = [...guards.map(({ reason }) => reason), ...images, ...signatures, ...overridden];
  const quotations = quotedIn("The guard refuses");
  expect(reasons.length).toBeGreaterThan(20);
  expect(reasons.filter((reason) => !quotations.some((quotation) => begins(quotation, reason)))).toEqual([]);
  expect(quotations.filter((quotation) => !reasons.some((reason) => begins(quotation, reason)))).toEqual([]);
});

test("every message that the runbook quotes is still in the code", () => {
  const code = globSync("{infra,registry,deploy,service}/**/*.{ts,mjs}")
    .map((file) => readFileSync(file, "utf8"))
    .join("\n")
    // Joins texts that are split over several lines.
    .replace(/["`] \+\s+["`]/g, "");
  const pieces = ["A switch fails", "A service does not start", "A command refuses"]
    .flatMap(quotedIn)
    .flatMap((quotation) => quotation.split(/\s*…\s*|\bN\b/))
    // The code adds the name of a setting before its problem.
    .filter((piece) => piece.length > 3 && !piece.startsWith("promotion."));
  expect(pieces.length).toBeGreaterThan(30);
  expect(pieces.filter((piece) => !code.includes(piece))).toEqual([]);
});

/** Files whose errors end an update or a command. */
const FILES_WITH_ERRORS = [
  ...["move-callers.ts", "fetch-model.ts", "local-process-provider.ts", "detached-process.ts", "claim.ts"].map(
    (file) => `infra/targets/local/${file}`,
  ),
  "infra/targets/docker/move-gateway.ts",
  "infra/targets/docker/image-context.ts",
  "infra/deployment-check/verify.ts",
  "infra/environments/production.ts",
  "registry/promotion-provider.ts",
  "deploy/unchanged-config.ts",
  "deploy/embedded-stack.ts",
  "deploy/rollback.ts",
  "deploy/rollback-plan.ts",
  "deploy/stack-outputs.ts",
  "deploy/stack-file.ts",
  "deploy/named-model.ts",
  "service/model-source.ts",
  "registry/model-versions.ts",
];

test.each(FILES_WITH_ERRORS)("the runbook has every error of %s", (file) => {
  const quotations = [...sections.values()].flat();
  // Errors that are only passed on are documented where they are created.
  const texts = errorTexts(file).filter((text) => /\w/.test(text.replaceAll("…", "")));
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.filter((text) => !quotations.some((quotation) => quotes(quotation, text)))).toEqual([]);
});
