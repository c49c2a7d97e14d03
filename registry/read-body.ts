/** Thrown for a response that exceeds its size limit. */
export class TooLongError extends Error {
  override readonly name = "TooLongError";
}

/**
 * Reads a response's body, and stops as soon as it exceeds `maxBytes`: a few kilobytes may decompress to more than the machine's memory.
 * @throws TooLongError; any other error that interrupts the body is thrown unchanged
 */
export async function readAtMost(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const { headers, body } = response;
  const declared = headers.get("content-length");
  if (declared !== null && Number(declared) > maxBytes) {
    await body?.cancel();
    throw new TooLongError(`its declared length of ${declared} bytes exceeds the limit of ${maxBytes} bytes`);
  }
  // HTTP enforces the declared length, unless the body is compressed.
  if (declared !== null && !headers.has("content-encoding")) return new Uint8Array(await response.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new TooLongError(`it exceeds the limit of ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks, size));
}
