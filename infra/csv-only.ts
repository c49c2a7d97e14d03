/** A snapshot that the service can compare requests with; it reads CSV, not Parquet. */
export const csvOnly = (snapshot: string | undefined): string | undefined =>
  snapshot?.endsWith(".csv") ? snapshot : undefined;
