import { RegistryError } from "./errors.ts";

const HOST_ONLY = /^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[^?#@]*)?$/i;

/**
 * Parses the URL of an MLflow server.
 * @returns the URL without surrounding whitespace and trailing slashes
 * @throws RegistryError that names the problem and, for the address of an MLflow page, the server's URL
 */
export function parseTrackingUri(text: string): string {
  const trimmed = text.trim();
  const label = `MLflow tracking URI "${withoutUser(trimmed)}"`;
  // `localhost:5050` is a URL with the scheme localhost.
  if (HOST_ONLY.test(trimmed)) throw new RegistryError(`${label} has no scheme: set it to http://${trimmed}`);
  const url = URL.parse(trimmed);
  if (!url) throw new RegistryError(`${label} is not a URL`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new RegistryError(`${label} must start with http:// or https://`);
  // The URL appears in messages and is stored in plain text.
  if (url.username || url.password)
    throw new RegistryError(
      `${label} must not contain a user name or password: ` +
        "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or the stack's secrets mlflowUsername and mlflowPassword",
    );
  const server = serverOf(trimmed);
  if (url.hash || url.search)
    throw new RegistryError(`${label} is the address of a page in the browser; the server's URL is ${server}`);
  return server;
}

/** Returns the server's part of a browser URL: without query, fragment and trailing slashes. */
export const serverOf = (uri: string): string => (uri.split(/[?#]/, 1)[0] ?? "").replace(/(?<!\/)\/+$/, "");

/** Masks user name and password in a URL. */
export const withoutUser = (uri: string): string => uri.replace(/\/\/[^/]*@/, "//***@");
