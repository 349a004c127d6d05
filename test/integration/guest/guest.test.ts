import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { FieldWriter } from "../../../agent/runtime/crx/channel/fields.ts";
import {
  entryKind,
  frameType,
  mountKind,
  mountOption,
  processOption,
  tag,
} from "../../../agent/runtime/crx/channel/protocol.ts";
import { readGuestStats } from "../../../agent/runtime/crx/guest/guest-stats.ts";
import { volumeRequests } from "../../../agent/runtime/crx/guest/volume-requests.ts";
import type { SandboxVolume, VolumeEntry } from "../../../agent/runtime/runtime.ts";
import { BusyboxGuest } from "./busybox-guest.ts";
import { type Fill, type GuestSession, type Outcome, readAll } from "./guest-session.ts";
import { wire } from "./wire.ts";

setDefaultTimeout(600_000);

const busybox = new BusyboxGuest();
const { missing, output } = busybox;
let guest: GuestSession;

beforeAll(async () => {
  if (!missing) guest = await busybox.start();
});

afterAll(() => busybox.end());

const withOptions =
  (bits: number): Fill =>
  (fields) =>
    fields.u32(tag.options, bits);

describe.skipIf(missing !== "")(`a guest${missing}`, () => {
  test("takes its identity: entropy, clock, host name, files and kernel settings", async () => {
    const now = Date.UTC(2031, 4, 6, 7, 8, 9);
    await guest.request(frameType.configure, (fields) =>
      fields
        .text(tag.sysctl, "net.core.somaxconn=321")
        .bytes(tag.resolvConf, Buffer.from("nameserver 10.43.0.10\n"))
        .bytes(tag.hosts, Buffer.from("10.42.0.7 web\n"))
        .text(tag.hostname, "web-1")
        .u64(tag.clock, BigInt(now) * 1_000_000n)
        .bytes(tag.entropy, crypto.getRandomValues(new Uint8Array(64))),
    );
    const script =
      "hostname; cat /etc/hostname /etc/resolv.conf /etc/hosts /proc/sys/net/core/somaxconn; date -u +%Y-%m-%dT%H";
    expect((await output(script)).split("\n")).toEqual([
      "web-1",
      "web-1",
      "nameserver 10.43.0.10",
      "10.42.0.7 web",
      "321",
      "2031-05-06T07",
    ]);
  });

  test("says which step of its identity failed", async () => {
    const wrong = guest.request(frameType.configure, (fields) => fields.text(tag.sysctl, "no.such.thing=1"));
    await expect(wrong).rejects.toThrow("SYSCTL no/such/thing: No such file or directory");
    const group = new FieldWriter().bytes(tag.mac, new Uint8Array(5));
    const network = guest.request(frameType.configure, (fields) => fields.group(tag.network, group));
    await expect(network).rejects.toThrow("NETWORK: expected MAC, ADDRESS and PREFIX_LENGTH");
  });

  test("gives a container the capabilities of the container world and no more", async () => {
    const effective = "grep CapEff /proc/self/status | cut -f2";
    expect(await output(effective)).toBe("00000000a80425fb");
    expect(await output(effective, (fields) => fields.text(tag.capDrop, "ALL"))).toBe("0000000000000000");
    expect(await output(effective, (fields) => fields.text(tag.capAdd, "NET_ADMIN"))).toBe(
      "00000000a80435fb",
    );
    expect(await output(effective, (fields) => fields.text(tag.user, "web"))).toBe("0000000000000000");
    expect(await output(effective, withOptions(processOption.privileged))).toBe("000001ffffffffff");
  });

  test("finds users in the image and adds the groups asked for", async () => {
    const supplemental: Fill = (fields) => fields.text(tag.user, "web").u32(tag.groupId, 2000);
    expect(await output("id; echo $HOME", supplemental)).toBe(
      "uid=100(web) gid=101(web) groups=101(web),2000\n/",
    );
    expect(await output("id -u; id -g", (fields) => fields.text(tag.user, "77:88"))).toBe("77\n88");
  });

  test("keeps a container from the machine's devices and the kernel's settings", async () => {
    const script = [
      "mknod /tmp/disk b 254 0 && ! cat /tmp/disk 2>/dev/null && echo no disk",
      "! echo 1 2>/dev/null >/proc/sys/vm/overcommit_memory && echo no settings",
      "test ! -s /proc/keys && echo no keys",
      "! mkdir /sys/fs/cgroup/mine 2>/dev/null && echo no groups",
      "cat /proc/self/cgroup",
      "set -- /proc/[0-9]*; echo $#",
    ].join("; ");
    expect((await output(script)).split("\n")).toEqual([
      "no disk",
      "no settings",
      "no keys",
      "no groups",
      "0::/",
      "1",
    ]);
  });

  test("makes a root read-only, and lets a tmpfs on it be written", async () => {
    const mount = new FieldWriter()
      .u32(tag.mountKind, 1)
      .text(tag.mountTarget, "/scratch/deep")
      .u64(tag.size, 65536n);
    const readOnly: Fill = (fields) =>
      fields.u32(tag.options, processOption.readOnlyRoot).group(tag.mount, mount);
    const script =
      "touch /x 2>/dev/null || echo no; echo yes >/scratch/deep/x; cat /scratch/deep/x; df /scratch/deep";
    expect(await output(script, readOnly)).toMatch(/^no\nyes\n.*\n.* 64 /);
  });

  test("shares a volume among containers", async () => {
    const mount = (target: string, options: number): FieldWriter =>
      new FieldWriter()
        .u32(tag.mountKind, 2)
        .text(tag.mountSource, "data")
        .text(tag.mountTarget, target)
        .u32(tag.mountOptions, options);
    await output("echo shared >/data/x", (fields) => fields.group(tag.mount, mount("/data", 0)));
    const read = await output("cat /other/x; touch /other/y 2>/dev/null || echo read-only", (fields) =>
      fields.group(tag.mount, mount("/other", 1)),
    );
    expect(read).toBe("shared\nread-only");
  });

  test("keeps a volume that the host has filled, in pieces if need be", async () => {
    const large = Buffer.alloc(600_000, "0123456789");
    const entries: VolumeEntry[] = [
      { kind: "folder", path: "..v1", mode: 0o2750, group: 70 },
      {
        kind: "file",
        path: "..v1/token",
        mode: 0o640,
        owner: 100,
        group: 70,
        content: Buffer.from("secret"),
      },
      { kind: "file", path: "..v1/large", mode: 0o444, content: large },
      { kind: "link", path: "..data", target: "..v1" },
      { kind: "link", path: "token", target: "..data/token" },
    ];
    const requests = [...volumeRequests({ name: "conf", mode: 0o1777, entries })];
    expect(requests.length).toBeGreaterThan(2);
    // A daemon that ended after the first left the rest to the next one.
    const [first] = requests;
    for (const fields of [first, ...requests]) {
      await guest.request(frameType.writeVolume, () => fields ?? new FieldWriter());
    }
    await expect(guest.request(frameType.writeVolume, () => first ?? new FieldWriter())).rejects.toThrow(
      "volume conf is complete",
    );
    const mount = new FieldWriter()
      .u32(tag.mountKind, mountKind.volume)
      .text(tag.mountSource, "conf")
      .text(tag.mountTarget, "/etc/conf")
      .u32(tag.mountOptions, mountOption.readOnly);
    const script = [
      "cd /etc/conf",
      "stat -c '%a %u:%g %F' . ..v1 ..v1/token token",
      "cat token; echo; readlink token; md5sum <..v1/large",
      "touch x 2>/dev/null || echo read-only",
    ].join("; ");
    expect((await output(script, (fields) => fields.group(tag.mount, mount))).split("\n")).toEqual([
      "1777 0:0 directory",
      "2750 0:70 directory",
      "640 100:70 regular file",
      "777 0:0 symbolic link",
      "secret",
      "..data/token",
      `${new Bun.CryptoHasher("md5").update(large).digest("hex")}  -`,
      "read-only",
    ]);
  });

  test("gives a volume new contents at once, and says which version it has", async () => {
    const version = (name: string, files: readonly string[]): VolumeEntry[] => [
      { kind: "folder", path: name, mode: 0o755 },
      ...files.map((file) => {
        const content = Buffer.from(name);
        return { kind: "file", path: `${name}/${file}`, mode: 0o644, content } as const;
      }),
      { kind: "link", path: "..data", target: name },
      ...files.map((file) => ({ kind: "link", path: file, target: `..data/${file}` }) as const),
    ];
    const send = async (type: number, volume: Pick<SandboxVolume, "version" | "entries">): Promise<void> => {
      for (const fields of volumeRequests({ name: "live", mode: 0o1777, ...volume })) {
        await guest.request(type, () => fields);
      }
    };
    await expect(send(frameType.updateVolume, { entries: [] })).rejects.toThrow(
      "volume live was not written",
    );
    await send(frameType.writeVolume, { version: "1", entries: version("..v1", ["a", "b"]) });
    const mount = new FieldWriter()
      .u32(tag.mountKind, mountKind.volume)
      .text(tag.mountSource, "live")
      .text(tag.mountTarget, "/live")
      .u32(tag.mountOptions, mountOption.readOnly);
    await guest.create("watcher", ["sh", "-c", "exec sleep 1000"], (fields) =>
      fields.group(tag.mount, mount),
    );
    await guest.start("watcher");
    const look = async (): Promise<string> =>
      (await guest.exec("watcher", ["sh", "-c", "cd /live; ls -A | tr '\\n' ' '; cat a c 2>/dev/null"]))
        .stdout;
    expect(await look()).toBe("..data ..v1 a b ..v1");
    await send(frameType.updateVolume, { version: "2", entries: version("..v2", ["a", "c"]) });
    expect(await look()).toBe("..data ..v2 a c ..v2..v2");
    // A daemon that ended on the way leaves what was there, and nothing in the end.
    const large = { kind: "file", path: "..v3/a", mode: 0o644, content: Buffer.alloc(600_000) } as const;
    const broken: VolumeEntry[] = [{ kind: "folder", path: "..v3", mode: 0o755 }, large];
    const [first = new FieldWriter()] = volumeRequests({ name: "live", mode: 0, entries: broken });
    await guest.request(frameType.updateVolume, () => first);
    expect(await look()).toBe("..data ..v2 ..v3 a c ..v2..v2");
    expect(await listedVersion("live")).toBe(undefined);
    await send(frameType.updateVolume, { version: "4", entries: version("..v4", ["a"]) });
    expect(await look()).toBe("..data ..v4 a ..v4");
    expect(await listedVersion("live")).toBe("4");
    await guest.request(frameType.signal, (fields) =>
      fields.text(tag.container, "watcher").u32(tag.signalNumber, 9),
    );
    await guest.exit("container-exited", (fields) => fields.text(tag.container) === "watcher");
    await guest.request(frameType.removeContainer, (fields) => fields.text(tag.container, "watcher"));
  });

  async function listedVersion(name: string): Promise<string | undefined> {
    const volumes = (await guest.request(frameType.list)).groups(tag.volumeGroup);
    return volumes.find((volume) => volume.text(tag.mountSource) === name)?.text(tag.volumeVersion);
  }

  test("mounts parts of a volume, and shows mounts to those who ask for them", async () => {
    const mount = (target: string, subPath?: string, options = 0): FieldWriter =>
      new FieldWriter()
        .u32(tag.mountKind, mountKind.volume)
        .text(tag.mountSource, "parts")
        .text(tag.mountTarget, target)
        .text(tag.mountSubPath, subPath)
        .u32(tag.mountOptions, options);
    const prepare = (subPath: string): Promise<unknown> =>
      guest.request(frameType.prepareSubPath, (fields) =>
        fields.text(tag.mountSource, "parts").text(tag.mountSubPath, subPath),
      );
    await guest.request(frameType.writeVolume, (fields) =>
      fields.text(tag.mountSource, "parts").u32(tag.volumeParts, 3).u32(tag.mode, 0o2770).u32(tag.groupId, 7),
    );
    await prepare("a/b");
    const script =
      "cd /all; stat -c '%a %g' a/b; ln -s / out; ln -s a in; echo text >a/file; ln -s ../.. a/up";
    expect(await output(script, (fields) => fields.group(tag.mount, mount("/all")))).toBe("2770 7");
    for (const path of ["out/etc", "a/up", "../x"]) {
      await expect(prepare(path)).rejects.toThrow("leads out of the volume");
    }
    await expect(prepare("a/file/x")).rejects.toThrow("Not a directory");
    const read = async (path: string): Promise<string | undefined> =>
      (
        await guest.request(frameType.readFile, (fields) =>
          fields.text(tag.mountSource, "parts").text(tag.mountSubPath, path),
        )
      )
        .bytes(tag.content)
        ?.toString();
    expect(await read("in/file")).toBe("text\n");
    await expect(read("a/none")).rejects.toThrow("No such file");
    for (const path of ["out/etc/passwd", "a/up/x"]) {
      await expect(read(path)).rejects.toThrow("leads out of the volume");
    }
    await expect(read("a")).rejects.toThrow("Invalid argument");
    const part = (fields: FieldWriter): FieldWriter =>
      fields.group(tag.mount, mount("/etc/passwd", "in/file", mountOption.readOnly));
    expect(await output("cat /etc/passwd; echo x 2>&1 >/etc/passwd || true", part)).toMatch(
      /^text\n.*Read-only/,
    );
    await expect(output("true", (fields) => fields.group(tag.mount, mount("/x", "out/etc")))).rejects.toThrow(
      "open out/etc of volume parts",
    );
    await guest.request(frameType.removeContainer, (fields) =>
      fields.text(tag.container, busybox.lastContainer),
    );

    const privileged = (fields: FieldWriter): FieldWriter =>
      fields.u32(tag.options, processOption.privileged);
    const sees = (options: number, command: string): Promise<string> =>
      output(command, (fields) => privileged(fields.group(tag.mount, mount("/all", undefined, options))));
    const make = "mkdir /all/m1 && mount -t tmpfs none /all/m1 && echo made >/all/m1/x";
    await sees(0, make);
    expect(await sees(mountOption.slave, "cat /all/m1/x 2>/dev/null || echo nothing")).toBe("nothing");
    await sees(mountOption.shared, make.replaceAll("m1", "m2"));
    expect(await sees(mountOption.slave, "cat /all/m2/x")).toBe("made");
    const fixed = mountOption.readOnly | mountOption.recursive;
    expect(await sees(fixed, "touch /all/m2/y 2>/dev/null || echo read-only")).toBe("read-only");
  });

  test("limits an empty volume, and takes no more volumes than it has room for", async () => {
    const write = (name: string, parts: number, fill: Fill = (fields) => fields): Promise<unknown> =>
      guest.request(frameType.writeVolume, (fields) =>
        fill(fields.text(tag.mountSource, name).u32(tag.volumeParts, parts)),
      );
    await write("small", 3, (fields) =>
      fields.u64(tag.size, 65536n).u32(tag.mode, 0o2777).u32(tag.groupId, 7),
    );
    const mount = new FieldWriter()
      .u32(tag.mountKind, mountKind.volume)
      .text(tag.mountSource, "small")
      .text(tag.mountTarget, "/small");
    const script = "stat -c '%a %g' /small; head -c 99999 /dev/zero >/small/x || wc -c </small/x";
    expect(await output(script, (fields) => fields.group(tag.mount, mount))).toBe("2777 7\n65536");
    const entry = (path: string): Fill => {
      const group = new FieldWriter().u32(tag.entryKind, entryKind.file).text(tag.path, path);
      return (fields) => fields.group(tag.entry, group);
    };
    await expect(write("bad", 1, entry("../x"))).rejects.toThrow("ENTRY: PATH leads out of the volume");
    await expect(write("bad", 0, entry("x"))).rejects.toThrow("volume bad was not begun");
    await expect(write("tiny", 1, (fields) => entry("a/b")(fields.u64(tag.size, 4096n)))).rejects.toThrow(
      "volume tiny: a/b: No such file or directory",
    );
    await expect(write("../x", 1)).rejects.toThrow("expected an id");
  });

  test("ends everything in a container when its first process ends", async () => {
    expect(await output("sleep 1000 & echo started")).toBe("started");
  });

  test("kills a container as a whole when it meets its memory limit", async () => {
    const script = "sleep 1000 & a=x; while :; do a=$a$a; done";
    const limit: Fill = (fields) => fields.u64(tag.memoryMax, 8n << 20n);
    const outcome = await guest.run(busybox.nextContainer(), ["sh", "-c", script], limit);
    expect(outcome).toMatchObject({ exitCode: 137, signal: 9, oomKilled: true });
  });

  test("gives an exec the container's namespaces, environment and user", async () => {
    await guest.create("long", ["sleep", "1000"], (fields) =>
      fields.text(tag.user, "web").list(tag.env, ["ONE=1", "TWO=2"]).text(tag.cwd, "/tmp"),
    );
    await guest.start("long");
    const outcome = await guest.exec(
      "long",
      ["sh", "-c", "id -u; pwd; echo $ONE $TWO; cat /proc/1/comm"],
      (fields) => fields.list(tag.env, ["TWO=two"]),
    );
    expect(outcome.stdout.split("\n")).toEqual(["100", "/tmp", "1 two", "sleep", ""]);
    expect((await guest.exec("long", ["sh", "-c", "kill -9 $$"])).exitCode).toBe(137);
  });

  test("runs many containers and execs at a time", async () => {
    const many = Array.from({ length: 40 }, (_, i) => i);
    const script = (i: number): string[] => ["sh", "-c", `echo out ${i}; echo err ${i} >&2; exit ${i}`];
    const check = (outcomes: readonly Outcome[]): void => {
      for (const [i, { stdout, stderr, exitCode }] of outcomes.entries()) {
        expect([stdout, stderr, exitCode]).toEqual([`out ${i}\n`, `err ${i}\n`, i]);
      }
    };
    check(await Promise.all(many.map((i) => guest.run(`many${i}`, script(i)))));
    check(await Promise.all(many.map((i) => guest.exec("long", script(i)))));
    const list = await guest.request(frameType.list);
    const left = list.groups(tag.containerGroup).map((group) => group.text(tag.container));
    expect(left).toEqual(["long"]);
    expect(list.groups(tag.execGroup).length).toBe(0);
  });

  test("tells how much a container uses", async () => {
    const stats = await guest.request(wire("TYPE_STATS"), (fields) => fields.text(tag.container, "long"));
    const [group] = stats.groups(tag.containerGroup);
    expect(Number(group?.u64(wire("TAG_CPU_USAGE")))).toBeGreaterThan(0);
    expect(Number(group?.u64(wire("TAG_MEMORY_CURRENT")))).toBeGreaterThan(10_000);
    expect(group?.u32(wire("TAG_PIDS_CURRENT"))).toBe(1);
    const all = await guest.request(wire("TYPE_STATS"));
    const { machine: whole, pods, containers: running } = readGuestStats(all);
    expect(whole.memoryBytes).toBeGreaterThan(128 << 20);
    expect(whole.memoryAvailableBytes).toBeLessThan(whole.memoryBytes);
    const [long] = running;
    expect(long?.usage.processes).toMatchObject({ processCount: 1, openSocketCount: 0 });
    expect(long?.usage.processes?.openFileCount).toBeGreaterThanOrEqual(3);
    expect(long?.usage.cpu).toMatchObject({ periodMicroseconds: 100_000 });
    expect(long?.usage.memory.peakBytes).toBeGreaterThanOrEqual(long?.usage.memory.usedBytes ?? 0);
    const { pressures } = long?.usage ?? {};
    expect(pressures?.cpu?.some.totalMicroseconds).toBeGreaterThan(0);
    for (const each of [pressures?.memory, pressures?.io, pods?.pressures?.cpu]) expect(each).toBeDefined();
    const disks = pods?.disks.filter(({ device }) => device.startsWith("/dev/vd")) ?? [];
    expect(disks.reduce((sum, { readBytes }) => sum + readBytes, 0)).toBeGreaterThan(4096);
    expect(long?.usage.memory.workingSetBytes).toBeGreaterThan(10_000);
    expect(pods?.memory.usedBytes).toBeGreaterThanOrEqual(long?.usage.memory.usedBytes ?? 0);
    expect(pods?.cpuNanoseconds).toBeGreaterThanOrEqual(long?.usage.cpuNanoseconds ?? 0);
    const asRoot: Fill = (fields) => fields.text(tag.user, "0");
    await guest.exec("long", ["sh", "-c", "head -c 3000000 /dev/zero > /filled"], asRoot);
    const later = readGuestStats(await guest.request(wire("TYPE_STATS"))).containers[0];
    const grownBytes = (later?.root?.usedBytes ?? 0) - (long?.root?.usedBytes ?? 0);
    expect(grownBytes).toBeGreaterThanOrEqual(3_000_000);
    expect(grownBytes).toBeLessThan(3_200_000);
    await guest.exec("long", ["rm", "/filled"], asRoot);
  });

  test("refuses what does not fit, in words, and goes on", async () => {
    const refusals: Array<[number, Fill, string]> = [
      [0x7f, (fields) => fields, "request type 0x7f"],
      [frameType.createContainer, (fields) => fields, "expected an id"],
      [frameType.createContainer, (fields) => fields.text(tag.container, "../x"), "expected an id"],
      [
        frameType.startContainer,
        (fields) => fields.text(tag.container, "none"),
        "there is no container none",
      ],
      [frameType.exec, (fields) => fields.text(tag.container, "long"), "ARG is missing"],
      [frameType.connect, (fields) => fields.u32(tag.port, 70_000), "PORT is 70000, expected 1 to 65535"],
      [frameType.connect, (fields) => fields.u32(tag.port, 9), "Connection refused"],
      [frameType.removeContainer, (fields) => fields.text(tag.container, "long"), "container long runs"],
      [
        frameType.mountDisk,
        (fields) =>
          fields
            .text(tag.disk, "late")
            .text(tag.diskSerial, "none")
            .text(tag.fileSystem, "squashfs")
            .u32(wire("TAG_TIMEOUT"), 100),
        "disk late: no virtio-blk device none appeared in time",
      ],
    ];
    for (const [type, fill, text] of refusals) await expect(guest.request(type, fill)).rejects.toThrow(text);
    await guest.request(frameType.ping);
  });

  test("leaves the other containers what they have when it cannot make one", async () => {
    const answer = await guest.create("spared", ["echo", "unharmed"]);
    const stdout = readAll(guest.read(answer.needU32(tag.stdout)));
    const stderr = readAll(guest.read(answer.needU32(tag.stderr)));
    const onNoDisk: Fill = (fields) =>
      fields.text(tag.container, "bad").text(tag.disk, "no").text(tag.arg, "x");
    await expect(guest.request(frameType.createContainer, onNoDisk)).rejects.toThrow(
      "container bad: its image disk is not mounted",
    );
    await guest.start("spared");
    expect(await stdout).toBe("unharmed\n");
    expect(await stderr).toBe("");
    await guest.exit("container-exited", (fields) => fields.text(tag.container) === "spared");
    await guest.request(frameType.removeContainer, (fields) => fields.text(tag.container, "spared"));
  });

  test("powers the machine off", async () => {
    const stopped = await busybox.machine.listenFor("SHUTDOWN");
    await guest.request(wire("TYPE_POWER_OFF")).catch(() => {});
    expect(await stopped()).toMatchObject({ guest: true, reason: "guest-shutdown" });
  });
});
