import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { ResourceContext } from "../request-context.ts";
import { acceptsGzip, responseHeaders } from "./api-response.ts";

/** An answer that is written while it is made, compressed for those who accept it. */
export function streamResponse(context: ResourceContext, texts: AsyncGenerator<string>): Response {
  const headers = responseHeaders(context, "application/json");
  if (!acceptsGzip(context.request)) return new Response(encoded(texts), { status: 200, headers });
  headers["content-encoding"] = "gzip";
  headers.vary = "Accept-Encoding";
  const source = Readable.from(texts, { objectMode: false });
  const packed = createGzip({ level: 1 });
  source.on("error", (error) => packed.destroy(error));
  packed.on("close", () => source.destroy());
  source.pipe(packed);
  // Node's stream of bytes and the web's are one thing with two types.
  const body = Readable.toWeb(packed) as unknown as ReadableStream<Uint8Array<ArrayBuffer>>;
  return new Response(body, { status: 200, headers });
}

function encoded(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await texts.next();
        if (done) controller.close();
        else controller.enqueue(Buffer.from(value));
      },
      async cancel() {
        await texts.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
