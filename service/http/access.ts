import { createHash, timingSafeEqual } from "node:crypto";
import { ProblemError } from "./problem.ts";
import type { Head } from "./reply.ts";

export interface AccessRules {
  /** Accepted bearer tokens; none disables authentication. With several, tokens can be rotated without downtime. */
  readonly tokens: readonly string[];
  /** Allowed CORS origins, such as `https://app.example`. */
  readonly origins: readonly string[];
  /** Rate limit per caller, which is also the burst size; 0 disables it. */
  readonly requestsPerSecond: number;
}

export const OPEN_ACCESS: AccessRules = { tokens: [], origins: [], requestsPerSecond: 0 };

/** Maximum number of callers tracked for the rate limit. Beyond it, the limit resets for all. */
const MAX_CALLERS = 10_000;

/** Matches an IP address or localhost, which browsers do not resolve by DNS (RFC 6761, 6.3). */
const ADDRESS_OR_LOCALHOST = /^([0-9.]+|\[[0-9a-f:.]+\]|([a-z0-9-]+\.)*localhost)(:\d+)?$/i;

/** Controls access: CORS, bearer tokens and rate limit. */
export class Access {
  readonly #rules: AccessRules;
  readonly #digests: readonly Buffer[];
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(rules: AccessRules) {
    this.#rules = rules;
    this.#digests = rules.tokens.map(digest);
  }

  get needsToken(): boolean {
    return this.#digests.length > 0;
  }

  /** Whether pages of any other origin are allowed. */
  get isCrossOrigin(): boolean {
    return this.#rules.origins.length > 0;
  }

  /**
   * Checks a request against the rules.
   * @param caller remote address
   * @throws ProblemError 403 for a page of an origin that is not allowed, 401 without a valid `Authorization: Bearer`, 429 above the rate limit
   */
  check(head: Head, caller: string): void {
    const origin = head.origin;
    if (origin !== undefined && !this.#mayCall(origin, head.host))
      throw new ProblemError(403, "this page's origin is not allowed: add it to CORS_ORIGINS");
    if (this.needsToken) this.#checkToken(head.authorization);
    if (this.#rules.requestsPerSecond > 0) this.#checkRate(caller, performance.now());
  }

  /** Returns headers that let a page of an allowed origin read the response. */
  corsHeaders(head: Head): Record<string, string> {
    const { origins } = this.#rules;
    if (origins.length === 0) return {};
    const origin = head.origin;
    // Vary keeps caches from serving one origin's response to another.
    if (origin === undefined || !origins.includes(origin)) return { vary: "origin" };
    return {
      vary: "origin",
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "x-request-id, retry-after",
    };
  }

  /** Returns the headers of a preflight response. @throws ProblemError 403 for an origin that is not allowed */
  preflightHeaders(head: Head): Record<string, string> {
    const headers = this.corsHeaders(head);
    if (!("access-control-allow-origin" in headers))
      throw new ProblemError(403, "this page's origin is not allowed: add it to CORS_ORIGINS");
    return {
      ...headers,
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "authorization, content-type, traceparent, x-request-id",
      "access-control-max-age": "600",
    };
  }

  /**
   * Allows listed origins and this service's own page, whose origin equals the request's host. A match proves nothing if the host is a name: its owner
   * can point the name at this machine after the page has loaded (DNS rebinding). With a token, an attacker gains nothing from that.
   */
  #mayCall(origin: string, host = ""): boolean {
    if (this.#rules.origins.includes(origin)) return true;
    const isOwn = origin === `http://${host}` || origin === `https://${host}`;
    return isOwn && (this.needsToken || ADDRESS_OR_LOCALHOST.test(host));
  }

  #checkToken(authorization: string | undefined): void {
    const [, token] = /^bearer +([^ ]+) *$/i.exec(authorization ?? "") ?? [];
    if (token !== undefined) {
      // Compares every digest, and all have the same length, so that timing reveals nothing about the tokens.
      const given = digest(token);
      let found = false;
      for (const known of this.#digests) found = timingSafeEqual(known, given) || found;
      if (found) return;
    }
    throw new ProblemError(401, "authentication required: send the header Authorization: Bearer <token>", {
      headers: { "www-authenticate": token === undefined ? "Bearer" : 'Bearer error="invalid_token"' },
    });
  }

  #checkRate(caller: string, now: number): void {
    const { requestsPerSecond: rate } = this.#rules;
    if (this.#buckets.size >= MAX_CALLERS) this.#buckets.clear();
    const bucket = this.#buckets.get(caller) ?? { left: rate, at: now };
    bucket.left = Math.min(rate, bucket.left + ((now - bucket.at) / 1000) * rate);
    bucket.at = now;
    this.#buckets.set(caller, bucket);
    if (bucket.left < 1)
      throw new ProblemError(429, `rate limit exceeded: at most ${rate} requests per second and caller`, {
        headers: { "retry-after": "1" },
      });
    bucket.left--;
  }
}

const digest = (token: string) => createHash("sha256").update(token).digest();
