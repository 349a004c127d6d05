import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { proxiedLink, withProxiedLinks } from "./proxied-links.ts";

const at = { prefix: "/api/v1/namespaces/default/services/web/proxy", host: "box:6443" };

test.each([
  ["/a/b?c=d#e", `${at.prefix}/a/b?c=d#e`],
  ["/a/../b/", `${at.prefix}/b/`],
  ["https://box:6443/a", `https://box:6443${at.prefix}/a`],
  ["//box:6443/a", `//box:6443${at.prefix}/a`],
  [`${at.prefix}/a`, `${at.prefix}/a`],
  ["https://example.com/a", "https://example.com/a"],
  ["a/b", "a/b"],
  ["#top", "#top"],
  ["mailto:a@example.com", "mailto:a@example.com"],
])("the link %s becomes %s", (link, expected) => {
  expect(proxiedLink(link, at)).toBe(expected);
});

const page = (prefix: string) =>
  `<!doctype html><link rel="icon" href="${prefix}/icon"><a class=x href="${prefix}/a?b=1&amp;c">é</a><img src="${prefix}/i"><p title="/t">`;

test("a page's links lead through the proxy, packed or not", async () => {
  const headers = { "content-type": "text/html; charset=utf-8", "content-length": "9", etag: '"1"' };
  const plain = await withProxiedLinks(new Response(page(""), { headers, status: 404 }), at);
  expect([plain.status, plain.headers.get("etag"), plain.headers.get("content-length")]).toEqual([
    404,
    '"1"',
    null,
  ]);
  expect(await plain.text()).toBe(page(at.prefix));
  const packed = new Response(gzipSync(page("")), { headers: { ...headers, "content-encoding": "gzip" } });
  const unpacked = await withProxiedLinks(packed, at);
  expect(unpacked.headers.get("content-encoding")).toBeNull();
  expect(await unpacked.text()).toBe(page(at.prefix));
});

test("what is no page, or too long for one, passes as it is", async () => {
  const text = new Response(page(""), { headers: { "content-type": "text/plain", location: "/there" } });
  const moved = await withProxiedLinks(text, at);
  expect([moved.headers.get("location"), await moved.text()]).toEqual([`${at.prefix}/there`, page("")]);
  const long = page("") + "x".repeat(9 * 1024 * 1024);
  const answer = await withProxiedLinks(new Response(long, { headers: { "content-type": "text/html" } }), at);
  expect((await answer.text()) === long).toBe(true);
});
