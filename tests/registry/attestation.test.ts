import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { sha256 } from "../../registry/artifact-digest.ts";
import {
  IN_TOTO,
  openEnvelope,
  signEnvelope,
  signingKey,
  verificationKey,
} from "../../registry/attestation/envelope.ts";
import { parseStatement } from "../../registry/attestation/statement.ts";
import { attest } from "../../registry/attestation/store.ts";
import { distrust, type SignedGate } from "../../registry/attestation/verify.ts";
import recorded from "../fixtures/attestation/securesystemslib.json" with { type: "json" };

const keys = generateKeyPairSync("ed25519");
const pem = {
  private: keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  public: keys.publicKey.export({ type: "spki", format: "pem" }).toString(),
};
const REPORT = new TextEncoder().encode('{"verdict":"passed"}');
const evidence = { verdict: "passed", policySha256: "b".repeat(64), evaluationMd5: "c".repeat(32) } as const;
const claim = {
  modelName: "churn-model",
  version: "3",
  modelSha256: "a".repeat(64),
  predicate: { ...evidence, reportSha256: sha256(REPORT), judgedAt: "2026-05-01T12:00:00Z", gitCommit: "unknown" },
};
const signed = (changes: Partial<SignedGate> = {}): SignedGate => ({
  modelName: "churn-model",
  version: "3",
  modelSha256: "a".repeat(64),
  evidence,
  report: REPORT,
  envelope: JSON.stringify(attest(claim, keys.privateKey)),
  ...changes,
});

test("trusts a statement that the key signed and that was not changed", () => {
  expect(distrust(signed(), verificationKey(pem.public, "gatePublicKey"))).toEqual([]);
});

test("is DSSE as its specification has it", () => {
  const { payload, payloadType } = attest(claim, keys.privateKey);
  expect(payloadType).toBe("application/vnd.in-toto+json");
  expect(JSON.parse(Buffer.from(payload, "base64").toString())).toMatchObject({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "models:/churn-model/3", digest: { sha256: "a".repeat(64) } }],
  });
});

test("opens an envelope from another implementation of DSSE and in-toto, and rejects it once changed", () => {
  const key = verificationKey(recorded.publicKey, "gatePublicKey");
  const opened = parseStatement(openEnvelope(JSON.stringify(recorded.envelope), IN_TOTO, key));
  expect(opened).toEqual(recorded.statement);
  const payload = Buffer.from(JSON.stringify({ ...recorded.statement, predicateType: "x" })).toString("base64");
  expect(() => openEnvelope(JSON.stringify({ ...recorded.envelope, payload }), IN_TOTO, key)).toThrow(
    "was not made with",
  );
});

test.each<[string, Partial<SignedGate>, RegExp]>([
  ["changed files", { modelSha256: "f".repeat(64) }, /^artifact: a{64} was signed, but it is f{64}$/],
  ["another policy", { evidence: { ...evidence, policySha256: "f".repeat(64) } }, /^policy: /],
  ["other evaluation data", { evidence: { ...evidence, evaluationMd5: "f".repeat(32) } }, /^evaluation data: /],
  [
    "another verdict",
    { evidence: { ...evidence, verdict: "failed" } },
    /^verdict: passed was signed, but it is failed$/,
  ],
  ["a changed report", { report: new TextEncoder().encode("{}") }, /^report: /],
  ["another version's attestation", { version: "4" }, /^model version: /],
  ["no attestation", { envelope: undefined }, /^signature: the gate's verdict is not signed$/],
  ["not an envelope", { envelope: "{}" }, /^signature: .* it is not a DSSE envelope/],
])("refuses %s by name", (_name, changes, reason) => {
  expect(distrust(signed(changes), keys.publicKey)).toEqual([expect.stringMatching(reason)]);
});

test("rejects a payload that was changed after signing, and another key's signature", () => {
  const envelope = attest(claim, keys.privateKey);
  const payload = Buffer.from(envelope.payload, "base64").toString().replace("a".repeat(64), "f".repeat(64));
  const forged = JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString("base64") });
  const reason = /^signature: the gate's attestation is rejected: its signature \(SHA256:\w{64}\) was not made with/;
  expect(distrust(signed({ envelope: forged, modelSha256: "f".repeat(64) }), keys.publicKey)).toEqual([
    expect.stringMatching(reason),
  ]);
  const other = generateKeyPairSync("ed25519");
  expect(distrust(signed(), other.publicKey)).toEqual([expect.stringMatching(reason)]);
});

test("rejects a signed failure, even without tags and report", () => {
  const failed = attest({ ...claim, predicate: { ...claim.predicate, verdict: "failed" } }, keys.privateKey);
  const { evidence: _evidence, report: _report, ...files } = signed({ envelope: JSON.stringify(failed) });
  expect(distrust(files, keys.publicKey)).toEqual(["verdict: the signed verdict is failed"]);
});

test("rejects a signed statement of another type", () => {
  const envelope = JSON.stringify(signEnvelope("text/plain", "anything", keys.privateKey));
  expect(() => openEnvelope(envelope, "application/vnd.in-toto+json", keys.publicKey)).toThrow("has type text/plain");
  const own = JSON.stringify(signEnvelope("application/vnd.in-toto+json", '{"_type":"x"}', keys.privateKey));
  expect(distrust(signed({ envelope: own }), keys.publicKey)).toEqual([
    expect.stringContaining("not a gate statement"),
  ]);
});

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  return expect.unreachable("nothing was refused");
}

test("reads keys with real or escaped newlines, and rejects invalid ones without showing them", () => {
  const oneLine = pem.private.replaceAll("\n", "\\n");
  expect(createPublicKey(signingKey(oneLine)).export({ type: "spki", format: "pem" })).toBe(pem.public);
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsaPem = rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  expect(() => signingKey(rsaPem)).toThrow("gateSigningKey must be an Ed25519 key, got rsa");
  const [, body = ""] = pem.private.split("\n");
  const secret = "MC4CAQAwBQYDK2VwBCIEIsecret";
  for (const [read, message, hidden] of [
    [() => verificationKey(pem.private, "gatePublicKey"), "gatePublicKey is not a public key in PEM", body],
    [() => verificationKey(secret, "gatePublicKey"), "gatePublicKey is not a public key in PEM", secret],
    [() => signingKey(secret), "gateSigningKey is not a private key in PEM", secret],
    [() => signingKey(pem.private.replace(body, secret)), "gateSigningKey is not a private key in PEM", secret],
  ] as const) {
    const refused = thrownBy(read);
    expect(refused.message).toContain(message);
    expect(inspect(refused, { depth: 10, showHidden: true })).not.toContain(hidden);
  }
});
