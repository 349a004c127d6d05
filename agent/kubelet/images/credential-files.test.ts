import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialFiles, readCredentialFiles } from "./credential-files.ts";
import { pullCredentials } from "./pull-credentials.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-credentials-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("what the host's files hold fits as a Secret's content does; absent and broken files say nothing", () => {
  const [own = "", ...others] = credentialFiles(folder);
  expect(others).toContain("/var/lib/kubelet/config.json");
  writeFileSync(own, JSON.stringify({ auths: { "registry.test": { username: "node", password: "p" } } }));
  const broken = join(folder, "broken.json");
  writeFileSync(broken, "{");
  const secrets = readCredentialFiles([join(folder, "absent"), broken, own]);
  expect(pullCredentials("registry.test/a:1", secrets)).toEqual([{ username: "node", password: "p" }]);
});
