/** The numbers of the guest protocol, version 1 (docs/guest-protocol.md). */

export const frameType = {
  hello: 0x01,
  helloOk: 0x02,
  helloRefused: 0x03,
  configure: 0x10,
  mountDisk: 0x11,
  unmountDisk: 0x12,
  writeVolume: 0x13,
  updateVolume: 0x16,
  mountVolume: 0x19,
  prepareSubPath: 0x17,
  createContainer: 0x20,
  startContainer: 0x21,
  signal: 0x22,
  removeContainer: 0x23,
  updateContainer: 0x24,
  exec: 0x25,
  resize: 0x26,
  connect: 0x27,
  list: 0x30,
  stats: 0x31,
  ping: 0x32,
  eventAck: 0x33,
  data: 0x40,
  credit: 0x41,
  attach: 0x42,
  close: 0x43,
  reset: 0x44,
  ok: 0x80,
  error: 0x81,
  containerExited: 0x90,
  execExited: 0x91,
} as const;

export const frameFlag = { more: 1, fin: 2 } as const;

export const protocolVersion = 1;
export const maxPayloadBytes = 32_740;
export const maxMessageBytes = 1 << 20;
/** The largest credit that either side may give. */
export const maxWindowBytes = 1 << 20;
/** What a guest keeps of one stream, and so the most that is on its way to us. */
export const streamWindowBytes = 64 << 10;

export const tag = {
  versionMin: 1,
  versionMax: 2,
  version: 3,
  kernel: 5,
  errorKind: 10,
  errorNumber: 11,
  message: 12,
  entropy: 20,
  clock: 21,
  hostname: 22,
  network: 23,
  mac: 24,
  address: 25,
  prefixLength: 26,
  gateway: 27,
  mtu: 28,
  resolvConf: 29,
  hosts: 30,
  sysctl: 31,
  disk: 40,
  diskSerial: 41,
  diskPci: 42,
  fileSystem: 43,
  timeout: 44,
  container: 48,
  arg: 50,
  env: 51,
  cwd: 52,
  user: 53,
  groupId: 54,
  capAdd: 55,
  capDrop: 56,
  options: 57,
  cpuQuota: 58,
  cpuPeriod: 59,
  cpuWeight: 60,
  memoryMax: 61,
  oomScoreAdj: 63,
  mount: 64,
  mountKind: 65,
  mountTarget: 66,
  mountSource: 67,
  mountOptions: 68,
  size: 69,
  mode: 70,
  volumeParts: 71,
  remote: 260,
  mountData: 261,
  entry: 72,
  entryKind: 73,
  path: 74,
  owner: 75,
  content: 76,
  startedAt: 81,
  finishedAt: 82,
  exitCode: 83,
  exitSignal: 84,
  oomKilled: 85,
  execId: 86,
  signalNumber: 87,
  everyProcess: 88,
  containerState: 89,
  stdin: 90,
  stdout: 91,
  stderr: 92,
  columns: 93,
  rows: 94,
  port: 95,
  containerGroup: 100,
  execGroup: 101,
  streamGroup: 102,
  stream: 110,
  cpuUsage: 120,
  memoryCurrent: 121,
  memoryInactiveFile: 122,
  pidsCurrent: 123,
  memoryTotal: 124,
  memoryAvailable: 125,
  memoryAnon: 280,
  memoryFile: 281,
  memoryMapped: 282,
  memoryLimit: 283,
  pageFaults: 284,
  majorPageFaults: 285,
  oomKills: 286,
  cpuUser: 287,
  cpuSystem: 288,
  fsCapacity: 289,
  fsAvailable: 290,
  fsUsed: 291,
  fsInodes: 292,
  fsInodesFree: 293,
  volumeGroup: 294,
  podsGroup: 295,
  podResources: 220,
  seccomp: 221,
  processNamespace: 222,
  targetContainer: 223,
  volumeVersion: 240,
  terminationPath: 300,
  terminationMessage: 301,
  mountSubPath: 242,
  identity: 440,
  diskUse: 420,
  volumeMedium: 421,
  fsInodesUsed: 422,
} as const;

export const processOption = {
  tty: 1,
  stdin: 2,
  stdout: 4,
  stderr: 8,
  readOnlyRoot: 16,
  privileged: 32,
  noNewPrivileges: 64,
  unmaskedProc: 128,
  strictGroups: 256,
} as const;

export const processNamespace = { own: 0, pod: 1, machine: 2, target: 3 } as const;
export const mountKind = { volume: 2, disk: 3 } as const;
export const mountOption = { readOnly: 1, recursive: 4, slave: 8, shared: 16 } as const;
export const diskUse = { pod: 1 } as const;
export const volumeMedium = { disk: 1 } as const;
export const volumePart = { first: 1, last: 2 } as const;
export const entryKind = { folder: 1, file: 2, more: 3, link: 4 } as const;

/** The kinds of an `ERROR` answer that are told apart here. */
export const errorKind = { invalid: 1, exists: 3, wrongState: 4, unsupported: 6, startFailed: 7 } as const;

/** A guest that broke the protocol. Its machine is ended, with the sandbox's reason `ProtocolError`. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}
