import type { HostTools } from "../../agent/network/host-tools.ts";
import { runTool } from "../../agent/network/host-tools.ts";

/** Why network namespaces cannot be made here; undefined where they can. */
export function namespaceObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "needs root";
  for (const program of ["ip", "nft"]) if (!Bun.which(program)) return `needs ${program}`;
  const name = `pacific-test-${process.pid}-try`;
  const made = Bun.spawnSync(["ip", "netns", "add", name]);
  if (made.exitCode !== 0) return `needs network namespaces: ${made.stderr.toString().trim()}`;
  Bun.spawnSync(["ip", "netns", "del", name]);
  return undefined;
}

let counter = 0;

/** A network namespace of a test's own. */
export class NetworkNamespace implements AsyncDisposable {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  static async create(label: string): Promise<NetworkNamespace> {
    const namespace = new NetworkNamespace(`pacific-test-${process.pid}-${counter++}-${label}`);
    await runTool(["ip", "netns", "add", namespace.name]);
    await namespace.ip("link set lo up");
    return namespace;
  }

  /** Calls of `ip` and `nft` inside, as the network's own tools. */
  get tools(): HostTools {
    return {
      run: (program, args, input) => runTool([...this.command(program), ...args], input),
      setSysctl: async (name, value) => {
        await runTool([...this.command("tee"), `/proc/sys/${name}`], value);
      },
    };
  }

  /** The beginning of a command line that runs inside. */
  command(...command: readonly string[]): string[] {
    return ["ip", "netns", "exec", this.name, ...command];
  }

  ip(args: string): Promise<string> {
    return runTool([...this.command("ip"), ...args.split(" ")]);
  }

  nft(args: string): Promise<string> {
    return runTool([...this.command("nft"), ...args.split(" ")]);
  }

  /** Joins two namespaces by a pair of interfaces. */
  async connect(name: string, other: NetworkNamespace, otherName: string): Promise<void> {
    await this.ip(`link add ${name} type veth peer name ${otherName} netns ${other.name}`);
    await this.ip(`link set ${name} up`);
    await other.ip(`link set ${otherName} up`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await runTool(["ip", "netns", "del", this.name]);
  }
}
