/**
 * Builds a provider's `check` result with inputs that are looked up instead of given by the program. A failed lookup is a failure of the check: the
 * engine shows it in one sentence, in previews and updates alike.
 */
export async function withLookedUp<Inputs extends object, More extends object>(
  news: Inputs,
  lookUp: (news: Inputs) => Promise<More>,
): Promise<{ inputs: Inputs & Partial<More>; failures: { property: string; reason: string }[] }> {
  try {
    return { inputs: { ...news, ...(await lookUp(news)) }, failures: [] };
  } catch (error) {
    return {
      inputs: news,
      failures: [{ property: "", reason: error instanceof Error ? error.message : String(error) }],
    };
  }
}
