import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Certified {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

// Just enough of DER for a certificate: tag, length, content.
const der = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(contents);
  const short = content.length < 128;
  const length = short ? [content.length] : [0x82, content.length >> 8, content.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
const sequence = (...contents: readonly Uint8Array[]) => der(0x30, ...contents);
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const time = (date: Date) => der(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, "")));
const nameOf = (text: string) => sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(text)))));
const extension = (id: string, ...contents: readonly Uint8Array[]) =>
  sequence(oid(id), der(0x04, sequence(...contents)));
const pem = (bytes: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString("base64").replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;

const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));
const DAY_MS = 86_400_000;

/** Creates a certificate for 127.0.0.1 and registry.test, signed by the authority; without one, creates an authority. */
export function certify(name: string, authority?: Certified): Certified {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const extensions = authority
    ? extension("551d11", der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from("registry.test")))
    : extension("551d13", der(0x01, Buffer.from([255])));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, ...randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(authority?.name ?? name),
    sequence(time(new Date(Date.now() - DAY_MS)), time(new Date(Date.now() + DAY_MS))),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extensions)),
  );
  const signature = sign("sha256", body, authority?.privateKey ?? privateKey);
  const certificate = pem(sequence(body, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature)));
  return { certificate, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), name, privateKey };
}
