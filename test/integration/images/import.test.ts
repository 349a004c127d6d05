import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { ImageStore } from "../../../agent/images/image-store.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { directory, file } from "../../framework/tar-builder.ts";
import { dockerArchive, makeImage, ociArchive } from "../../framework/test-image.ts";
import { listDisk, removeTree, temporaryTree } from "./disk-listing.ts";

const quiet = new Logger("error");
const never = new AbortController().signal;
let root: string;

beforeAll(() => {
  root = temporaryTree();
});
afterAll(() => removeTree(root));

const image = makeImage([[directory("etc"), file("etc/hello", "hello\n", { uid: 1000, mode: 0o640 })]], {
  config: { Cmd: ["/bin/hello"], Env: ["A=b"], WorkingDir: "/srv", Labels: { a: "b" } },
});

describe("importArchive", () => {
  test.each([
    ["an OCI layout", ociArchive({ "example.org/app:1": image })],
    ["an OCI layout in gzip", gzipSync(ociArchive({ "example.org/app:1": image }))],
    ["an OCI layout in zstd", zstdCompressSync(ociArchive({ "example.org/app:1": image }))],
    ["an archive of docker save", dockerArchive({ "example.org/app:1": image })],
  ])("takes %s", async (what, archive) => {
    const path = join(root, `${what.replaceAll(" ", "-")}.tar`);
    writeFileSync(path, archive);
    const store = new ImageStore({ dataDir: join(root, `${what} store`), logger: quiet });
    const [imported] = await store.importArchive(path, never);
    expect(imported?.repoTags).toEqual(["example.org/app:1"]);
    expect(imported?.id).toBe(image.config.digest);
    expect(imported?.pinned).toBe(true);
    expect(imported?.config).toMatchObject({ cmd: ["/bin/hello"], env: ["A=b"], workingDir: "/srv" });
    expect(await store.imageStatus("example.org/app:1")).toEqual(imported);
    expect(await store.imageStatus(image.config.digest)).toEqual(imported);
    expect(listDisk(imported?.diskPath ?? "")).toContainEqual(
      expect.objectContaining({ path: "/etc/hello", mode: "-rw-r-----", owner: "1000/0", size: 6 }),
    );
  });
});
