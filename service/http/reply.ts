/** An answer, before it is known which of the two ways (Hono, Node) it leaves by. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is asked of a request's head; names in lower case. */
export interface Head {
  header(name: string): string | undefined;
}

export const jsonReply = (answer: unknown): Reply => ({
  status: 200,
  headers: { "content-type": "application/json", "x-content-type-options": "nosniff" },
  body: JSON.stringify(answer),
});
