/**
 * Images for tests, made of Debian's packages: the closure of the named packages' dependencies, unpacked without their
 * maintainer scripts. Needs apt-get, dpkg-deb and GNU tar, and a package registry unless the image is in the cache.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeImage, ociArchive } from "./test-image.ts";

export interface DebianImageRecipe {
  /** The image's name in the archive, `test/nginx:1`. */
  readonly name: string;
  readonly packages: readonly string[];
  /** Packages of the closure that the programs do without. */
  readonly leaveOut?: readonly string[];
  /** Files by path, written after the packages: what their scripts would have done. */
  readonly files?: Readonly<Record<string, string>>;
  /** Symlinks by path. */
  readonly links?: Readonly<Record<string, string>>;
  /** The image's `config`, as in the OCI specification. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Raised whenever the same recipe gives another image. */
const formatVersion = 2;

const users = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
redis:x:104:104:redis:/var/lib/redis:/usr/sbin/nologin
user:x:1000:1000:user:/home/user:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;
const groups = `root:x:0:\ndaemon:x:1:\nadm:x:4:\nwww-data:x:33:\nredis:x:104:\nuser:x:1000:\nnogroup:x:65534:\n`;
/** No test reads them, and they are half of some packages. */
const unread = ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/lintian"];

/** Why images cannot be made here, for the titles of skipped tests; undefined where they can. */
export function debianImageObstacle(): string | undefined {
  const missing = ["apt-get", "dpkg-deb", "tar"].filter((program) => Bun.which(program) === null);
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`;
}

/** The path of an OCI archive with the image; it stays in the cache, so copy it rather than change it. */
export function debianImage(recipe: DebianImageRecipe): string {
  const work = mkdtempSync(join(tmpdir(), "pacific-debian-image-"));
  try {
    const apt = new PrivateApt(work);
    const packages = apt.closure(recipe);
    const key = createHash("sha256")
      .update(JSON.stringify([formatVersion, recipe, packages]))
      .digest("hex");
    const cache = join(process.env.PACIFIC_CACHE ?? "/var/cache/pacific", "test-images");
    const path = join(cache, `${recipe.name.replace(/[^a-z0-9]+/g, "-")}-${key.slice(0, 16)}.tar`);
    if (existsSync(path)) return path;
    const root = join(work, "root");
    unpack(apt.download(packages), root);
    finish(recipe, root);
    mkdirSync(cache, { recursive: true });
    const temporaryPath = `${path}.${process.pid}`;
    writeFileSync(
      temporaryPath,
      ociArchive({ [recipe.name]: makeImage([layerOf(root)], imageOptions(recipe)) }),
    );
    renameSync(temporaryPath, path);
    return path;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function imageOptions({ config }: DebianImageRecipe) {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  return { architecture, config: { Env: [path], ...config } };
}

/** apt with a state of its own in which nothing is installed, and the machine's package lists. */
class PrivateApt {
  readonly #archives: string;
  readonly #options: readonly string[];

  constructor(work: string) {
    this.#archives = join(work, "archives");
    const status = join(work, "status");
    mkdirSync(join(this.#archives, "partial"), { recursive: true });
    writeFileSync(status, "");
    const settings = {
      "Dir::State::status": status,
      "Dir::Cache::archives": this.#archives,
      "APT::Install-Recommends": "false",
      "APT::Sandbox::User": "root",
      "Debug::NoLocking": "true",
    };
    this.#options = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  }

  /** The packages with their versions, `name=version`, sorted. */
  closure({ packages, leaveOut = [] }: DebianImageRecipe): string[] {
    const simulate = ["-qq", "--simulate", "install", ...packages];
    const plan = this.#try(simulate) ?? this.#updateAndTry(simulate);
    const found = [...plan.matchAll(/^Inst (\S+) \((\S+)/gm)].map(([, name = "", version = ""]) => ({
      name,
      version,
    }));
    return found
      .filter(({ name }) => !leaveOut.includes(name))
      .map(({ name, version }) => `${name}=${version}`)
      .sort();
  }

  /** The paths of the packages' files. */
  download(packages: readonly string[]): string[] {
    run(["apt-get", ...this.#options, "-qq", "download", ...packages], this.#archives);
    return readdirSync(this.#archives)
      .filter((name) => name.endsWith(".deb"))
      .map((name) => join(this.#archives, name));
  }

  #run(args: readonly string[]): string {
    return run(["apt-get", ...this.#options, ...args]);
  }

  /** On a machine whose package lists are absent or too old. */
  #updateAndTry(args: readonly string[]): string {
    run(["apt-get", "-qq", "update"]);
    return this.#run(args);
  }

  #try(args: readonly string[]): string | undefined {
    try {
      return this.#run(args);
    } catch {
      return undefined;
    }
  }
}

function unpack(packages: readonly string[], root: string): void {
  // Debian's merged /usr: the links are there before the packages' files.
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(join(root, "usr", name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  const script = 'dpkg-deb --fsys-tarfile "$0" | tar -x --keep-directory-symlink -C "$1"';
  for (const path of packages) run(["sh", "-c", script, path, root]);
}

function finish({ files = {}, links = {} }: DebianImageRecipe, root: string): void {
  for (const path of unread) rmSync(join(root, path), { recursive: true, force: true });
  for (const path of ["dev", "proc", "sys", "tmp", "run", "root", "etc", "home/user", "var/log"]) {
    mkdirSync(join(root, path), { recursive: true });
  }
  chmodSync(join(root, "tmp"), 0o1777);
  const all = { "etc/passwd": users, "etc/group": groups, ...files };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  for (const [path, target] of Object.entries({ "var/run": "/run", ...links })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    rmSync(join(root, path), { force: true, recursive: true });
    symlinkSync(target, join(root, path));
  }
}

function layerOf(root: string): Buffer {
  const flags = ["--sort=name", "--mtime=@0", "--numeric-owner", "--owner=0", "--group=0", "--format=posix"];
  // Times of access and change would make each layer another one.
  const times = "--pax-option=delete=atime,delete=ctime";
  const made = Bun.spawnSync(["tar", ...flags, times, "-C", root, "-cf", "-", "."]);
  if (made.exitCode !== 0) throw new Error(`tar: ${made.stderr.toString()}`);
  return made.stdout;
}

function run(command: readonly string[], cwd?: string): string {
  const env = { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
  const done = Bun.spawnSync([...command], { env, ...(cwd === undefined ? {} : { cwd }) });
  if (done.exitCode === 0) return done.stdout.toString();
  throw new Error(`${command.join(" ").slice(0, 300)}: ${done.stderr.toString().slice(-1000)}`);
}
