/**
 * Links and redirects of a page that came through a proxy: they lead through the proxy again (apimachinery
 * `pkg/util/proxy/transport.go`).
 */
import { posix } from "node:path";
import { promisify } from "node:util";
import { unzip } from "node:zlib";

/** How the client got to the page. */
export interface ProxiedAt {
  /** The path up to and with `/proxy`. */
  readonly prefix: string;
  /** The `Host` that the client asked. */
  readonly host: string;
}

/** A page that is longer is passed on as it is, since it must be whole to be read. */
const maxPageBytes = 8 * 1024 * 1024;

/** By name of the attribute, the elements in which it is a link. */
const links: Readonly<Record<string, string>> = {
  action: "form",
  background: "body",
  cite: "blockquote,del,ins,q",
  classid: "object",
  codebase: "applet,object",
  data: "object",
  formaction: "button,input",
  href: "a,area,base,link",
  icon: "command",
  longdesc: "frame,iframe,img",
  manifest: "html",
  poster: "video",
  profile: "head",
  src: "audio,embed,frame,iframe,img,input,script,source,video",
  usemap: "img,input,object",
};

const unzipAsync = promisify(unzip);

/** The answer with links that lead through the proxy; its body is read where it is a page. */
export async function withProxiedLinks(response: Response, at: ProxiedAt): Promise<Response> {
  const headers = new Headers(response.headers);
  const location = headers.get("location");
  if (location !== null) headers.set("location", proxiedLink(location, at));
  const { status, statusText } = response;
  const type = headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "text/html" || response.body === null) {
    return location === null ? response : new Response(response.body, { status, statusText, headers });
  }
  const { page, rest } = await firstBytes(response.body);
  const text = rest === undefined ? await unpacked(page, headers.get("content-encoding")) : undefined;
  if (text === undefined) {
    return new Response(rest ?? page, { status, statusText, headers });
  }
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(rewritten(text, at), { status, statusText, headers });
}

/** A page, or what has come of one that is too long, and all of it once more. */
async function firstBytes(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<{ readonly page: Buffer<ArrayBuffer>; readonly rest?: ReadableStream<Uint8Array<ArrayBuffer>> }> {
  const reader = body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return { page: Buffer.concat(chunks) };
    chunks.push(value);
    bytes += value.byteLength;
    if (bytes > maxPageBytes) break;
  }
  const rest = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const chunk = chunks.shift() ?? (await reader.read()).value;
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { page: Buffer.alloc(0), rest };
}

/** Undefined for a page in a form that is not read here. */
async function unpacked(page: Buffer<ArrayBuffer>, encoding: string | null): Promise<Buffer | undefined> {
  if (encoding === null || encoding === "") return page;
  if (encoding !== "gzip" && encoding !== "deflate") return undefined;
  return await unzipAsync(page, { maxOutputLength: maxPageBytes }).catch(() => undefined);
}

function rewritten(page: Buffer, at: ProxiedAt): Buffer<ArrayBuffer> {
  const rewriter = new HTMLRewriter();
  for (const [attribute, elements] of Object.entries(links)) {
    rewriter.on(elements, {
      element(element) {
        const link = element.getAttribute(attribute);
        if (link !== null) element.setAttribute(attribute, proxiedLink(link, at));
      },
    });
  }
  // A character for each byte, whatever the page's encoding.
  return Buffer.from(rewriter.transform(page.toString("latin1")), "latin1");
}

/** The link as it reaches the same place through the proxy: those to other hosts and relative ones stay. */
export function proxiedLink(link: string, { prefix, host }: ProxiedAt): string {
  const parts = /^((?:[a-z][a-z0-9+.-]*:)?\/\/([^/?#]*))?(\/[^?#]*)(.*)$/is.exec(link);
  if (parts === null) return link;
  const [, origin = "", linkHost = host, path = "", tail = ""] = parts;
  if (linkHost !== host || path.startsWith(prefix)) return link;
  const joined = posix.join(prefix, path);
  return `${origin}${joined}${tail}`;
}
