/** An answer that is longer than it may be. */
export class TooLongError extends Error {
  override readonly name = "TooLongError";
}

/**
 * Reads a response's body, and stops as soon as it is longer than `maxBytes`: a few kilobytes may unpack to more than a machine's
 * memory. Throws TooLongError; whatever else breaks off a body is thrown as it comes.
 */
export async function readAtMost(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const { headers, body } = response;
  const declared = headers.get("content-length");
  if (declared !== null && Number(declared) > maxBytes) {
    await body?.cancel();
    throw new TooLongError(`it says that it is ${declared} bytes long, more than the ${maxBytes} that are taken`);
  }
  // HTTP itself holds the body to what was declared, unless it is unpacked.
  if (declared !== null && !headers.has("content-encoding")) return new Uint8Array(await response.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new TooLongError(`it is longer than the ${maxBytes} bytes that are taken`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks, size));
}
