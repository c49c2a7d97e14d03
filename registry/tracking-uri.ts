import { RegistryError } from "./errors.ts";

const HOST_ONLY = /^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[^?#@]*)?$/i;

/**
 * Reads the URL of an MLflow server.
 * @returns it without blanks around it and without slashes at its end
 * @throws RegistryError that says what is wrong with it, and, for an address of MLflow's page, what the server's URL is
 */
export function parseTrackingUri(text: string): string {
  const trimmed = text.trim();
  const shown = `MLflow tracking URI "${withoutUser(trimmed)}"`;
  // `localhost:5050` is a URL with the scheme localhost.
  if (HOST_ONLY.test(trimmed)) throw new RegistryError(`${shown} has no scheme: set it to http://${trimmed}`);
  const url = URL.parse(trimmed);
  if (!url) throw new RegistryError(`${shown} is not a URL`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new RegistryError(`${shown} must start with http:// or https://`);
  // It is shown in messages and stored in plain text.
  if (url.username || url.password)
    throw new RegistryError(
      `${shown} must not hold a user name or password: ` +
        "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or the stack's secrets mlflowUsername and mlflowPassword",
    );
  const server = serverOf(trimmed);
  if (url.hash || url.search)
    throw new RegistryError(`${shown} is the address of a page in the browser; the server's URL is ${server}`);
  return server;
}

/** The URL without what a browser shows behind the server's: the query, the fragment, slashes at the end. */
export const serverOf = (uri: string): string => (uri.split(/[?#]/, 1)[0] ?? "").replace(/(?<!\/)\/+$/, "");

export const withoutUser = (uri: string): string => uri.replace(/\/\/[^/]*@/, "//***@");
