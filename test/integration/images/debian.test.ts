import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { ImageStore } from "../../../agent/images/image-store.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { type DebianImageRecipe, debianImage, debianImageObstacle } from "../../framework/debian-image.ts";
import { nginxRecipe, pythonRecipe, redisRecipe } from "../../framework/debian-recipes.ts";
import { removeTree, temporaryTree } from "./disk-listing.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const obstacle =
  debianImageObstacle() ??
  (process.getuid?.() === 0 ? undefined : "needs root for chroot") ??
  (Bun.which("unsquashfs") === null ? "not installed: unsquashfs" : undefined);
const suffix = obstacle === undefined ? "" : ` (skipped: ${obstacle})`;
let root: string;

beforeAll(() => {
  root = temporaryTree();
});
afterAll(() => removeTree(root));

/** The image's disk as a folder. */
async function unpacked(recipe: DebianImageRecipe): Promise<string> {
  const store = new ImageStore({ dataDir: join(root, "store"), logger: new Logger("error") });
  const [image] = await store.importArchive(debianImage(recipe), new AbortController().signal);
  const folder = join(root, recipe.name.replace(/\W/g, "-"));
  const run = Bun.spawnSync(["unsquashfs", "-quiet", "-no-progress", "-dest", folder, image?.diskPath ?? ""]);
  expect(run.stderr.toString()).toBe("");
  return folder;
}

function inside(folder: string, ...command: string[]): string {
  const run = Bun.spawnSync(["chroot", folder, ...command], { env: { PATH: "/usr/sbin:/usr/bin" } });
  return `${run.stdout}${run.stderr}`;
}

describe.skipIf(obstacle !== undefined)(`images of Debian's packages run${suffix}`, () => {
  test("nginx", async () => {
    const folder = await unpacked(nginxRecipe);
    expect(inside(folder, "nginx", "-t")).toContain("test is successful");
    expect(inside(folder, "sh", "-c", "cat /var/www/html/index.html")).toContain("Welcome to nginx!");
  });

  test("redis", async () => {
    const folder = await unpacked(redisRecipe);
    const script = `redis-server --port 0 --unixsocket /tmp/s --daemonize yes --pidfile /tmp/pid > /tmp/log
      for i in 1 2 3 4 5 6 7 8 9 10; do redis-cli -s /tmp/s ping && break; sleep 0.1; done; redis-cli -s /tmp/s shutdown`;
    expect(inside(folder, "sh", "-c", script)).toContain("PONG");
  });

  test("python", async () => {
    const folder = await unpacked(pythonRecipe);
    expect(inside(folder, "python3", "-c", "import json, ssl, sqlite3; print(json.dumps([1]))")).toBe(
      "[1]\n",
    );
  });
});
