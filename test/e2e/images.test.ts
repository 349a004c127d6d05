/** Images of real programs, from a real registry, as Pods that are used; and what goes wrong on the way to them. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Cluster, root, run } from "../framework/cluster.ts";
import { debianImage } from "../framework/debian-image.ts";
import { nginxRecipe, pythonRecipe, redisRecipe } from "../framework/debian-recipes.ts";
import { DockerRegistry } from "../framework/docker-registry.ts";
import { eventually } from "../framework/eventually.ts";
import { type Fault, FaultyProxy } from "../framework/faulty-proxy.ts";
import { Pods, podManifest } from "../framework/pods.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";
import { file } from "../framework/tar-builder.ts";
import { makeImage } from "../framework/test-image.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-images");
const cluster = new Cluster(16446);
const pods = new Pods(cluster);
const demo = "pacific.local/demo:latest";
const user = { name: "ann", password: "secret word" };
let registry: DockerRegistry;
let closedRegistry: DockerRegistry;

beforeAll(async () => {
  registry = await DockerRegistry.start();
  closedRegistry = await DockerRegistry.start({ users: { [user.name]: user.password } });
  await push(debianImage(nginxRecipe), "nginx");
  await push(debianImage(redisRecipe), "redis");
  await push(debianImage(pythonRecipe), "python");
  const demoArchive = join(root, "dist/images/demo.tar");
  await push(demoArchive, "demo");
  await skopeo(
    demoArchive,
    `${closedRegistry.address}/demo:1`,
    "--dest-creds",
    `${user.name}:${user.password}`,
  );
  await cluster.start();
  await cluster.addHost("box-1");
  await cluster.importImage("box-1", demoArchive);
});

afterAll(async () => {
  await cluster.remove();
  await registry.stop();
  await closedRegistry.stop();
});

function push(archive: string, repository: string): Promise<void> {
  return skopeo(archive, `${registry.address}/${repository}:1`);
}

async function skopeo(archive: string, reference: string, ...flags: readonly string[]): Promise<void> {
  const copy = ["skopeo", "copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false", ...flags];
  const pushed = await run([...copy, `oci-archive:${archive}`, `docker://${reference}`]);
  if (pushed.code !== 0) throw new Error(pushed.stderr);
}

/** What `skopeo inspect` says of an image. */
async function inspect(repository: string, ...flags: readonly string[]): Promise<string> {
  const reference = `docker://${registry.address}/${repository}:1`;
  return (await run(["skopeo", "inspect", "--tls-verify=false", ...flags, reference])).stdout.trim();
}

/** Fetches through a port-forward of kubectl. */
async function throughPortForward(pod: string, port: number, path: string): Promise<string> {
  const forward = Bun.spawn(
    [cluster.kubectlPath(), "--kubeconfig", cluster.kubeconfig, "port-forward", pod, `:${port}`],
    { stdout: "pipe", stderr: "pipe" },
  );
  try {
    const said = await forward.stdout.getReader().read();
    const local = /127\.0\.0\.1:(\d+)/.exec(new TextDecoder().decode(said.value))?.[1];
    return await (await fetch(`http://127.0.0.1:${local}${path}`)).text();
  } finally {
    forward.kill();
    await forward.exited;
  }
}

/** First, while the host has none of the layers. */
describe("a registry in trouble", () => {
  const sleeping = { command: ["sleep", "100000"] };
  const none: Fault = { type: "none" };

  test("that is down is named, and asked again until it is up", async () => {
    // Below the ports that the kernel gives to connections, so that it is free when the registry is up again.
    const port = 16_496;
    const address = `127.0.0.1:${port}`;
    await cluster.apply(podManifest("down", `${address}/demo:1`, sleeping));
    expect(await pods.waitsFor("down", "ErrImagePull")).toContain(
      `registry ${address}: connection refused: is the registry running there?`,
    );
    const again = await FaultyProxy.start(registry.address, () => none, port);
    await pods.ready("down");
    again.stop();
    await pods.remove("down");
  });

  test("that cuts a layer off is asked for the rest, and one that is slow is waited for", async () => {
    let cuts = 0;
    const manifest = JSON.parse(await inspect("python", "--raw"));
    const isLayer = (path: string): boolean => path.endsWith(manifest.layers[0].digest);
    const proxy = await FaultyProxy.start(registry.address, ({ path }) => {
      if (!isLayer(path)) return { type: "slow", delayMs: 1500 };
      cuts += 1;
      return cuts <= 2 ? { type: "cut", afterBytes: 1_000_000, when: partial(cuts * 1_000_000) } : none;
    });
    await pods.run(podManifest("cut", `${proxy.address}/python:1`, sleeping));
    const ranges = proxy.requests.flatMap(({ range }) => range ?? []);
    expect(ranges).toEqual(["bytes=1000000-", "bytes=2000000-"]);
    proxy.stop();
    await pods.remove("cut");
  });
});

/** Resolves when the host has written so much of a layer: what is cut off earlier may never arrive. */
async function partial(bytes: number): Promise<void> {
  const blobs = join(cluster.hostFolder("box-1"), "images/blobs");
  await eventually(`the host has ${bytes} bytes of the layer`, 60_000, () =>
    readdirSync(blobs).some((name) => name.endsWith(".partial") && statSync(join(blobs, name)).size >= bytes),
  );
}

describe("images of Debian's packages, from a registry", () => {
  test("nginx, by its digest, serves a page through port-forward and by the Pod's address", async () => {
    const digest = await inspect("nginx", "--format", "{{.Digest}}");
    const { status } = await pods.run(podManifest("nginx", `${registry.address}/nginx@${digest}`));
    expect(status?.containerStatuses?.[0]?.imageID).toContain(digest);
    const page = "<h1>Welcome to nginx!</h1>\n";
    await eventually("nginx serves", 20_000, async () => (await answerOf(`${status?.podIP}:80/`)) === page);
    expect(await throughPortForward("nginx", 80, "/")).toBe(page);
    await pods.tells("nginx", /Normal Pulling Pulling image "127\.0\.0\.1:\d+\/nginx@sha256:/);
    await pods.tells("nginx", /Normal Pulled Successfully pulled image .* Image size: \d+ bytes\./);
  });

  test("redis-server, by its tag, answers its own client and another Pod's", async () => {
    const { status } = await pods.run(podManifest("redis", `${registry.address}/redis:1`));
    await eventually("redis answers", 20_000, async () => {
      const ping = await cluster.kubectl("exec", "redis", "--", "redis-cli", "ping");
      return ping.stdout === "PONG\n";
    });
    await pods.run(podManifest("client", `${registry.address}/redis:1`, { command: ["sleep", "100000"] }));
    const remote = ["redis-cli", "-h", status?.podIP ?? ""];
    expect(await pods.exec("client", ...remote, "set", "word", "value")).toBe("OK\n");
    expect(await pods.exec("redis", "redis-cli", "get", "word")).toBe("value\n");
    await pods.remove("client");
  });

  test("python3 runs a script and a server, and reaches other Pods and the box", async () => {
    const image = `${registry.address}/python:1`;
    const { status } = await pods.run(podManifest("python", image, { command: [...python, pythonServer] }));
    expect(await pods.exec("python", ...python, "print(sum(range(101)))")).toBe("5050\n");
    const page = "a page of python3\n";
    await eventually(
      "python serves",
      60_000,
      async () => (await answerOf(`${status?.podIP}:8000/`)) === page,
    );
    expect(await throughPortForward("python", 8000, "/")).toBe(page);
    const nginx = (await pods.get("nginx")).status?.podIP ?? "";
    expect(await pods.exec("python", ...fetchInPython(nginx, 80))).toContain("Welcome to nginx!");
    const gateway = status?.podIP?.replace(/\d+$/, "1") ?? "";
    const box = Bun.serve({ hostname: gateway, port: 0, fetch: () => new Response("from the box") });
    expect(await pods.exec("python", ...fetchInPython(gateway, box.port ?? 0))).toContain("from the box");
    await box.stop(true);
    await pods.remove("python", "redis", "nginx");
  });
});

/** Without the site's packages, and below without the library's HTTP: an emulated machine compiles them for long. */
const python = ["python3", "-I", "-S", "-c"];

const pythonServer = `
import socket
listener = socket.create_server(("", 8000))
body = b"a page of python3\\n"
while True:
    connection, _ = listener.accept()
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
    connection.close()
`;

/** A command that prints an HTTP answer with its head. */
function fetchInPython(host: string, port: number): string[] {
  const script = `
import socket
connection = socket.create_connection(("${host}", ${port}), 30)
connection.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
while data := connection.recv(65536):
    print(data.decode())
`;
  return [...python, script];
}

function answerOf(address: string): Promise<string | undefined> {
  return fetch(`http://${address}`).then(
    (answer) => answer.text(),
    () => undefined,
  );
}

describe("a registry that wants a password", () => {
  const image = (): string => `${closedRegistry.address}/demo:1`;
  const sleeping = { command: ["sleep", "100000"] };

  test("refuses a Pod without one, with a reason", async () => {
    await cluster.apply(podManifest("stranger", image(), sleeping));
    expect(await pods.waitsFor("stranger", "ErrImagePull")).toContain(
      "pull access denied: the registry wants a user name and password; name a Secret with them in imagePullSecrets",
    );
    await pods.remove("stranger");
  });

  test("takes the one of the Pod's imagePullSecrets", async () => {
    const created = await cluster.kubectl(
      ...["create", "secret", "docker-registry", "pull", "--docker-server", closedRegistry.address],
      ...["--docker-username", user.name, "--docker-password", user.password],
    );
    expect(created.stderr).toBe("");
    await pods.run(podManifest("known", image(), sleeping, { imagePullSecrets: [{ name: "pull" }] }));
    await pods.remove("known");
  });
});

describe("a container's environment", () => {
  const environment = {
    imagePullPolicy: "Never",
    command: ["sleep", "100000"],
    envFrom: [{ configMapRef: { name: "settings" } }],
    env: [
      { name: "COLOUR", valueFrom: { configMapKeyRef: { name: "settings", key: "colour" } } },
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "login", key: "password" } } },
      { name: "WHO", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "GREETING", value: "$(WHO) is $(COLOUR)" },
    ],
  };

  test("waits for its ConfigMap and Secret with CreateContainerConfigError, then has their values", async () => {
    await cluster.apply(podManifest("env", demo, environment));
    expect(await pods.waitsFor("env", "CreateContainerConfigError")).toBe('configmap "settings" not found');
    await cluster.kubectl("create", "configmap", "settings", "--from-literal=colour=blue");
    await cluster.apply(podManifest("env-2", demo, environment));
    // The host may have heard of the Pod before it heard of its ConfigMap.
    await eventually("the Secret is missed", 60_000, async () => {
      const missing = await pods.waitsFor("env-2", "CreateContainerConfigError");
      return missing === 'secret "login" not found';
    });
    await cluster.kubectl("create", "secret", "generic", "login", "--from-literal=password=hidden word");
    await pods.ready("env");
    const seen = (await pods.exec("env", "env")).split("\n");
    for (const line of [
      "colour=blue",
      "COLOUR=blue",
      "PASSWORD=hidden word",
      "WHO=env",
      "GREETING=env is blue",
    ]) {
      expect(seen).toContain(line);
    }
    await pods.remove("env", "env-2");
  });
});

describe("an image that cannot be had", () => {
  test("that does not exist: ErrImagePull, then ImagePullBackOff, with a message that names it", async () => {
    const image = `${registry.address}/nothing:7`;
    await cluster.apply(podManifest("absent", image));
    expect(await pods.waitsFor("absent", "ErrImagePull")).toContain(`${image}: not found`);
    expect(await pods.waitsFor("absent", "ImagePullBackOff")).toStartWith(
      `Back-off pulling image "${image}": ErrImagePull: `,
    );
    for (const event of [
      `Warning Failed Failed to pull image "${image}": `,
      "Warning Failed Error: ErrImagePull\n",
      `Normal BackOff Back-off pulling image "${image}"\n`,
    ]) {
      await pods.tells("absent", new RegExp(RegExp.escape(event)));
    }
    expect((await cluster.kubectl("get", "pod", "absent")).stdout).toMatch(
      /0\/1 +(ImagePullBackOff|ErrImagePull) /,
    );
    await pods.remove("absent");
  });

  test("by a digest that is not there", async () => {
    const digest = `sha256:${"1".repeat(64)}`;
    await cluster.apply(podManifest("digest", `${registry.address}/demo@${digest}`));
    expect(await pods.waitsFor("digest", "ErrImagePull")).toContain(`${digest}: not found`);
    await pods.remove("digest");
  });

  test("by a name that is none: InvalidImageName", async () => {
    await cluster.apply(podManifest("invalid", "Not A Name"));
    expect(await pods.waitsFor("invalid", "InvalidImageName")).toStartWith(
      'Failed to apply default image tag "Not A Name": ',
    );
    await pods.remove("invalid");
  });

  test("that must not be pulled and is not there: ErrImageNeverPull", async () => {
    const image = `${registry.address}/never:1`;
    await cluster.apply(podManifest("never", image, { imagePullPolicy: "Never" }));
    expect(await pods.waitsFor("never", "ErrImageNeverPull")).toBe(
      `Container image "${image}" is not present with pull policy of Never`,
    );
    await pods.remove("never");
  });

  test("whose layer would leave its folder: ErrImagePull with the reason", async () => {
    const hostile = makeImage([[file("../../../etc/cron.d/evil", "* * * * * root true\n")]]);
    const image = await registry.push("hostile", "1", hostile);
    await cluster.apply(podManifest("hostile", image));
    const message = await pods.waitsFor("hostile", "ErrImagePull");
    expect(message).toContain('entry "../../../etc/cron.d/evil" leads out of its parent by ".."');
    await pods.remove("hostile");
  });
});

describe("a host whose disk is full", () => {
  test("says so, and runs the Pod when there is room again", async () => {
    const folder = cluster.hostFolder("small");
    expect((await run(["mkdir", "-p", folder])).code).toBe(0);
    expect((await run(["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", folder])).code).toBe(0);
    try {
      // Without thresholds of the disk: else the Pod would be evicted before there is room again.
      await cluster.addHost("small", ["--eviction-hard", "memory.available<1Mi"]);
      const fill = join(folder, "fill");
      await run(["sh", "-c", 'head -c 1G /dev/zero >"$0"; truncate -s -2M "$0"', fill]);
      const here = { nodeName: "small" };
      await cluster.apply(
        podManifest("full", `${registry.address}/python:1`, { command: ["sleep", "100000"] }, here),
      );
      expect(await pods.waitsFor("full", "ErrImagePull")).toMatch(/no space left/i);
      rmSync(fill);
      await pods.ready("full");
      await pods.remove("full");
    } finally {
      await cluster.removeHost("small");
      await run(["umount", folder]);
      // Else the scheduler would trust it until its Lease is over.
      await cluster.kubectl("delete", "node", "small");
    }
  });
});

describe("a Pod with a field that hosts do not honour yet", () => {
  test("waits, and an event names the field", async () => {
    const volumes = [
      { name: "data", iscsi: { targetPortal: "192.0.2.1", iqn: "iqn.2001-04.com.example:a", lun: 0 } },
    ];
    await cluster.apply(podManifest("volume", demo, { imagePullPolicy: "Never" }, { volumes }));
    const events = await pods.tells("volume", /FailedMount/);
    expect(events).toContain(
      'MountVolume.SetUp failed for volume "data" : spec.volumes[0].iscsi is not supported',
    );
    await pods.remove("volume");
  });
});
