import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { V1Namespace, V1Secret } from "../../../supervisor/api/generated/types.ts";
import { HttpTransport } from "../../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../../supervisor/client/kubeconfig.ts";
import { resources } from "../../../supervisor/client/resources.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import { waitUntil } from "../../framework/wait-until.ts";

const program = [process.execPath, new URL("../../../main.ts", import.meta.url).pathname];
let folder = "";
const children: Bun.Subprocess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pacific-start-"));
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
    await child.exited;
  }
  rmSync(folder, { recursive: true });
});

/** A supervisor in a process of its own, on a free port of loopback. */
function start(flags: readonly string[] = [], environment: Readonly<Record<string, string>> = {}) {
  const all = ["--data-dir", join(folder, "data"), "--listen", "127.0.0.1:0", ...flags];
  const child = Bun.spawn([...program, "supervisor", ...all], {
    env: { ...process.env, ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  children.push(child);
  return child;
}

function run(...args: string[]) {
  const done = Bun.spawnSync([...program, ...args], { stdin: "ignore" });
  return { exitCode: done.exitCode, stdout: done.stdout.toString(), stderr: done.stderr.toString() };
}

async function failureOf(flags: readonly string[]): Promise<{ exitCode: number; message: string }> {
  const child = start(flags);
  const text = await new Response(child.stderr).text();
  return { exitCode: await child.exited, message: text.trim().split("\n").at(-1) ?? "" };
}

const kubeconfig = () => join(folder, "data", "kubeconfig.yaml");

async function ready() {
  return await waitUntil(async () => {
    const config = await loadKubeconfig(kubeconfig()).catch(() => undefined);
    if (config === undefined) return undefined;
    const client = createClient(new HttpTransport(config.transport));
    const answer = await client.transport.fetch("/readyz").catch(() => undefined);
    return answer?.ok ? client : undefined;
  });
}

test("a supervisor starts, its kubeconfig works, and it ends with 0 for SIGTERM and 130 for SIGINT", async () => {
  for (const [signal, exitCode] of [
    ["SIGTERM", 0],
    ["SIGINT", 130],
  ] as const) {
    rmSync(kubeconfig(), { force: true });
    const child = start();
    const client = await ready();
    const namespaces = await client.resource<V1Namespace>(resources.namespaces).list();
    expect(namespaces.items.map(({ metadata }) => metadata?.name)).toEqual(
      expect.arrayContaining(["default", "kube-node-lease", "kube-system"]),
    );
    child.kill(signal);
    expect(await child.exited).toBe(exitCode);
  }
  for (const name of readdirSync(join(folder, "data", "tls"))) {
    expect(statSync(join(folder, "data", "tls", name)).mode & 0o777).toBe(0o600);
  }
  expect(statSync(kubeconfig()).mode & 0o777).toBe(0o600);
});

test("the token and kubeconfig commands work with the kubeconfig that was written", async () => {
  start();
  await ready();
  const created = run("token", "create", "--uses", "2", "--ttl", "90m", "--kubeconfig", kubeconfig());
  expect(created.stdout).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}\.[0-9a-f]{64}\n$/);
  const listed = run("token", "list", "--kubeconfig", kubeconfig());
  expect(listed.stdout).toMatch(
    new RegExp(`^ID +EXPIRES IN +EXPIRES +HOSTS JOINED\n${created.stdout.slice(0, 6)} +1h2\\dm .* 0 of 2\n$`),
  );
  expect(listed.stdout).not.toContain(created.stdout.slice(7, 23));
  const deleted = run("token", "delete", created.stdout.trim(), "--kubeconfig", kubeconfig());
  expect(deleted.exitCode).toBe(0);
  expect(run("token", "delete", "aaaaaa", "--kubeconfig", kubeconfig())).toMatchObject({
    exitCode: 1,
    stderr: "Error: There is no join token aaaaaa\n",
  });
  const copy = join(folder, "copy.yaml");
  run("kubeconfig", "--kubeconfig", kubeconfig(), "--output", copy);
  expect(statSync(copy).mode & 0o777).toBe(0o600);
  expect(run("kubeconfig", "--kubeconfig", kubeconfig()).stdout).toContain("current-context: default");
});

test("Secrets lie encrypted on the disk, and their key is rotated by a command", async () => {
  start();
  const client = await ready();
  const data = { password: Buffer.from("correct horse battery").toString("base64") };
  await client
    .resource<V1Secret>(resources.secrets, "default")
    .create({ apiVersion: "v1", kind: "Secret", metadata: { name: "db" }, data });
  const status = () => run("secrets-encrypt", "status", "--kubeconfig", kubeconfig()).stdout;
  const key = /^([0-9a-f]{8}) .* 1 +0$/m;
  const before = key.exec(status())?.[1] ?? "none";
  const rotated = run("secrets-encrypt", "rotate-keys", "--kubeconfig", kubeconfig());
  expect(rotated.stdout).toMatch(/^The key is [0-9a-f]{8} now; Secrets written anew with it: 1\n$/);
  expect(key.exec(status())?.[1]).not.toBe(before);
  expect((await client.resource<V1Secret>(resources.secrets, "default").get("db")).data).toEqual(data);
  for (const name of readdirSync(join(folder, "data")).filter((file) => file.startsWith("state.db"))) {
    expect(readFileSync(join(folder, "data", name), "latin1")).not.toContain(data.password);
  }
});

test("a port in use, a second instance and a folder that cannot be written are told with what to do", async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const address = blocker.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect(await failureOf(["--listen", `127.0.0.1:${port}`])).toEqual({
    exitCode: 1,
    message: `Error: Cannot listen on 127.0.0.1:${port}: the port is in use: stop what uses it, or choose another with --listen`,
  });
  blocker.close();
  start();
  await ready();
  const second = await failureOf([]);
  expect(second.exitCode).toBe(1);
  expect(second.message).toContain(join(folder, "data"));
  const unknown = start(["--data-dir", join(folder, "other"), "--listen", "no-such-name.invalid:0"]);
  expect(await new Response(unknown.stderr).text()).toBe(
    "Error: Cannot listen on no-such-name.invalid:0: the name has no address: give an IP address with --listen\n",
  );
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(await failureOf(["--data-dir", join(file, "data")])).toEqual({
    exitCode: 1,
    message: `Error: Data directory ${join(file, "data")} cannot be written (ENOTDIR): name another with --data-dir, or start as a user who may write there`,
  });
});

test("usage errors end with 2 and name the value", async () => {
  expect(await failureOf(["--disable", "scheduller"])).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(
      'Error: --disable names "scheduller": expected some of scheduler, controllers, ',
    ),
  });
  expect(await failureOf(["--listen", "6443"])).toEqual({
    exitCode: 2,
    message: 'Error: --listen is "6443": expected HOST:PORT, such as 0.0.0.0:6443',
  });
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [
      ["--cluster-cidr", "10.0.0.0"],
      '--cluster-cidr is "10.0.0.0": expected an IPv4 network, such as 10.42.0.0/16',
    ],
    [
      ["--service-cidr", "10.0.0.1/16"],
      '--service-cidr is "10.0.0.1/16": expected the network by its first address, 10.0.0.0/16',
    ],
    [
      ["--service-cidr", "10.42.16.0/20"],
      "--cluster-cidr 10.42.0.0/16 and --service-cidr 10.42.16.0/20 overlap: choose networks without a common address",
    ],
    [
      ["--advertise-address", "here"],
      '--advertise-address is "here": expected an IP address, such as 192.0.2.10',
    ],
    [["--log-level", "loud"], '--log-level is "loud": expected debug or info or warn or error'],
    [["--datastore-endpoint", "mysql://x"], '--datastore-endpoint is "mysql://x": expected sqlite'],
    [["--no-such-flag"], "Unknown option '--no-such-flag': pacific --help tells what there is"],
    [
      ["--data-dirs", "x"],
      "Unknown option '--data-dirs' (Did you mean --data-dir?): pacific --help tells what there is",
    ],
    [["--log-level"], "Option '--log-level <LEVEL>' argument missing: pacific --help tells what there is"],
  ];
  const failures = wrong.map(async ([flags, message]) => {
    const child = start(flags);
    const text = await new Response(child.stderr).text();
    expect([await child.exited, text]).toEqual([2, `Error: ${message}\n`]);
  });
  await Promise.all(failures);
  expect(run("nonsense").exitCode).toBe(2);
  expect(run("--help").exitCode).toBe(0);
});

const python = Bun.which("python3");
const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True: print(s.recv(4096).decode(), flush=True)
`;

test.skipIf(python === null)(
  "a service manager is told when it is ready and when it stops (needs python3)",
  async () => {
    const socket = join(folder, "notify");
    const listener = Bun.spawn([python ?? "", "-c", receiver, socket], { stdout: "pipe" });
    children.push(listener);
    const lines = createInterface({ input: Readable.fromWeb(listener.stdout) })[Symbol.asyncIterator]();
    const next = async () => (await lines.next()).value;
    expect(await next()).toBe("bound");
    const child = start([], { NOTIFY_SOCKET: socket });
    expect(await next()).toBe("READY=1");
    expect(await next()).toMatch(/^STATUS=Serving the API on port \d+$/);
    child.kill("SIGTERM");
    expect(await next()).toBe("STOPPING=1");
  },
);
