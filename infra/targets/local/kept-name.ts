import { claimFile, readClaim } from "./claim.ts";

interface Named {
  readonly processName: string;
  readonly folder: string;
  readonly stack?: string | undefined;
}

/**
 * The name that a process keeps for as long as its resource lives: earlier releases named it by its environment alone, and another name would restart
 * what serves. It gets its new name when another stack has taken the old one.
 */
export async function keptName(olds: Partial<Named>, news: Named): Promise<string> {
  if (olds.processName === undefined || olds.folder !== news.folder) return news.processName;
  const claim = await readClaim(claimFile(news.folder, olds.processName));
  return claim && claim.stack !== news.stack && claim.stack !== olds.stack ? news.processName : olds.processName;
}
