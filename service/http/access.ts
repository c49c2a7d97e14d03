import { createHash, timingSafeEqual } from "node:crypto";
import { ProblemError } from "./problem.ts";
import type { Head } from "./reply.ts";

export interface AccessRules {
  /** Tokens of which a caller must send one; none: everybody may call. Two or more let one be replaced without a gap. */
  readonly tokens: readonly string[];
  /** Origins whose pages may call from a browser, such as `https://app.example`. */
  readonly origins: readonly string[];
  /** Requests that a caller may make in a second, and at once after a pause; 0: no limit. */
  readonly requestsPerSecond: number;
}

export const OPEN_ACCESS: AccessRules = { tokens: [], origins: [], requestsPerSecond: 0 };

/** Callers that are remembered for the rate limit; beyond that the limit starts anew for all. */
const MAX_CALLERS = 10_000;

/** An address or localhost, which browsers do not look up elsewhere (RFC 6761, 6.3). */
const NOBODYS_NAME = /^([0-9.]+|\[[0-9a-f:.]+\]|([a-z0-9-]+\.)*localhost)(:\d+)?$/i;

/** Who may ask for predictions. */
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

  /** Whether pages of any other origin may call at all. */
  get isCrossOrigin(): boolean {
    return this.#rules.origins.length > 0;
  }

  /**
   * Throws ProblemError: 403 for a page of another origin that is not on the list, 401 without a valid `Authorization: Bearer`, 429 above the rate limit.
   * @param caller address of the other end
   */
  check(head: Head, caller: string): void {
    const origin = head.origin;
    if (origin !== undefined && !this.#mayCall(origin, head.host))
      throw new ProblemError(403, "pages of this origin may not call: CORS_ORIGINS does not list it");
    if (this.needsToken) this.#checkToken(head.authorization);
    if (this.#rules.requestsPerSecond > 0) this.#checkRate(caller, performance.now());
  }

  /** Headers that let an allowed origin's page read the answer. */
  corsHeaders(head: Head): Record<string, string> {
    const { origins } = this.#rules;
    if (origins.length === 0) return {};
    const origin = head.origin;
    // Caches must not give one origin's answer to another.
    if (origin === undefined || !origins.includes(origin)) return { vary: "origin" };
    return {
      vary: "origin",
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "x-request-id, retry-after",
    };
  }

  /** The answer to a preflight. Throws ProblemError: 403. */
  preflightHeaders(head: Head): Record<string, string> {
    const headers = this.corsHeaders(head);
    if (!("access-control-allow-origin" in headers))
      throw new ProblemError(403, "pages of this origin may not call: CORS_ORIGINS does not list it");
    return {
      ...headers,
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "authorization, content-type, traceparent, x-request-id",
      "access-control-max-age": "600",
    };
  }

  /**
   * This service's own page may; a page's origin is where it came from, so its host is the host that it calls. That says nothing where the host is
   * a name: whoever owns one can let it mean this machine once the page is there (DNS rebinding). With a token that gains him nothing.
   */
  #mayCall(origin: string, host = ""): boolean {
    if (this.#rules.origins.includes(origin)) return true;
    const isOwn = origin === `http://${host}` || origin === `https://${host}`;
    return isOwn && (this.needsToken || NOBODYS_NAME.test(host));
  }

  #checkToken(authorization: string | undefined): void {
    const [, token] = /^bearer +([^ ]+) *$/i.exec(authorization ?? "") ?? [];
    if (token !== undefined) {
      // Digests have one length, and every one is compared: the time says nothing of the tokens.
      const given = digest(token);
      let found = false;
      for (const known of this.#digests) found = timingSafeEqual(known, given) || found;
      if (found) return;
    }
    throw new ProblemError(401, "send the service's token: Authorization: Bearer <token>", {
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
      throw new ProblemError(429, `more than the ${rate} requests a second that a caller may make`, {
        headers: { "retry-after": "1" },
      });
    bucket.left--;
  }
}

const digest = (token: string) => createHash("sha256").update(token).digest();
