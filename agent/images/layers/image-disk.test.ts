import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildTar, file } from "../../../test/framework/tar-builder.ts";
import { sha256 } from "../../../test/framework/test-image.ts";
import { diskKey, makeDisk } from "./image-disk.ts";
import { defaultLimits } from "./limits.ts";
import { findSquashfsTool } from "./squashfs-tool.ts";
import { startTool, type ToolProcess } from "./tool-process.ts";

const root = mkdtempSync(join(tmpdir(), "pacific-image-disk-"));
afterAll(() => rmSync(root, { recursive: true }));
const tar = buildTar([file("a", Buffer.alloc(3_000_000, "a"))]);
const layerPath = join(root, "layer");
writeFileSync(layerPath, tar);
const layer = { path: layerPath, offset: 0, sizeBytes: tar.length, name: "x", diffId: sha256(tar) };

/** Makes a disk with a shell script in the tool's place; `$0` is the output. */
async function make(script: string, signal = new AbortController().signal): Promise<string> {
  const path = join(root, crypto.randomUUID());
  const tool = { name: "tool", start: (output: string) => startTool("sh", ["-c", script, output]) };
  const options = { tool, limits: defaultLimits, signal, onProgress: () => {}, layerReady: async () => {} };
  try {
    await makeDisk([layer], `${path}.tmp`, path, options);
    return path;
  } catch (error) {
    expect(existsSync(`${path}.tmp`) || existsSync(path)).toBe(false);
    throw error;
  }
}

/** What a promise rejects with. */
async function faultOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => "none",
    (error: Error) => error.message,
  );
}

test("makeDisk puts in place what the program made of the whole archive", async () => {
  expect(readFileSync(await make('cat > "$0"')).length).toBe(512 + 512 + 3_000_320 + 1024);
});

test.each([
  [
    "fails",
    'cat > "$0"; echo broken >&2; exit 3',
    "tool could not make a disk of the image (exit code 3): broken",
  ],
  [
    "ends early",
    'head -c 10 > "$0"',
    "tool could not make a disk of the image (exit code 0): it says nothing",
  ],
  [
    "is killed",
    'cat > "$0" & sleep 0; kill -9 $$',
    "tool could not make a disk of the image (exit code 137)",
  ],
  [
    "finds the disk full",
    'cat > "$0"; echo "x: No space left on device" >&2; exit 1',
    "no space left on the disk",
  ],
])("makeDisk leaves nothing when the program %s", async (_name, script, message) => {
  expect(await faultOf(make(script))).toStartWith(message);
});

test("makeDisk stops the program when told to", async () => {
  const stop = new AbortController();
  const started = Promise.withResolvers<number>();
  const tool = {
    name: "tool",
    start: (output: string): ToolProcess => {
      // Takes all there is and never ends by itself.
      const process = startTool("sh", ["-c", 'echo $$ > "$0"; cat > /dev/null; exec sleep 1000', output]);
      return {
        ...process,
        finish: () => {
          started.resolve(0);
          return process.finish();
        },
      };
    },
  };
  const path = join(root, "stopped");
  const options = {
    tool,
    limits: defaultLimits,
    signal: stop.signal,
    onProgress: () => {},
    layerReady: async () => {},
  };
  const making = faultOf(makeDisk([layer], `${path}.tmp`, path, options));
  await started.promise;
  stop.abort(new Error("enough"));
  expect(await making).toBe("enough");
  expect(existsSync(path)).toBe(false);
});

test("findSquashfsTool says what to install", () => {
  expect(() => findSquashfsTool(startTool, root)).toThrow("apt-get install squashfs-tools-ng");
});

test("diskKey differs with each layer and their order", () => {
  const keys = [["a", "b"], ["b", "a"], ["ab"], ["a"], []].map(diskKey);
  expect(new Set(keys).size).toBe(5);
});
