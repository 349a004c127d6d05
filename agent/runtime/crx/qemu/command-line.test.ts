import { describe, expect, test } from "bun:test";
import { diskFrontend, type MachineOptions, qemuCommandLine } from "./command-line.ts";

const options: MachineOptions = {
  directory: "/data/sandboxes/a1",
  ports: { monitor: 3, control: 4, streams: 5, files: 7 },
  accelerator: "tcg",
  cpuCount: 2,
  memoryBytes: 256 << 20,
  kernel: {
    kernelPath: "/images/vmlinux",
    initrdPath: "/images/initramfs",
    kernelArguments: "quiet panic=-1",
  },
  disks: [{ descriptor: 6, serial: "0123456789abcdef0123" }],
};

function valuesOf(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, at) => (arg === option ? [args[at + 1] ?? ""] : []));
}

describe("qemuCommandLine", () => {
  test("makes the machine of the design under TCG", () => {
    const args = qemuCommandLine(options);
    expect(valuesOf(args, "-M")).toEqual([
      "q35,usb=off,vmport=off,sata=off,smbus=off,hpet=off,memory-backend=ram",
    ]);
    expect(valuesOf(args, "-accel")).toEqual(["tcg,thread=multi,tb-size=24"]);
    expect(valuesOf(args, "-m")).toEqual(["256M"]);
    expect(valuesOf(args, "-smp")).toEqual(["2"]);
    expect(valuesOf(args, "-append")).toEqual(["quiet panic=-1"]);
    expect(valuesOf(args, "-name")).toEqual(["guest=/data/sandboxes/a1"]);
    expect(valuesOf(args, "-chardev")).toContain("socket,id=monitor,fd=3,server=on,wait=off");
    expect(valuesOf(args, "-nic")).toEqual(["none"]);
    expect(args).toContain("-nodefaults");
  });

  test("keeps a stopped, reset or panicked guest to be asked for the reason", () => {
    expect(valuesOf(qemuCommandLine(options), "-action")).toEqual([
      "reboot=shutdown,shutdown=pause,panic=pause",
    ]);
  });

  test("takes the host's processor under KVM", () => {
    const args = qemuCommandLine({ ...options, accelerator: "kvm" });
    expect(valuesOf(args, "-accel")).toEqual(["kvm"]);
    expect(valuesOf(args, "-cpu")).toEqual(["host"]);
  });

  test("attaches disks read-only, by their descriptors", () => {
    const args = qemuCommandLine(options);
    expect(valuesOf(args, "-add-fd")).toEqual(["fd=6,set=6"]);
    const [blockdev] = valuesOf(args, "-blockdev");
    expect(JSON.parse(blockdev ?? "")).toEqual({
      driver: "raw",
      "node-name": "image-0123456789abcdef0123",
      "read-only": true,
      file: { driver: "file", filename: "/dev/fdset/6", "read-only": true },
    });
  });

  test("has a bridge for disks that come later", () => {
    expect(valuesOf(qemuCommandLine(options), "-device")).toContain("pcie-pci-bridge,id=hotplug");
    expect(diskFrontend("s", 17)).toMatchObject({ bus: "hotplug", addr: "11" });
  });

  test("puts the network card on the given tap", () => {
    const network = { tap: 7, macAddress: "02:00:00:00:00:01" };
    const args = qemuCommandLine({ ...options, network });
    expect(valuesOf(args, "-netdev")).toEqual(["tap,id=net,fd=7"]);
    expect(valuesOf(args, "-device")).toContain(
      "virtio-net-pci,netdev=net,mac=02:00:00:00:00:01,disable-legacy=on,romfile=",
    );
    expect(valuesOf(args, "-nic")).toEqual([]);
  });

  test("makes a clone like its template but for the kernel and who owns the memory", () => {
    const limits = { memory: 3, podDisk: 9 };
    const room = { maxCpuCount: 4, maxMemoryBytes: 2 ** 30 };
    const { kernel, ...rest } = { ...options, disks: [], cpuCount: 1, room };
    const template = qemuCommandLine({
      ...rest,
      ...(kernel && { kernel }),
      cloning: { role: "template", ...limits },
    });
    const clone = qemuCommandLine({ ...rest, cloning: { role: "clone", ...limits } });
    expect(valuesOf(clone, "-incoming")).toEqual(["defer"]);
    expect(valuesOf(clone, "-kernel")).toEqual([]);
    expect(valuesOf(clone, "-smp")).toEqual(["1,maxcpus=4"]);
    expect(valuesOf(clone, "-object")).toEqual([
      "memory-backend-file,id=ram,size=256M,mem-path=/proc/self/fd/3,share=off",
    ]);
    expect(valuesOf(clone, "-device").filter((device) => device.includes("werror"))).toHaveLength(1);
    expect(valuesOf(template, "-object")[0]).toEndWith("share=on");
    for (const option of ["-device", "-blockdev", "-m", "-smp", "-M", "-cpu"])
      expect(valuesOf(template, option)).toEqual(valuesOf(clone, option));
    // What gives memory back to the host would take it out of the template.
    expect([...template, ...clone].join(" ")).not.toMatch(/balloon|reporting/);
  });

  test("loads the code trimmer where code is translated, and tells it the size of the buffer", () => {
    const trimming = { ...options, codeTrimmer: "/code,trimmer" };
    const emulating = qemuCommandLine({ ...trimming, accelerator: "tcg", rehearses: true });
    expect(valuesOf(emulating, "-accel")).toEqual(["tcg,thread=multi,tb-size=32"]);
    expect(valuesOf(emulating, "-plugin")).toEqual([`/code,,trimmer,bytes=${32 << 20}`]);
    expect(valuesOf(qemuCommandLine({ ...trimming, accelerator: "kvm" }), "-plugin")).toEqual([]);
    expect(valuesOf(qemuCommandLine({ ...options, accelerator: "tcg" }), "-plugin")).toEqual([]);
  });

  test("leaves room for what a machine that boots may come to have", () => {
    const room = { maxCpuCount: 4, maxMemoryBytes: 2 ** 30 };
    const args = qemuCommandLine({ ...options, room });
    expect(valuesOf(args, "-smp")).toEqual(["2,maxcpus=4"]);
    expect(valuesOf(args, "-m")).toEqual(["256M,maxmem=1024M"]);
  });

  test("rounds memory up to whole mebibytes", () => {
    expect(valuesOf(qemuCommandLine({ ...options, memoryBytes: (128 << 20) + 1 }), "-m")).toEqual(["129M"]);
  });
});
