import { expect, test } from "bun:test";
import { limitDns } from "./dns-limits.ts";

test("limitDns leaves alone what fits", () => {
  const dns = { servers: ["1.1.1.1"], searches: ["a", "b"], options: ["ndots:5"] };
  expect(limitDns(dns)).toEqual({ dns, omitted: [] });
});

test("limitDns cuts servers and search paths, and says what is left", () => {
  const servers = ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"];
  const searches = Array.from({ length: 40 }, (_, index) => `s${index}`);
  const cut = limitDns({ servers, searches, options: [] });
  expect(cut.dns.servers.length).toBe(3);
  expect(cut.dns.searches.length).toBe(32);
  expect(cut.omitted).toEqual([
    expect.stringMatching(/^Search Line limits were exceeded, .* the applied search line is: s0 s1 .* s31$/),
    "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 1.1.1.1 1.1.1.2 1.1.1.3",
  ]);
  const long = ["x".repeat(1500), "y".repeat(600), "z"];
  expect(limitDns({ servers: [], searches: long, options: [] }).dns.searches.length).toBe(1);
});
