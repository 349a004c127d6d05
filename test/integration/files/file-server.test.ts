/** The server of host folders, spoken with as a guest's kernel does. Needs root. */
import { afterAll, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../framework/eventually.ts";
import { NineClient, type } from "./nine-client.ts";

const program = join(import.meta.dir, "../../../dist/guest/file-server");
const isRoot = process.getuid?.() === 0;
const title = (name: string): string => (isRoot ? name : `${name} (needs root)`);
const errors = {
  perm: 1,
  noEntry: 2,
  badFile: 9,
  exists: 17,
  notFolder: 20,
  invalid: 22,
  readOnly: 30,
  loop: 40,
};

interface Running {
  readonly client: NineClient;
  readonly process: Bun.Subprocess;
  readonly data: string;
  readonly readOnly: string;
}

const cleanups: Array<() => Promise<void>> = [];
afterAll(async () => {
  for (const clean of cleanups) await clean();
});

/** A server with the shares `data`, `fixed` (read-only) and `file`. */
async function serve(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), "pacific-files-"));
  const [data, readOnly, root] = ["data", "read-only", "root"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [data, readOnly, root]) mkdirSync(each);
  writeFileSync(join(readOnly, "kept"), "kept");
  writeFileSync(join(folder, "single"), "one file");
  const socketPath = join(folder, "files.sock");
  const listener = createServer();
  const connected = new Promise<Socket>((resolve) => listener.once("connection", resolve));
  await new Promise<void>((resolve) => listener.listen(socketPath, resolve));
  const shares = [
    ...["data", "rw", data],
    ...["fixed", "ro", readOnly],
    ...["file", "rw", join(folder, "single")],
  ];
  const process = Bun.spawn([program, socketPath, root, ...shares], { stderr: "inherit" });
  const socket = await connected;
  cleanups.push(async () => {
    socket.destroy();
    await process.exited;
    listener.close();
    rmSync(folder, { recursive: true });
  });
  const client = new NineClient(socket);
  await client.begin();
  return { client, process, data, readOnly };
}

async function errnoOf(call: Promise<unknown>): Promise<number> {
  return await call.then(
    () => 0,
    (error: { readonly errno?: number }) => error.errno ?? -1,
  );
}

test.skipIf(!isRoot)(title("files and folders are made, read, changed, moved and removed"), async () => {
  const { client, data } = await serve();
  expect(await client.names("/")).toEqual(["data", "file", "fixed"]);
  expect(await client.text("file")).toBe("one file");

  const created = await client.create("data", "new", "hello", 0o4751);
  await client.call(type.fsync, [created, 4], [0, 4]);
  expect(readFileSync(join(data, "new"), "utf8")).toBe("hello");
  expect(statSync(join(data, "new")).mode & 0o7777).toBe(0o4751);

  const setSizeAndOwner: [number, 4] = [2 | 4 | 8, 4];
  const rest = [
    [0, 8],
    [0, 8],
    [0, 8],
    [0, 8],
  ] as const;
  await client.call(
    type.setattr,
    [created, 4],
    setSizeAndOwner,
    [0, 4],
    [1000, 4],
    [1001, 4],
    [2, 8],
    ...rest,
  );
  expect(readFileSync(join(data, "new"), "utf8")).toBe("he");
  expect(statSync(join(data, "new"))).toMatchObject({ uid: 1000, gid: 1001 });
  const attributes = await client.call(type.getattr, [created, 4], [0x7ff, 8]);
  expect([attributes.readUInt32LE(25), attributes.readUInt32LE(29)]).toEqual([1000, 1001]);

  const folder = await client.walk("data");
  await client.call(type.mkdir, [folder, 4], "below", [0o700, 4], [5, 4]);
  expect(statSync(join(data, "below"))).toMatchObject({ gid: 5 });
  await client.call(type.rename, [folder, 4], "new", [await client.walk("data/below"), 4], "moved");
  await client.call(type.link, [folder, 4], [await client.walk("data/below/moved"), 4], "again");
  expect(statSync(join(data, "again")).nlink).toBe(2);
  expect(await errnoOf(client.call(type.unlink, [folder, 4], "below", [0x200, 4]))).not.toBe(0);
  await client.call(type.unlink, [folder, 4], "again", [0, 4]);
  expect(await client.names("data")).toEqual(["below"]);
});

test.skipIf(!isRoot)(title("a large folder is listed whole, page by page"), async () => {
  const { client, data } = await serve();
  const wanted = Array.from({ length: 300 }, (_, index) => `file-${String(index).padStart(4, "0")}`);
  for (const name of wanted) writeFileSync(join(data, name), "");
  expect(await client.names("data")).toEqual(wanted);
});

test.skipIf(!isRoot)(title("no name and no link leads out of a share"), async () => {
  const { client, data } = await serve();
  symlinkSync("/etc/passwd", join(data, "link"));
  symlinkSync("/", join(data, "root"));
  for (const path of [["..", "etc"], ["data", ".."], ["."], ["data/../../etc"], [""], ["a\0b"]]) {
    const walk = client.call(type.walk, [0, 4], [99, 4], [path.length, 2], ...path);
    expect(await errnoOf(walk)).toBe(errors.invalid);
  }
  const link = await client.walk("data/link");
  expect(await errnoOf(client.call(type.open, [link, 4], [0, 4]))).toBe(errors.invalid);
  expect((await client.call(type.readlink, [link, 4])).subarray(2).toString()).toBe("/etc/passwd");
  const through = await client.call(type.walk, [0, 4], [98, 4], [3, 2], "data", "root", "etc");
  expect(through.readUInt16LE(0)).toBe(2);

  const folder = await client.walk("data");
  expect(await errnoOf(client.call(type.create, [folder, 4], "link", [0o101, 4], [0o644, 4], [0, 4]))).toBe(
    errors.loop,
  );
  const device = [
    [0o020644, 4],
    [1, 4],
    [3, 4],
    [0, 4],
  ] as const;
  expect(await errnoOf(client.call(type.mknod, [folder, 4], "null", ...device))).toBe(errors.perm);
  expect(existsSync(join(data, "null"))).toBe(false);
});

test.skipIf(!isRoot)(title("a read-only share takes no change, nor does the root"), async () => {
  const { client, readOnly } = await serve();
  expect(await client.text("fixed/kept")).toBe("kept");
  expect(await errnoOf(client.create("fixed", "new", ""))).toBe(errors.readOnly);
  expect(await errnoOf(client.create("/", "new", ""))).toBe(errors.readOnly);
  const folder = await client.walk("fixed");
  expect(await errnoOf(client.call(type.unlink, [folder, 4], "kept", [0, 4]))).toBe(errors.readOnly);
  const kept = await client.walk("fixed/kept");
  const times = [
    [0, 8],
    [0, 8],
    [0, 8],
    [0, 8],
  ] as const;
  const mode = client.call(type.setattr, [kept, 4], [1, 4], [0, 4], [0, 4], [0, 4], [0, 8], ...times);
  expect(await errnoOf(mode)).toBe(errors.readOnly);
  expect(lstatSync(join(readOnly, "kept")).mode & 0o777).toBe(0o644);
});

test.skipIf(!isRoot)(title("locks hold between openings of a file, and go with them"), async () => {
  const { client } = await serve();
  const first = await client.create("data", "locked", "");
  const lock = [
    [1, 1],
    [0, 4],
    [0, 8],
    [0, 8],
    [7, 4],
  ] as const;
  expect((await client.call(type.lock, [first, 4], ...lock, "a"))[0]).toBe(0);
  const again = await client.walk("data/locked");
  await client.call(type.open, [again, 4], [2, 4]);
  expect((await client.call(type.lock, [again, 4], ...lock, "b"))[0]).toBe(1);
  await client.call(type.clunk, [first, 4]);
  expect((await client.call(type.lock, [again, 4], ...lock, "b"))[0]).toBe(0);
});

test.skipIf(!isRoot)(title("it sees its shares alone, and has rights over files alone"), async () => {
  const { process } = await serve();
  const own = `/proc/${process.pid}`;
  const status = readFileSync(`${own}/status`, "utf8");
  const field = (name: string): string => new RegExp(`^${name}:\\s+(\\S+)`, "m").exec(status)?.[1] ?? "";
  // chown, dac_override, dac_read_search, fowner, fsetid
  expect(field("CapEff")).toBe("000000000000001f");
  expect(field("CapBnd")).toBe("0000000000000000");
  expect(field("NoNewPrivs")).toBe("1");
  expect(field("Seccomp")).toBe("2");
  const mounts = readFileSync(`${own}/mountinfo`, "utf8").trim().split("\n");
  const places = mounts.map((line) => line.split(" ")[4]).sort();
  expect(places).toEqual(["/", "/export/data", "/export/file", "/export/fixed", "/fd"]);
  for (const kind of ["net", "mnt", "ipc", "uts"]) {
    expect(readlinkSync(`${own}/ns/${kind}`)).not.toBe(readlinkSync(`/proc/self/ns/${kind}`));
  }
});

test.skipIf(!isRoot)(title("a message that is too long ends it; so does the end of its client"), async () => {
  const { client, process } = await serve();
  const long = Buffer.alloc(7);
  long.writeUInt32LE(70_000);
  client.send(long);
  expect(await process.exited).toBe(1);
});

test.skipIf(!isRoot)(title("5,000 strange messages are answered, and nothing is left open"), async () => {
  const { client, process } = await serve();
  const open = (): number =>
    [...new Bun.Glob("*").scanSync({ cwd: `/proc/${process.pid}/fd`, onlyFiles: false })].length;
  const before = open();
  let seed = 7;
  const random = (limit: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % limit;
  };
  const types = Object.values(type).filter((each) => each !== type.version);
  for (let round = 0; round < 5_000; round++) {
    const bytes = Buffer.from(Array.from({ length: random(60) }, () => random(4) * random(64)));
    const kind = round % 3 === 0 ? random(256) : (types[random(types.length)] ?? 0);
    if (kind === type.version) continue;
    await client.call(kind, bytes).catch((error: { readonly errno?: number }) => {
      if (error.errno === undefined) throw error;
    });
  }
  await client.begin();
  await eventually("its descriptors are closed", 1000, () => open() <= before + 1);
  expect(await client.names("/")).toEqual(["data", "file", "fixed"]);
});
