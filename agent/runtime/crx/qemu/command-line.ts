import type { GuestKernel } from "../../runtime.ts";

export interface DiskDevice {
  /** What QEMU opens: `/dev/fdset/N`, which stands for a descriptor that it was given. */
  readonly fileName: string;
  /** At most 20 characters: what the guest finds the disk by. */
  readonly serial: string;
}

/** Listening sockets among QEMU's descriptors. */
export interface MachinePorts {
  readonly monitor: number;
  readonly control: number;
  readonly streams: number;
  /** Where the file server connects, if the sandbox has one. */
  readonly files: number;
}

/** A disk that QEMU has the open file of as this descriptor. */
interface DiskDescriptor {
  readonly descriptor: number;
  readonly serial: string;
}

export interface MachineOptions {
  /** Absolute folder of the sandbox; QEMU does not see it, but its name tells this QEMU from every other process. */
  readonly directory: string;
  readonly ports: MachinePorts;
  readonly accelerator: "kvm" | "tcg";
  readonly cpuCount: number;
  readonly memoryBytes: number;
  /** How far it can grow by processors and memory that are plugged in; absent: not at all. */
  readonly room?: MachineRoom;
  /** What it boots; a clone boots nothing and waits for its template's state (QMP `migrate-incoming`). */
  readonly kernel?: GuestKernel;
  readonly network?: MachineNetwork;
  /** Disks that are there from the start; more can be plugged in later. */
  readonly disks: readonly DiskDescriptor[];
  /** What an emulating QEMU loads to give memory back; absent: it gives none. */
  readonly codeTrimmer?: string;
  /** Whether it runs a container of its own before that of a Pod. */
  readonly rehearses?: boolean;
  /** For a template and its clones. */
  readonly cloning?: CloningOptions;
}

/** The most that a machine can ever have. What is not used of it costs next to nothing. */
export interface MachineRoom {
  readonly maxCpuCount: number;
  readonly maxMemoryBytes: number;
}

/** What a template and its clones have beside other machines, and alike. */
interface CloningOptions {
  /** `template`: memory is the file's own. `clone`: what it writes is its own, and the file stays as it is. */
  readonly role: "template" | "clone";
  /** QEMU's descriptor of the file that is the memory. */
  readonly memory: number;
  /** QEMU's descriptor of the Pod's disk; absent: it has none. */
  readonly podDisk?: number;
}

interface MachineNetwork {
  /** QEMU's descriptor of the tap. */
  readonly tap: number;
  readonly macAddress: string;
}

/** The bridge that images' disks are plugged into while the machine runs, at slots 1 to `hotplugSlots`. */
export const hotplugBus = "hotplug";
export const hotplugSlots = 21;
/** The bridge's slots for volumes that are disks, from the first to before the last. */
export const volumeSlots = [22, 30] as const;
/** The bridge's slot for memory. */
export const memorySlot = 30;
/** The bridge's slot for the disk of a Pod, in a machine that is no clone. */
const podDiskSlot = 31;
/** Empty disk slots of a clone. Its guest binds their driver when a disk is in: quicker than plugging one in. */
export const diskSlots = 4;
export const qmpSocketName = "qmp.sock";
export const controlSocketName = "control.sock";
export const streamsSocketName = "streams.sock";
export const filesSocketName = "files.sock";
/** The option whose value is {@link machineName}: what our QEMUs are found by. */
export const nameOption = "-name";
/** Holds the last 64 KiB of the guest's console, read with QMP `ringbuf-read`. */
export const consoleChardev = "console";

const mebibyte = 1 << 20;
/** On the root bus, above what QEMU gives the other devices. */
const firstSlotAddress = 0x10;

/**
 * QEMU's arguments for a sandbox's machine (QEMU 7.2 to 10). A guest that stops, resets or panics leaves QEMU paused,
 * so that the reason can be asked for afterwards, also by a daemon that was away when it happened.
 */
export function qemuCommandLine(options: MachineOptions): string[] {
  return [
    [nameOption, machineName(options.directory)],
    ["-nodefaults", "-no-user-config"],
    ["-display", "none"],
    ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ["-M", "q35,usb=off,vmport=off,sata=off,smbus=off,hpet=off,memory-backend=ram"],
    ["-accel", options.accelerator === "kvm" ? "kvm" : tcg(options)],
    ...codeTrimmer(options),
    // With fast string operations the guest's kernel copies byte by byte, which costs TCG five times as much.
    ["-cpu", options.accelerator === "kvm" ? "host" : "max,-erms"],
    ...machineSize(options),
    ["-action", "reboot=shutdown,shutdown=pause,panic=pause"],
    ["-rtc", "base=utc"],
    ...startOf(options),
    socketChardev("monitor", options.ports.monitor),
    ["-mon", "chardev=monitor,mode=control"],
    ...guestDevices(options.ports),
    ...networkDevice(options.network),
    ...(options.cloning ? [...emptySlots(), ...podDisk(options.cloning)] : []),
    ...options.disks.flatMap(({ descriptor, serial }) => [
      ["-add-fd", `fd=${descriptor},set=${descriptor}`],
      ["-blockdev", keyList(diskBackend({ fileName: descriptorFile(descriptor), serial }))],
      ["-device", keyList(diskFrontend(serial))],
    ]),
    // One bridge with many slots: each pcie-root-port, which holds one device, costs a boot under TCG 20 ms.
    ["-device", `pcie-pci-bridge,id=${hotplugBus}`],
  ].flat();
}

/**
 * A machine that starts a small container translates about 20 MiB of code, one that has rehearsed it before 24 MiB: a buffer
 * that is too small for it is emptied in the middle of the start, and much is translated twice.
 */
function codeMebibytes({ rehearses = false }: MachineOptions): number {
  return rehearses ? 32 : 24;
}

function tcg(options: MachineOptions): string {
  return `tcg,thread=multi,tb-size=${codeMebibytes(options)}`;
}

function codeTrimmer(options: MachineOptions): string[][] {
  if (options.codeTrimmer === undefined || options.accelerator !== "tcg") return [];
  return [["-plugin", `${escapeValue(options.codeTrimmer)},bytes=${codeMebibytes(options) * mebibyte}`]];
}

function machineSize({ cpuCount, memoryBytes, room, cloning }: MachineOptions): string[][] {
  const memory = mebibytes(memoryBytes);
  return [
    ["-smp", room ? `${cpuCount},maxcpus=${room.maxCpuCount}` : `${cpuCount}`],
    ["-m", room ? `${memory},maxmem=${mebibytes(room.maxMemoryBytes)}` : memory],
    [
      "-object",
      cloning ? sharedMemory(memory, cloning) : `memory-backend-ram,id=ram,size=${memory},share=off`,
    ],
  ];
}

function sharedMemory(size: string, { role, memory }: CloningOptions): string {
  const share = role === "template" ? "on" : "off";
  return `memory-backend-file,id=ram,size=${size},mem-path=/proc/self/fd/${memory},share=${share}`;
}

function startOf({ kernel }: MachineOptions): string[][] {
  if (!kernel) return [["-incoming", "defer"]];
  return [["-kernel", kernel.kernelPath, "-initrd", kernel.initrdPath, "-append", kernel.kernelArguments]];
}

function mebibytes(bytes: number): string {
  return `${wholeMebibytes(bytes) / mebibyte}M`;
}

/** What a machine has that is to have at least so much memory. */
export function wholeMebibytes(bytes: number): number {
  return Math.ceil(bytes / mebibyte) * mebibyte;
}

/** A slot is a block node of this name over one that holds nothing; `blockdev-reopen` puts a disk in its place. */
export function slotName(slot: number): string {
  return `slot-${slot}`;
}

/** Where the guest finds a slot's device. */
export function slotPciAddress(slot: number): string {
  return `0000:00:${slotAddress(slot)}.0`;
}

function slotAddress(slot: number): string {
  return (firstSlotAddress + slot).toString(16);
}

/** Larger than any disk that is put in its place: the guest goes on with the size that it saw first. */
const emptySlotBytes = 2 ** 40;

function emptySlots(): string[][] {
  return Array.from({ length: diskSlots }, (_, slot) => [
    "-blockdev",
    keyList({
      driver: "raw",
      "node-name": slotName(slot),
      "read-only": true,
      file: { driver: "null-co", size: emptySlotBytes, "read-zeroes": true, "read-only": true },
    }),
    "-device",
    keyList({
      driver: "virtio-blk-pci",
      id: slotName(slot),
      drive: slotName(slot),
      "disable-legacy": "on",
      addr: slotAddress(slot),
    }),
  ]);
}

/** The block node of a Pod's disk, its device, and what the guest finds it by. */
export const podDiskName = "pod";
export const podDiskFileName = "pod-file";

/** The open file that a Pod's disk is. Blocks that the guest frees become holes. */
export function podDiskFile(filename: string): Record<string, unknown> {
  return { driver: "file", "node-name": podDiskFileName, filename, discard: "unmap" };
}

/** The block node of a Pod's disk over a file's. */
export function podDiskBackend(file: string | Record<string, unknown>): Record<string, unknown> {
  return { driver: "raw", "node-name": podDiskName, discard: "unmap", file };
}

/** Errors go to the guest: a machine that waits for room on the host would only be one that hangs. */
const podDiskFrontend = {
  driver: "virtio-blk-pci",
  id: podDiskName,
  drive: podDiskName,
  serial: podDiskName,
  "disable-legacy": "on",
  werror: "report",
  rerror: "report",
};

/** The device of a Pod's disk that is plugged in. */
export const podDiskPlugged = { ...podDiskFrontend, bus: hotplugBus, addr: podDiskSlot.toString(16) };

/** The Pod's disk of a template, which mounts it, and of a clone, whose guest goes on with a copy of the template's. */
function podDisk({ podDisk: descriptor }: CloningOptions): string[][] {
  if (descriptor === undefined) return [];
  const { "node-name": _, ...file } = podDiskFile(descriptorFile(descriptor));
  return [
    ["-add-fd", `fd=${descriptor},set=${descriptor}`],
    ["-blockdev", keyList(podDiskBackend(file))],
    ["-device", keyList({ ...podDiskFrontend, addr: slotAddress(diskSlots) })],
  ];
}

/** What QEMU is called, after the folder of its sandbox. */
export function machineName(directory: string): string {
  return `guest=${escapeValue(directory)}`;
}

/** The name by which QEMU opens a descriptor of a set that it was given. */
export function descriptorFile(set: number): string {
  return `/dev/fdset/${set}`;
}

/** The block node for a read-only disk, as `-blockdev` and QMP `blockdev-add` take it. */
export function diskBackend(disk: DiskDevice): Record<string, unknown> {
  return {
    driver: "raw",
    "node-name": diskNodeName(disk.serial),
    "read-only": true,
    file: { driver: "file", filename: disk.fileName, "read-only": true },
  };
}

/** The disk's device, as `-device` and QMP `device_add` take it; at a free slot when it is plugged in later. */
export function diskFrontend(serial: string, slot?: number): Record<string, unknown> {
  return {
    driver: "virtio-blk-pci",
    id: diskDeviceId(serial),
    drive: diskNodeName(serial),
    serial,
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

function guestDevices({ control, streams, files }: MachinePorts): string[][] {
  return [
    ["-device", "vmgenid,guid=auto"],
    ["-device", "pvpanic-pci"],
    ["-chardev", `ringbuf,id=${consoleChardev},size=65536`],
    ["-serial", `chardev:${consoleChardev}`],
    ["-device", "virtio-serial-pci,id=serial,disable-legacy=on,max_ports=4"],
    socketChardev("control", control),
    ["-device", "virtserialport,bus=serial.0,nr=1,chardev=control,name=pacific.control"],
    socketChardev("streams", streams),
    ["-device", "virtserialport,bus=serial.0,nr=2,chardev=streams,name=pacific.streams"],
    socketChardev("files", files),
    ["-device", "virtserialport,bus=serial.0,nr=3,chardev=files,name=pacific.files"],
  ];
}

function socketChardev(id: string, descriptor: number): string[] {
  return ["-chardev", `socket,id=${id},fd=${descriptor},server=on,wait=off`];
}

function networkDevice(network: MachineOptions["network"]): string[][] {
  if (!network) return [["-nic", "none"]];
  const { tap, macAddress } = network;
  return [
    ["-netdev", `tap,id=net,fd=${tap}`],
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
