import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { eventually } from "./eventually.ts";

const port = 2049;
const program = "ganesha.nfsd";
const startTimeoutMs = 60_000;

/**
 * Debian's NFS server in user space (packages nfs-ganesha and nfs-ganesha-vfs), which speaks NFS 4.1 on all addresses: it
 * wants a network namespace of its own.
 */
export class NfsServer {
  /** What it exports as `/data`. */
  readonly export: string;
  readonly #folder: string;
  #process: Bun.Subprocess | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.export = join(folder, "export");
    for (const path of [this.export, join(folder, "recovery")]) mkdirSync(path, { recursive: true });
    writeFileSync(this.#file("ganesha.conf"), this.#configuration());
  }

  static available(): boolean {
    return Bun.which(program) !== null;
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const files = ["-f", this.#file("ganesha.conf"), "-L", this.#file("log"), "-p", this.#file("pid")];
    const started = Bun.spawn([program, "-F", ...files], { stdio: ["ignore", "ignore", "ignore"] });
    this.#process = started;
    await eventually("the NFS server", startTimeoutMs, async () => {
      if (started.exitCode !== null) throw new Error(readFileSync(this.#file("log"), "utf8").slice(-2000));
      return await canConnect();
    });
  }

  /** At once, so that its clients find nobody there. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.exited;
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #configuration(): string {
    return `
NFS_CORE_PARAM { Protocols = 4; NFS_Port = ${port}; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false; }
NFSV4 { Graceless = true; RecoveryBackend = fs; RecoveryRoot = ${this.#file("recovery")}; Only_Numeric_Owners = true; }
EXPORT {
  Export_Id = 1; Path = ${this.export}; Pseudo = /data; Access_Type = RW; Squash = No_Root_Squash; SecType = sys;
  FSAL { Name = VFS; }
}
`;
  }
}

function canConnect(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
