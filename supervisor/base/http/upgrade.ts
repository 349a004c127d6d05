import type { Duplex } from "node:stream";
import { StreamWriter } from "./stream-writer.ts";
import { writeResponse } from "./write-response.ts";

/** How long a refused client may take to read why, and to leave. */
const partingMs = 5000;

/** Answers a request to upgrade with an ordinary response instead, and closes the stream. Never rejects. */
export async function refuseUpgrade(stream: Duplex, response: Response): Promise<void> {
  stream.resume();
  const parting = setTimeout(() => stream.destroy(), partingMs);
  stream.once("close", () => clearTimeout(parting));
  try {
    await writeResponse(new StreamWriter(stream, partingMs), response, {
      method: "",
      http10: false,
      close: true,
    });
    stream.end();
  } catch {
    stream.destroy();
  }
}

/** Says that the protocol changes; what follows on the stream is the new one. */
export function acceptUpgrade(
  stream: Duplex,
  protocol: string,
  headers: ReadonlyArray<readonly [name: string, value: string]> = [],
): void {
  let head = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
  for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
  stream.write(`${head}\r\n`);
}
