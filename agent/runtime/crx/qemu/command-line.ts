export interface DiskDevice {
  readonly path: string;
  /** At most 20 characters: what the guest finds the disk by. */
  readonly serial: string;
}

export interface MachineOptions {
  /** Absolute folder of the sandbox: QEMU's working directory, where its sockets are. */
  readonly directory: string;
  readonly sandboxId: string;
  readonly accelerator: "kvm" | "tcg";
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly kernelPath: string;
  readonly initrdPath: string;
  readonly kernelArguments: string;
  readonly network?: { readonly tapName: string; readonly macAddress: string };
  /** Disks that are there from the start; more can be plugged in later. */
  readonly disks: readonly DiskDevice[];
}

/** The bridge that disks are plugged into while the machine runs, at slots 1 to `hotplugSlots`. */
export const hotplugBus = "hotplug";
export const hotplugSlots = 30;
export const qmpSocketName = "qmp.sock";
export const controlSocketName = "control.sock";
export const streamsSocketName = "streams.sock";
/** The option whose value, inside the sandbox's folder, tells this QEMU from every other process. */
export const pidFileOption = "-pidfile";
const pidFileName = "qemu.pid";
/** Holds the last 64 KiB of the guest's console, read with QMP `ringbuf-read`. */
export const consoleChardev = "console";

const mebibyte = 1 << 20;

/**
 * QEMU's arguments for a sandbox's machine (QEMU 7.2 to 10). A guest that stops, resets or panics leaves QEMU paused,
 * so that the reason can be asked for afterwards, also by a daemon that was away when it happened.
 */
export function qemuCommandLine(options: MachineOptions): string[] {
  const memory = `${Math.ceil(options.memoryBytes / mebibyte)}M`;
  return [
    ["-name", `guest=pacific-${options.sandboxId}`],
    [pidFileOption, `${options.directory}/${pidFileName}`],
    ["-nodefaults", "-no-user-config"],
    ["-display", "none"],
    ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ["-M", "q35,usb=off,vmport=off,sata=off,smbus=off,hpet=off,memory-backend=ram"],
    ["-accel", options.accelerator === "kvm" ? "kvm" : "tcg,thread=multi,tb-size=16"],
    // With fast string operations the guest's kernel copies byte by byte, which costs TCG five times as much.
    ["-cpu", options.accelerator === "kvm" ? "host" : "max,-erms"],
    ["-smp", `${options.cpuCount}`],
    ["-m", memory],
    ["-object", `memory-backend-ram,id=ram,size=${memory},share=off`],
    ["-action", "reboot=shutdown,shutdown=pause,panic=pause"],
    ["-rtc", "base=utc"],
    ["-kernel", options.kernelPath, "-initrd", options.initrdPath, "-append", options.kernelArguments],
    ["-qmp", `unix:${qmpSocketName},server=on,wait=off`],
    ...guestDevices(),
    ...networkDevice(options.network),
    ...options.disks.flatMap((disk) => [
      ["-blockdev", keyList(diskBackend(disk))],
      ["-device", keyList(diskFrontend(disk))],
    ]),
    // One bridge with many slots: each pcie-root-port, which holds one device, costs a boot under TCG 20 ms.
    ["-device", `pcie-pci-bridge,id=${hotplugBus}`],
  ].flat();
}

/** The block node for a read-only disk, as `-blockdev` and QMP `blockdev-add` take it. */
export function diskBackend(disk: DiskDevice): Record<string, unknown> {
  return {
    driver: "raw",
    "node-name": diskNodeName(disk.serial),
    "read-only": true,
    file: { driver: "file", filename: disk.path, "read-only": true },
  };
}

/** The disk's device, as `-device` and QMP `device_add` take it; at a free slot when it is plugged in later. */
export function diskFrontend(disk: DiskDevice, slot?: number): Record<string, unknown> {
  return {
    driver: "virtio-blk-pci",
    id: diskDeviceId(disk.serial),
    drive: diskNodeName(disk.serial),
    serial: disk.serial,
    "disable-legacy": "on",
    ...(slot === undefined ? {} : { bus: hotplugBus, addr: slot.toString(16) }),
  };
}

export function diskNodeName(serial: string): string {
  return `image-${serial}`;
}

export function diskDeviceId(serial: string): string {
  return `disk-${serial}`;
}

function guestDevices(): string[][] {
  return [
    ["-device", "vmgenid,guid=auto"],
    ["-device", "pvpanic-pci"],
    ["-chardev", `ringbuf,id=${consoleChardev},size=65536`],
    ["-serial", `chardev:${consoleChardev}`],
    ["-device", "virtio-serial-pci,id=serial,disable-legacy=on,max_ports=4"],
    ["-chardev", `socket,id=control,path=${controlSocketName},server=on,wait=off`],
    ["-device", "virtserialport,bus=serial.0,nr=1,chardev=control,name=pacific.control"],
    ["-chardev", `socket,id=streams,path=${streamsSocketName},server=on,wait=off`],
    ["-device", "virtserialport,bus=serial.0,nr=2,chardev=streams,name=pacific.streams"],
  ];
}

function networkDevice(network: MachineOptions["network"]): string[][] {
  if (!network) return [["-nic", "none"]];
  const { tapName, macAddress } = network;
  return [
    ["-netdev", `tap,id=net,ifname=${escapeValue(tapName)},script=no,downscript=no`],
    ["-device", `virtio-net-pci,netdev=net,mac=${escapeValue(macAddress)},disable-legacy=on,romfile=`],
  ];
}

/** `-blockdev` and `-device` take QMP's JSON as it is; so no value needs escaping. */
function keyList(value: Record<string, unknown>): string {
  return JSON.stringify(value);
}

/** In QEMU's key lists a comma ends the value unless it is doubled. */
function escapeValue(value: string): string {
  return value.replaceAll(",", ",,");
}
