import { claimFile, readClaim } from "./claim.ts";

interface Named {
  readonly processName: string;
  readonly folder: string;
  readonly stack?: string | undefined;
}

/**
 * Returns the name that a process keeps while its resource exists. Earlier releases named it after its environment only, and a new name would restart
 * the service. It gets its new name once another stack has taken the old one.
 */
export async function keptName(olds: Partial<Named>, news: Named): Promise<string> {
  if (olds.processName === undefined || olds.folder !== news.folder) return news.processName;
  const claim = await readClaim(claimFile(news.folder, olds.processName));
  return claim && claim.stack !== news.stack && claim.stack !== olds.stack ? news.processName : olds.processName;
}
