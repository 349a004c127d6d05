import { describe, expect, test } from "bun:test";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { ImageError, type RegistryAuth } from "../image-service.ts";
import { RegistryHttp } from "./registry-http.ts";

interface Seen {
  readonly url: string;
  readonly authorization: string | null;
}

/** Answers by the address; what is asked is noted. */
function registry(answers: Readonly<Record<string, (headers: Headers) => Response>>, auth?: RegistryAuth) {
  const seen: Seen[] = [];
  const http = new RegistryHttp({
    endpoint: { base: "https://registry.example/v2", repository: "team/app" },
    ...{ auth, stallTimeoutMs: 60_000, clock: systemClock },
    fetch: async (url, init) => {
      const headers = new Headers(init.headers);
      seen.push({ url, authorization: headers.get("authorization") });
      return answers[url.replace(/\?.*/, "")]?.(headers) ?? new Response("{}", { status: 404 });
    },
  });
  return { http, seen };
}

async function faultOf(http: RegistryHttp): Promise<string> {
  try {
    await http.get("manifests/1", {}, new AbortController().signal);
  } catch (error) {
    if (error instanceof ImageError) return `${error.kind}: ${error.message}`;
    throw error;
  }
  return "none";
}

const manifest = "https://registry.example/v2/team/app/manifests/1";
const ok = (): Response => new Response("ok");
const redirect = (location: string) => () => new Response(null, { status: 307, headers: { location } });
const challenge = (header: string) => () =>
  new Response(null, { status: 401, headers: { "www-authenticate": header } });

describe("RegistryHttp", () => {
  test("gets a token once and keeps it", async () => {
    const guarded = (headers: Headers): Response =>
      headers.get("authorization") === "Bearer t1"
        ? ok()
        : challenge('Bearer realm="https://auth.example/token",service="registry"')();
    const { http, seen } = registry(
      { [manifest]: guarded, "https://auth.example/token": () => Response.json({ access_token: "t1" }) },
      { username: "ann", password: "p:w" },
    );
    expect(await faultOf(http)).toBe("none");
    expect(await faultOf(http)).toBe("none");
    const basic = `Basic ${btoa("ann:p:w")}`;
    const token = "https://auth.example/token?service=registry&scope=repository%3Ateam%2Fapp%3Apull";
    expect(seen).toEqual([
      { url: manifest, authorization: null },
      { url: token, authorization: basic },
      { url: manifest, authorization: "Bearer t1" },
      { url: manifest, authorization: "Bearer t1" },
    ]);
  });

  test("gives nothing to where it is redirected", async () => {
    const other = "https://storage.example/blob";
    const guarded = (headers: Headers): Response =>
      headers.has("authorization") ? redirect(other)() : challenge("Basic")();
    const { http, seen } = registry({ [manifest]: guarded, [other]: ok }, { username: "a", password: "b" });
    expect(await faultOf(http)).toBe("none");
    expect(seen.at(-1)).toEqual({ url: other, authorization: null });
  });

  test.each([
    [
      "http://registry.example/",
      "unavailable: registry redirects from https:// to http://registry.example, which is not safe",
    ],
    ["file:///etc/passwd", "unavailable: registry redirects from https:// to file://, which is not safe"],
    ["https://", "unavailable: registry redirects to no address"],
  ])("does not follow to %s", async (location, fault) => {
    expect(await faultOf(registry({ [manifest]: redirect(location) }).http)).toBe(fault);
  });

  test.each([
    [
      'Bearer realm="http://auth.example/token"',
      "unavailable: token service http://auth.example of the registry is not https",
    ],
    ["Bearer", "unavailable: registry names no token service"],
    [
      'Bearer realm="https://auth.example/none"',
      "unavailable: token service auth.example answers without a token",
    ],
    [
      'Bearer realm="https://auth.example/evil"',
      "unavailable: token service auth.example answers without a token",
    ],
    [
      'Bearer realm="https://auth.example/html"',
      "invalid-image: answer of the token service auth.example is no JSON",
    ],
    ['Bearer realm="https://auth.example/refused"', "unauthorized: pull access denied by auth.example"],
    ["Negotiate", "unauthorized: pull access denied: the registry wants a user name and password"],
  ])("to the challenge %s it says what is wrong", async (header, fault) => {
    const { http } = registry({
      [manifest]: challenge(header),
      "https://auth.example/none": () => Response.json({}),
      "https://auth.example/evil": () => Response.json({ token: "a\r\nx: y" }),
      "https://auth.example/html": () => new Response("<html>"),
      "https://auth.example/refused": () => new Response("no", { status: 401 }),
    });
    expect(await faultOf(http)).toStartWith(fault);
  });

  test.each([
    [404, "not-found: not found: manifest unknown"],
    [403, "unauthorized: pull access denied by registry.example, the repository does not exist or needs"],
    [429, "unavailable: registry registry.example: too many requests, status 429: manifest unknown"],
    [500, "unavailable: registry registry.example: unexpected answer, status 500: manifest unknown"],
  ])("status %d has its kind", async (status, fault) => {
    const body = { errors: [{ code: "X", message: "manifest\nunknown" }] };
    const { http } = registry({ [manifest]: () => Response.json(body, { status }) });
    expect(await faultOf(http)).toStartWith(fault);
  });
});
