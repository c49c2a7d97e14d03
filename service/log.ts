/**
 * One line of JSON on stderr. stdout is kept for the line that says where the service listens. Feature values are never logged:
 * they are other people's data.
 */
export function log(level: "info" | "warn" | "error", message: string, fields: Record<string, unknown> = {}): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
}
