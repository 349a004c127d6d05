/**
 * A Debian box with systemd and cgroup v2 in a plain QEMU machine, for what the test machine itself may not be able
 * to show. It has no network but a forwarded port on the loopback; commands go in over a serial port of their own.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { cacheFolder } from "./cache-folder.ts";

const packages = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "udev",
  "kmod",
  "linux-image-cloud-amd64",
  "initramfs-tools",
  "iproute2",
  "nftables",
  "procps",
  "ca-certificates",
  "qemu-system-x86",
  "squashfs-tools-ng",
  "squashfs-tools",
];

/** Runs each base64 line that comes in by `bash` and answers `<exit code> <base64 of the output>`. */
const commandLoop = `#!/bin/bash
exec 3<>/dev/virtio-ports/box.commands
while IFS= read -r line <&3; do
  output=$(printf '%s' "$line" | base64 -d | bash 2>&1; printf '%s' "code=$?")
  printf '%s %s\\n' "\${output##*code=}" "$(printf '%s' "\${output%code=*}" | base64 -w0)" >&3
done
`;

const commandUnit = `[Unit]
Description=Commands of the test
DefaultDependencies=no
After=sysinit.target dbus.socket
Requires=dev-virtio\\x2dports-box.commands.device
After=dev-virtio\\x2dports-box.commands.device
[Service]
ExecStart=/usr/local/sbin/box-commands
Restart=always
[Install]
WantedBy=multi-user.target
`;

const networkSetUp = `[Match]
Name=en* eth*
[Network]
DHCP=yes
`;

const shutDownTimeoutMs = 600_000;

interface BoxImage {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

async function must(command: readonly string[], options: { readonly cwd?: string } = {}): Promise<void> {
  const run = Bun.spawn([...command], { ...options, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
  ]);
  if ((await run.exited) !== 0)
    throw new Error(`${command.join(" ")} failed: ${(output + errors).slice(-2000)}`);
}

/** Makes the box's disk, or finds it in the cache. Takes some minutes the first time. */
export async function buildBoxImage(): Promise<BoxImage> {
  const inputs = [...packages, commandLoop, commandUnit, networkSetUp, debianRelease()].join("\n");
  const key = new Bun.CryptoHasher("sha256").update(inputs).digest("hex").slice(0, 16);
  const folder = join(cacheFolder(), "box", key);
  const image = {
    disk: join(folder, "root.ext4"),
    kernel: join(folder, "vmlinuz"),
    initrd: join(folder, "initrd.img"),
  };
  if (existsSync(folder)) return image;
  const work = mkdtempSync(join(cacheFolder(), "box-"));
  try {
    const tree = join(work, "tree");
    await must([
      "debootstrap",
      "--variant=minbase",
      `--include=${packages.join(",")}`,
      debianRelease(),
      tree,
    ]);
    mkdirSync(join(tree, "etc/systemd/network"), { recursive: true });
    writeFileSync(join(tree, "etc/systemd/network/10-any.network"), networkSetUp);
    writeFileSync(join(tree, "usr/local/sbin/box-commands"), commandLoop, { mode: 0o755 });
    writeFileSync(join(tree, "etc/systemd/system/box-commands.service"), commandUnit);
    writeFileSync(join(tree, "etc/hostname"), "box\n");
    writeFileSync(join(tree, "etc/hosts"), "127.0.0.1 localhost box\n");
    writeFileSync(join(tree, "etc/fstab"), "/dev/vda / ext4 defaults 0 1\n");
    await must(["chroot", tree, "systemctl", "enable", "box-commands.service", "systemd-networkd.service"]);
    await must([
      "chroot",
      tree,
      "systemctl",
      "mask",
      "systemd-timesyncd.service",
      "apt-daily.timer",
      "apt-daily-upgrade.timer",
    ]);
    await must(
      [
        "bash",
        "-c",
        "cp -L vmlinuz ../vmlinuz && cp -L initrd.img ../initrd.img && rm -rf var/cache/apt/archives/*.deb",
      ],
      { cwd: tree },
    );
    await must(["mke2fs", "-q", "-t", "ext4", "-d", tree, join(work, "root.ext4"), "6G"]);
    rmSync(tree, { recursive: true });
    mkdirSync(join(cacheFolder(), "box"), { recursive: true });
    renameSync(work, folder);
    return image;
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw error;
  }
}

function debianRelease(): string {
  const release = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  return release === undefined || release === "noble" ? "bookworm" : release;
}

export class Box {
  readonly #image: BoxImage;
  readonly #folder: string;
  readonly #forwards: ReadonlyMap<number, number>;
  #machine: Subprocess | undefined;
  #commands: Socket | undefined;
  #asked = 0;
  #pending: Promise<unknown> = Promise.resolve();

  /** `forwards` maps ports of this machine's loopback to ports of the box. */
  constructor(image: BoxImage, forwards: ReadonlyMap<number, number>) {
    this.#image = image;
    this.#forwards = forwards;
    this.#folder = mkdtempSync(join(tmpdir(), "pacific-box-"));
  }

  /** Boots the box and resolves when it takes commands. The disk's content survives from boot to boot. */
  async boot(files: Readonly<Record<string, string>> = {}): Promise<void> {
    const disk = join(this.#folder, "disk.qcow2");
    if (!existsSync(disk))
      await must(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", this.#image.disk, disk]);
    const share = join(this.#folder, "files.ext4");
    if (!existsSync(share)) await this.#makeFiles(share, files);
    const socket = join(this.#folder, "commands.sock");
    rmSync(socket, { force: true });
    const forwards = [...this.#forwards]
      .map(([here, there]) => `,hostfwd=tcp:127.0.0.1:${here}-:${there}`)
      .join("");
    this.#machine = Bun.spawn(
      [
        "qemu-system-x86_64",
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-no-reboot",
        "-M",
        "q35",
        "-accel",
        "tcg,thread=multi",
        "-cpu",
        "max",
        "-smp",
        "2",
        "-m",
        "3G",
        "-kernel",
        this.#image.kernel,
        "-initrd",
        this.#image.initrd,
        "-append",
        "root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 systemd.unified_cgroup_hierarchy=1",
        "-drive",
        `file=${disk},if=virtio,format=qcow2,cache=writeback`,
        "-drive",
        `file=${share},if=virtio,format=raw,readonly=on`,
        "-netdev",
        `user,id=net,restrict=on${forwards}`,
        "-device",
        "virtio-net-pci,netdev=net",
        "-device",
        "virtio-serial",
        "-chardev",
        `socket,id=commands,path=${socket},server=on,wait=off`,
        "-device",
        "virtserialport,chardev=commands,name=box.commands",
        "-serial",
        `file:${join(this.#folder, "console.log")}`,
      ],
      { stdin: "ignore", stdout: "ignore", stderr: Bun.file(join(this.#folder, "qemu.log")) },
    );
    this.#commands = await this.#connect(socket, Date.now() + 300_000);
    await this.run("mkdir -p /files && (mountpoint -q /files || mount -o ro /dev/vdb /files)", 300_000);
  }

  /** Runs a shell command in the box; throws when it fails, unless `check` is false. */
  async run(command: string, timeoutMs = 120_000, check = true): Promise<string> {
    const answer = this.#pending.then(() => this.#exchange(command, timeoutMs));
    this.#pending = answer.catch(() => undefined);
    const { code, output } = await answer;
    if (check && code !== 0) throw new Error(`In the box, ${command} failed with ${code}: ${output}`);
    return output;
  }

  /** Polls a command until it succeeds. */
  async until(command: string, timeoutMs: number): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    let last = "";
    while (Date.now() < deadline) {
      last = await this.run(
        `if output=$(${command}); then echo "$output"; else echo "$output"; false; fi`,
        timeoutMs,
        true,
      ).catch((error: Error) => `failed: ${error.message}`);
      if (!last.startsWith("failed: ")) return last;
      await Bun.sleep(500);
    }
    throw new Error(`In the box, ${command} did not succeed within ${timeoutMs} ms: ${last}`);
  }

  console(): string {
    return readFileSync(join(this.#folder, "console.log"), "latin1");
  }

  /** Ends the machine at once, as a power cut does: what its disk was not told to flush is lost. */
  async powerCut(): Promise<void> {
    this.#commands?.destroy();
    this.#machine?.kill("SIGKILL");
    await this.#machine?.exited;
    this.#machine = undefined;
  }

  /** Runs a command that ends the machine, and waits until its system has shut down. */
  async shutDown(command: string): Promise<void> {
    // Its answer may or may not come before the machine's end.
    await this.run(command, shutDownTimeoutMs).catch(() => undefined);
    const timer = setTimeout(() => this.#machine?.kill("SIGKILL"), shutDownTimeoutMs);
    const code = await this.#machine?.exited;
    clearTimeout(timer);
    if (code !== 0) throw new Error(`The box did not shut down: ${this.console().slice(-1500)}`);
    await this.powerCut();
  }

  async remove(): Promise<void> {
    await this.powerCut();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #makeFiles(path: string, files: Readonly<Record<string, string>>): Promise<void> {
    const tree = join(this.#folder, "files");
    mkdirSync(tree);
    for (const [name, source] of Object.entries(files)) {
      mkdirSync(join(tree, name, ".."), { recursive: true });
      await must(["cp", "-rL", source, join(tree, name)]);
    }
    await must(["mke2fs", "-q", "-t", "ext4", "-d", tree, path, "1G"]);
    rmSync(tree, { recursive: true });
  }

  async #connect(path: string, deadline: number): Promise<Socket> {
    for (;;) {
      if (this.#machine?.exitCode !== null)
        throw new Error(`The box ended: ${readFileSync(join(this.#folder, "qemu.log"), "utf8")}`);
      const socket = await new Promise<Socket | undefined>((resolve) => {
        const attempt = createConnection(path, () => resolve(attempt)).once("error", () =>
          resolve(undefined),
        );
      });
      if (socket) return socket;
      if (Date.now() > deadline) throw new Error("The box's command port did not appear");
      await Bun.sleep(100);
    }
  }

  #exchange(command: string, timeoutMs: number): Promise<{ readonly code: number; readonly output: string }> {
    const socket = this.#commands;
    if (!socket) throw new Error("The box is not running");
    return new Promise((resolve, reject) => {
      let text = "";
      // The answer of an earlier command, which nobody waits for any more, may come first.
      const mark = `${++this.#asked}\n`;
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        socket.off("data", onData).off("close", onClose);
        settle();
      };
      const onClose = (): void => finish(() => reject(new Error(`The box went away during: ${command}`)));
      const onData = (data: Buffer): void => {
        text += data.toString("latin1");
        const lines = text.split("\n");
        text = lines.pop() ?? "";
        for (const line of lines) {
          const [code, encoded = ""] = line.split(" ");
          const output = Buffer.from(encoded, "base64").toString();
          if (!output.startsWith(mark)) continue;
          const answer = { code: Number(code), output: output.slice(mark.length).trimEnd() };
          finish(() => resolve(answer));
        }
      };
      const timer = setTimeout(
        () =>
          finish(() =>
            reject(
              new Error(
                `In the box, ${command} took more than ${timeoutMs} ms; console: ${this.console().slice(-1500)}`,
              ),
            ),
          ),
        timeoutMs,
      );
      socket.on("data", onData).on("close", onClose);
      socket.write(`${Buffer.from(`echo ${mark}${command}`).toString("base64")}\n`);
    });
  }
}
