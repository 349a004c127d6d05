import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BridgeNetwork } from "../../../agent/network/bridge-network.ts";
import { networkNames } from "../../../agent/network/network-names.ts";
import { removeBridgeNetwork } from "../../../agent/network/remove-bridge-network.ts";
import type { SandboxNetwork } from "../../../agent/runtime/runtime.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { eventually } from "../../framework/eventually.ts";
import { NetworkNamespace, namespaceObstacle } from "../../framework/network-namespace.ts";
import { serveAddress } from "../../framework/serve-address.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const obstacle = namespaceObstacle();
const title = (name: string): string => (obstacle ? `${name} (skipped: ${obstacle})` : name);
const podCidr = "10.42.0.0/24";

/** A box of its own, with a data folder. */
async function makeBox() {
  const stack = new AsyncDisposableStack();
  const box = stack.use(await NetworkNamespace.create("box"));
  const dataDir = mkdtempSync(join(tmpdir(), "pacific-network-"));
  stack.defer(() => rmSync(dataDir, { recursive: true }));
  const logger = new Logger("error");
  const names = networkNames(dataDir);
  const open = (cidr = podCidr, hostAddress = "192.0.2.1") =>
    BridgeNetwork.open({ podCidr: cidr, hostAddress, dataDir, tools: box.tools, logger });
  return { stack, box, dataDir, names, open, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Puts a namespace where a machine would be: at the tap's place on the bridge, with the address it was given. */
async function plugIn(
  box: NetworkNamespace,
  bridge: string,
  given: SandboxNetwork,
): Promise<NetworkNamespace> {
  const pod = await NetworkNamespace.create("pod");
  await box.ip(`link del ${given.tapName}`);
  await box.connect(given.tapName, pod, "eth0");
  await box.ip(`link set ${given.tapName} master ${bridge}`);
  await box.ip(`link set ${given.tapName} type bridge_slave hairpin on`);
  await pod.ip(`link set eth0 address ${given.macAddress}`);
  await pod.ip(`addr add ${given.address}/${given.prefixLength} dev eth0`);
  await pod.ip(`route add default via ${given.gateway}`);
  return pod;
}

/** What that server says to a client in this namespace; "none" when nothing comes. */
async function ask(from: NetworkNamespace, address: string): Promise<string> {
  const script = `const t=setTimeout(()=>{console.log("none");process.exit()},1500);
    Bun.connect({hostname:"${address}",port:8080,socket:{data(s,d){console.log(String(d));clearTimeout(t);s.end()},
    connectError(){console.log("none");process.exit()}}}).catch(()=>{console.log("none");process.exit()})`;
  const child = Bun.spawn(from.command(process.execPath, "-e", script), { stdout: "pipe", stderr: "ignore" });
  const text = await new Response(child.stdout).text();
  await child.exited;
  return text.trim();
}

/** Waits until that server says this to a client: on a busy machine one that is asked may be given up too early. */
async function expectAnswer(from: NetworkNamespace, address: string, wanted: string): Promise<void> {
  await eventually(`${address} says ${wanted}`, 60_000, async () => (await ask(from, address)) === wanted);
}

test.skipIf(obstacle !== undefined)(
  title("BridgeNetwork: box and Pods reach each other, and the outside sees the box"),
  async () => {
    await using made = await makeBox();
    const { stack, box, names, open } = made;
    const outside = stack.use(await NetworkNamespace.create("outside"));
    await box.connect("up0", outside, "up1");
    await box.ip("addr add 192.0.2.1/24 dev up0");
    await outside.ip("addr add 192.0.2.2/24 dev up1");
    const network = await open();
    const [a, b] = [await network.attach("a_0"), await network.attach("b_0")];
    const podA = stack.use(await plugIn(box, names.bridge, a));
    const podB = stack.use(await plugIn(box, names.bridge, b));
    await using _inA = await serveAddress(podA);
    await using _outside = await serveAddress(outside);
    await using _inBox = await serveAddress(box);

    await expectAnswer(box, a.address, "10.42.0.1");
    await expectAnswer(podB, a.address, b.address);
    await expectAnswer(podB, "192.0.2.2", "192.0.2.1");
    await expectAnswer(podB, a.gateway, b.address);
  },
);

test.skipIf(obstacle !== undefined)(
  title("BridgeNetwork: ports of the host lead to a Pod, also those of an earlier daemon, until it goes"),
  async () => {
    await using made = await makeBox();
    const { stack, box, names, open } = made;
    const outside = stack.use(await NetworkNamespace.create("outside"));
    await box.connect("up0", outside, "up1");
    for (const address of ["192.0.2.1", "192.0.2.3"]) await box.ip(`addr add ${address}/24 dev up0`);
    await outside.ip("addr add 192.0.2.2/24 dev up1");
    const first = await open();
    const web = { protocol: "tcp", hostPort: 8080, containerPort: 8080 } as const;
    const a = await first.attach("a_0", [{ ...web, hostAddress: "192.0.2.1" }]);
    const b = await first.attach("b_0");
    const podA = stack.use(await plugIn(box, names.bridge, a));
    const podB = stack.use(await plugIn(box, names.bridge, b));
    await using _inA = await serveAddress(podA);
    await expectAnswer(outside, "192.0.2.1", "192.0.2.2");
    await expectAnswer(box, "192.0.2.1", "192.0.2.1");
    await expectAnswer(podB, "192.0.2.1", "10.42.0.1");
    await expectAnswer(podA, "192.0.2.1", "10.42.0.1");
    expect(await ask(outside, "192.0.2.3")).toBe("none");
    expect(await ask(box, "127.0.0.1")).toBe("none");

    const second = await open();
    await second.attach("c_0", [{ protocol: "udp", hostPort: 8080, containerPort: 53 }]);
    await second.attach("a_0", [web]);
    await expectAnswer(outside, "192.0.2.3", "192.0.2.2");
    await second.reconcile(new Set(["b_0"]));
    expect(await ask(outside, "192.0.2.1")).toBe("none");
    expect(await box.nft("list ruleset")).not.toMatch(/\b53\b/);
  },
);

test.skipIf(obstacle !== undefined)(
  title("BridgeNetwork: a Node's own 127.0.0.1 leads to a Pod, and no guest gets to it"),
  async () => {
    await using made = await makeBox();
    const { stack, box, names, open } = made;
    const network = await open(podCidr, "127.0.0.1");
    const web = { protocol: "tcp", hostPort: 8080, containerPort: 8080 } as const;
    const a = await network.attach("a_0", [web]);
    const podA = stack.use(await plugIn(box, names.bridge, a));
    {
      await using _inA = await serveAddress(podA);
      await expectAnswer(box, "127.0.0.1", "10.42.0.1");
    }
    await network.detach("a_0");
    const b = await network.attach("b_0");
    const podB = stack.use(await plugIn(box, names.bridge, b));
    await using _inBox = await serveAddress(box);
    await expectAnswer(box, "127.0.0.1", "127.0.0.1");
    // A guest of its own kernel may send there by the bridge.
    await podB.tools.setSysctl("net/ipv4/conf/eth0/route_localnet", "1");
    await podB.ip("route del local 127.0.0.0/8 dev lo table local");
    await podB.ip("route del local 127.0.0.1 dev lo table local");
    await podB.ip(`route add 127.0.0.1 via ${b.gateway}`);
    await expectAnswer(podB, b.gateway, b.address);
    expect(await ask(podB, "127.0.0.1")).toBe("none");
    expect(await box.nft(`list table bridge ${names.table}`)).toMatch(
      /ip daddr 127\.0\.0\.0\/8 counter packets [1-9]\d* .* drop/,
    );
  },
);

test.skipIf(obstacle !== undefined)(
  title("BridgeNetwork: a guest that takes another's address is not heard"),
  async () => {
    await using made = await makeBox();
    const { stack, box, names, open } = made;
    const network = await open();
    const [a, b] = [await network.attach("a_0"), await network.attach("b_0")];
    const liar = stack.use(await plugIn(box, names.bridge, { ...a, address: "10.42.0.77" }));
    const honest = stack.use(await plugIn(box, names.bridge, b));
    await using _server = await serveAddress(box);
    expect(await ask(liar, a.gateway)).toBe("none");
    await expectAnswer(honest, a.gateway, b.address);
    await liar.ip("addr del 10.42.0.77/24 dev eth0");
    await liar.ip(`addr add ${a.address}/24 dev eth0`);
    await liar.ip(`route replace default via ${a.gateway}`);
    await expectAnswer(liar, a.gateway, a.address);
  },
);

test.skipIf(obstacle !== undefined)(
  title("BridgeNetwork: attach gives the same again, also to the next daemon, and detach takes it back"),
  async () => {
    await using made = await makeBox();
    const { box, dataDir, open } = made;
    const network = await open();
    const first = await network.attach("a_0");
    expect(first).toMatchObject({ address: "10.42.0.2", prefixLength: 24, gateway: "10.42.0.1", mtu: 1500 });
    expect(first.macAddress).toBe("0a:58:0a:2a:00:02");
    expect(await network.attach("a_0")).toEqual(first);
    const next = await open();
    expect(await next.attach("a_0")).toEqual(first);
    expect((await next.attach("b_0")).address).toBe("10.42.0.3");
    await next.detach("a_0");
    await next.detach("a_0");
    expect(await box.ip("-o link show type tun")).not.toContain(first.tapName);
    expect(await box.ip(`-d -o link show dev ${networkNames(dataDir).tap("b_0")}`)).toContain("hairpin on");
    expect(readdirSync(join(dataDir, "network", "addresses"))).toEqual(["10.42.0.3"]);
  },
);

test.skipIf(obstacle !== undefined)(
  title("BridgeNetwork: reconcile makes what is missing and removes what is nobody's"),
  async () => {
    await using made = await makeBox();
    const { box, names, open } = made;
    const before = await open();
    const [kept, stale] = [await before.attach("kept_0"), await before.attach("stale_0")];
    await box.ip(`link del ${names.bridge}`);
    await box.ip(`link del ${kept.tapName}`);
    await box.nft("flush ruleset");
    const after = await open();
    await after.reconcile(new Set(["kept_0"]));
    const links = await box.ip("-o link show");
    expect(links).toMatch(new RegExp(`${kept.tapName}: .* master ${names.bridge}`));
    expect(links).not.toContain(stale.tapName);
    expect(await box.nft(`list set bridge ${names.table} ports`)).toContain(kept.macAddress);
    expect((await after.attach("new_0")).address).toBe("10.42.0.3");
  },
);

test.skipIf(obstacle !== undefined)(
  title("BridgeNetwork: rules that somebody flushed come back with the next Pod"),
  async () => {
    await using made = await makeBox();
    const { box, names, open } = made;
    const network = await open();
    await network.attach("a_0");
    await box.nft("flush ruleset");
    await network.attach("b_0");
    const rules = await box.nft("list ruleset");
    expect(rules).toContain("masquerade");
    expect(rules).toContain(names.tap("a_0"));
    expect(rules).toContain(names.tap("b_0"));
    await box.nft("flush ruleset");
    await network.detach("a_0");
    expect(await box.nft("list ruleset")).not.toContain(names.tap("a_0"));
  },
);

test.skipIf(obstacle !== undefined)(
  title("BridgeNetwork: a tap that a machine has already becomes the sandbox's"),
  async () => {
    await using made = await makeBox();
    const { box, names, open } = made;
    const network = await open();
    // As of an earlier machine, whose place it takes.
    const { address } = await network.attach("a_0");
    await box.ip("tuntap add dev spare0 mode tap");
    const planned = network.plan("a_0");
    expect(planned).toMatchObject({ address, tapName: names.tap("a_0") });
    expect(await network.attach("a_0", [], "spare0")).toEqual(planned);
    const links = await box.ip("-o link show");
    expect(links).not.toContain("spare0");
    expect(links).toMatch(new RegExp(`${names.tap("a_0")}: <[^>]*UP[^>]*>.* master ${names.bridge} `));
    await expect(network.attach("b_0", [], "spare1")).rejects.toMatchObject({ kind: "command-failed" });
    await network.detach("a_0");
    expect(await box.ip("-o link show")).not.toContain(names.tapPrefix);
  },
);

test.skipIf(obstacle !== undefined)(
  title("removeBridgeNetwork leaves nothing of a network that was opened twice"),
  async () => {
    await using made = await makeBox();
    const { box, dataDir, open } = made;
    const [links, rules] = [await box.ip("-o link show"), await box.nft("list ruleset")];
    await open();
    const network = await open();
    const gone = await network.attach("a_0");
    await network.attach("b_0");
    // It goes between the look at what is there and the removal, as a tap goes with its QEMU.
    const vanishing: typeof box.tools = {
      ...box.tools,
      run: async (program, args, input) => {
        if (args.includes("-batch")) await box.ip(`link del ${gone.tapName}`);
        return await box.tools.run(program, args, input);
      },
    };
    await removeBridgeNetwork(dataDir, vanishing);
    await removeBridgeNetwork(dataDir, box.tools);
    expect(await box.ip("-o link show")).toBe(links);
    expect(await box.nft("list ruleset")).toBe(rules);
    expect(readdirSync(dataDir)).toEqual([]);
  },
);

test.skipIf(obstacle !== undefined)(
  title("BridgeNetwork: a range that is routed elsewhere is refused"),
  async () => {
    await using made = await makeBox();
    const { stack, box, open } = made;
    const other = stack.use(await NetworkNamespace.create("other"));
    await box.connect("up0", other, "up1");
    await box.ip("addr add 10.42.7.1/16 dev up0");
    await expect(open()).rejects.toMatchObject({
      kind: "overlap",
      message: expect.stringContaining(
        "10.42.0.0/24 of this node overlaps the host's route 10.42.0.0/16 via up0",
      ),
    });
    await expect(open("fd00::/64")).rejects.toMatchObject({ kind: "invalid" });
  },
);
