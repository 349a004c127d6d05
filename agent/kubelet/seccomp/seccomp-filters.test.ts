import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1PodSecurityContext, V1SecurityContext } from "../../../supervisor/api/generated/types.ts";
import { compileSeccomp } from "./compile-seccomp.ts";
import { defaultSeccompProfile } from "./default-profile.ts";
import { SeccompFilters } from "./seccomp-filters.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-seccomp-"));
const filters = new SeccompFilters(folder);
afterAll(() => rmSync(folder, { recursive: true }));

function filterOf(own: V1SecurityContext, ofPod: V1PodSecurityContext = {}): string | undefined {
  const container = { name: "web", securityContext: own };
  return filters.filterOf({ spec: { containers: [container], securityContext: ofPod } }, container);
}

test("a container's profile goes before the Pod's, and none means no filter", () => {
  const ofPod = { seccompProfile: { type: "RuntimeDefault" } };
  expect(filterOf({})).toBeUndefined();
  expect(filterOf({ seccompProfile: { type: "Unconfined" } }, ofPod)).toBeUndefined();
  expect(filterOf({ privileged: true }, ofPod)).toBeUndefined();
  const expected = compileSeccomp(defaultSeccompProfile(new Set(["NET_ADMIN"])));
  const capabilities = { drop: ["ALL"], add: ["CAP_NET_ADMIN"] };
  expect(filterOf({ capabilities }, ofPod)).toBe(Buffer.from(expected).toString("base64"));
});

test("a profile of the host is read from its folder, and what is wrong with it is told", () => {
  writeFileSync(join(folder, "audit.json"), '{"defaultAction":"SCMP_ACT_LOG"}');
  writeFileSync(join(folder, "bad.json"), '{"defaultAction":"SCMP_ACT_X"}');
  const localhost = (localhostProfile: string): V1SecurityContext => ({
    seccompProfile: { type: "Localhost", localhostProfile },
  });
  expect(Buffer.from(filterOf(localhost("audit.json")) ?? "", "base64").length % 8).toBe(0);
  expect(() => filterOf(localhost("none.json"))).toThrow(
    `cannot load seccomp profile "${folder}/none.json": open ${folder}/none.json: no such file or directory`,
  );
  expect(() => filterOf(localhost("bad.json"))).toThrow("action SCMP_ACT_X is not known");
});
