import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DockerRegistry } from "../../framework/docker-registry.ts";
import { file } from "../../framework/tar-builder.ts";
import { makeImage } from "../../framework/test-image.ts";
import { removeTree, temporaryTree } from "./disk-listing.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const missing = ["docker-registry", "tar2sqfs"].filter((program) => Bun.which(program) === null);
const suffix = missing.length === 0 ? "" : ` (skipped: not installed: ${missing.join(", ")})`;
let root: string;
let registry: DockerRegistry;

beforeAll(async () => {
  root = temporaryTree();
  if (missing.length === 0) registry = await DockerRegistry.start();
});
afterAll(async () => {
  await registry?.stop();
  removeTree(root);
});

test.skipIf(missing.length > 0)(`a layer of 300 MB passes through bounded memory${suffix}`, async () => {
  const part = randomBytes(30 << 20);
  const parts = Array.from({ length: 10 }, (_, index) => file(`part${index}`, part));
  const reference = await registry.push("big", "1", makeImage([parts], { compression: "none" }));
  const source = join(import.meta.dir, "../../..");
  const script = `import { ImageStore } from "${source}/agent/images/image-store.ts";
      import { Logger } from "${source}/supervisor/base/logging.ts";
      const store = new ImageStore({ dataDir: "${join(root, "store")}", logger: new Logger("error") });
      await store.listImages();
      const before = process.resourceUsage().maxRSS;
      await store.pullImage("${reference}", { signal: new AbortController().signal });
      console.log(before, process.resourceUsage().maxRSS);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "inherit" });
  const [before = 0, after = Number.NaN] = (await new Response(child.stdout).text()).split(" ").map(Number);
  // In KiB. What is measured is about 50 MiB more than at rest.
  expect(after - before).toBeLessThan(120 * 1024);
});
