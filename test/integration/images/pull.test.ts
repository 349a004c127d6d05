import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Image, PullProgress, RegistryAuth } from "../../../agent/images/image-service.ts";
import { ImageStore, type ImageStoreOptions } from "../../../agent/images/image-store.ts";
import type { Registries } from "../../../agent/images/registry/registry-hosts.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { backOffClock } from "../../framework/back-off-clock.ts";
import { makeCertificate } from "../../framework/certificates.ts";
import { DockerRegistry } from "../../framework/docker-registry.ts";
import { directory, file, opaque, symlink, whiteout } from "../../framework/tar-builder.ts";
import { makeImage } from "../../framework/test-image.ts";
import { TokenServer } from "../../framework/token-server.ts";
import { listDisk, readDiskFile, removeTree, temporaryTree } from "./disk-listing.ts";

const missing = ["docker-registry", "skopeo", "unsquashfs", "openssl"].filter(
  (program) => Bun.which(program) === null,
);
const title =
  missing.length === 0 ? "pullImage" : `pullImage (skipped: not installed: ${missing.join(", ")})`;
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

const base = makeImage([
  [directory("etc"), file("etc/version", "1"), file("etc/old", "x"), symlink("lib", "usr/lib")],
]);

function newStore(options: Partial<ImageStoreOptions> = {}): ImageStore {
  return new ImageStore({
    dataDir: join(root, crypto.randomUUID()),
    logger: new Logger("error"),
    ...options,
  });
}

async function pull(
  reference: string,
  options: Partial<ImageStoreOptions> = {},
  auth?: RegistryAuth,
): Promise<Image> {
  const signal = new AbortController().signal;
  return await newStore(options).pullImage(reference, { signal, ...(auth === undefined ? {} : { auth }) });
}

function hosts(byName: Registries["hosts"]): () => Registries {
  return () => ({ mirrors: {}, hosts: byName });
}

async function faultOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => "none",
    (error: Error & { kind?: string }) => `${error.kind}: ${error.message}`,
  );
}

describe.skipIf(missing.length > 0)(title, () => {
  test("pulls by tag and by digest, with progress", async () => {
    const reference = await registry.push("team/app", "v1", base);
    const progress: PullProgress[] = [];
    const store = newStore();
    const signal = new AbortController().signal;
    const image = await store.pullImage(reference, { signal, onProgress: (each) => progress.push(each) });
    const byDigest = `${registry.address}/team/app@${base.manifest.digest}`;
    expect(image).toMatchObject({ id: base.config.digest, repoTags: [reference], repoDigests: [byDigest] });
    expect(readDiskFile(image.diskPath, "/etc/version")).toBe("1");
    expect(progress.map(({ phase }) => phase)).toEqual(
      expect.arrayContaining(["resolving", "downloading", "unpacking"]),
    );
    const last = progress.at(-1);
    expect(last?.doneBytes).toBe(last?.totalBytes);
    expect(await pull(byDigest)).toMatchObject({
      id: base.config.digest,
      repoTags: [],
      repoDigests: [byDigest],
    });
  });

  test.each(["gzip", "zstd", "none"] as const)(
    "takes %s layers, merged with their whiteouts",
    async (compression) => {
      const image = makeImage(
        [
          [
            directory("etc"),
            file("etc/version", "1"),
            file("etc/old", "x"),
            directory("srv"),
            file("srv/a", "a"),
          ],
          [whiteout("etc/old"), file("etc/version", "2"), opaque("srv"), file("srv/b", "b")],
        ],
        { compression },
      );
      const { diskPath } = await pull(await registry.push("layers", compression, image));
      expect(listDisk(diskPath).map(({ path }) => path)).toEqual([
        "/",
        "/etc",
        "/etc/version",
        "/srv",
        "/srv/b",
      ]);
      expect(readDiskFile(diskPath, "/etc/version")).toBe("2");
    },
  );

  test.each([
    ["an OCI index", false],
    ["a Docker manifest list", true],
  ])("chooses the platform from %s", async (_name, docker) => {
    const variants = ["amd64", "arm64"].map((architecture) => ({
      image: makeImage([[file("arch", architecture)]], { architecture, docker }),
      platform: { os: "linux", architecture, ...(architecture === "arm64" ? { variant: "v8" } : {}) },
    }));
    const reference = await registry.pushIndex(`index${docker}`, "1", variants, docker);
    for (const architecture of ["amd64", "arm64"]) {
      const image = await pull(reference, { platform: { os: "linux", architecture } });
      expect(readDiskFile(image.diskPath, "/arch")).toBe(architecture);
    }
    expect(await faultOf(pull(reference, { platform: { os: "linux", architecture: "riscv64" } }))).toBe(
      `not-found: failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": ${reference}: no match for platform linux/riscv64 in manifest: it has linux/amd64, linux/arm64`,
    );
  });

  test("pulls what skopeo pushes, by https with an authority of its own", async () => {
    const certificate = makeCertificate(root);
    const secure = await DockerRegistry.start({ tls: certificate });
    try {
      const copied = Bun.spawnSync([
        ...["skopeo", "copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false"],
        ...[`docker://${await registry.push("team/app", "v1", base)}`, `docker://${secure.address}/app:1`],
      ]);
      expect(copied.stderr.toString()).toBe("");
      const reference = `${secure.address}/app:1`;
      const ca = readFileSync(certificate.certificatePath, "utf8");
      const image = await pull(reference, { registries: hosts({ [secure.address]: { tls: { ca } } }) });
      expect(image.id).toBe(base.config.digest);
      expect(
        await faultOf(
          pull(reference, {
            registries: hosts({ [secure.address]: { plainHttp: false } }),
            clock: backOffClock(),
          }),
        ),
      ).toBe(
        `unavailable: failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": registry ${secure.address}: its certificate is not trusted (self signed certificate); give this host the registry's certificate authority`,
      );
    } finally {
      await secure.stop();
    }
  });

  test("pulls from mirrors in turn, at last from the registry itself", async () => {
    const mirror = await DockerRegistry.start();
    try {
      await mirror.push("cache/app", "1", base);
      const reference = await registry.push("team/other", "1", makeImage([[file("other", "x")]]));
      const registries = (): Registries => ({
        mirrors: {
          "*": {
            endpoints: ["http://127.0.0.1:1", `http://${mirror.address}`],
            rewrites: [{ pattern: /^team\//, replacement: "cache/" }],
          },
        },
        hosts: {},
      });
      // Credentials of a Pod are the registry's: a mirror would refuse what it does not know.
      const auth = { username: "ann", password: "secret" };
      const image = await pull("nowhere.invalid/team/app:1", { registries }, auth);
      expect(image.id).toBe(base.config.digest);
      expect(image.repoTags).toEqual(["nowhere.invalid/team/app:1"]);
      expect(readDiskFile((await pull(reference, { registries })).diskPath, "/other")).toBe("x");
    } finally {
      await mirror.stop();
    }
  });

  test("pulls with a user name and password", async () => {
    const authorization = `Basic ${btoa("ann:secret")}`;
    const guarded = await DockerRegistry.start({ users: { ann: "secret" }, authorization });
    try {
      const reference = await guarded.push("app", "1", base);
      expect((await pull(reference, {}, { username: "ann", password: "secret" })).id).toBe(
        base.config.digest,
      );
      expect(await faultOf(pull(reference, {}, { username: "ann", password: "wrong" }))).toStartWith(
        `unauthorized: failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": pull access denied by ${guarded.address}`,
      );
      expect(await faultOf(pull(reference))).toEndWith(
        "pull access denied: the registry wants a user name and password; name a Secret with them in imagePullSecrets",
      );
    } finally {
      await guarded.stop();
    }
  });

  test("pulls with tokens, anonymous and with credentials", async () => {
    const certificate = makeCertificate(root, "token");
    const names = { service: "registry", issuer: "tests" };
    for (const users of [undefined, { ann: "secret" }]) {
      const tokens = new TokenServer({ certificate, ...names, ...(users === undefined ? {} : { users }) });
      const authorization = `Bearer ${tokens.token("team/app", ["pull", "push"])}`;
      const token = { realm: tokens.realm, ...names, rootPath: certificate.certificatePath };
      const guarded = await DockerRegistry.start({ token, authorization });
      try {
        const reference = await guarded.push("team/app", "1", base);
        const auth = users && { username: "ann", password: "secret" };
        expect((await pull(reference, {}, auth)).id).toBe(base.config.digest);
        expect(tokens.requests).toEqual([`repository:team/app:pull ${users === undefined ? "" : "ann"}`]);
        if (users !== undefined) {
          expect(await faultOf(pull(reference, {}, { username: "ann", password: "wrong" }))).toContain(
            "pull access denied by",
          );
        }
      } finally {
        await guarded.stop();
        await tokens.stop();
      }
    }
  });
});
