import { test } from "bun:test";
import type {
  V1Container,
  V1PodSpec,
  V1ResourceRequirements,
  V1Volume,
} from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { MachineCluster } from "./machine-cluster.ts";

/** Only for what hangs. */
const timeoutMs = 600_000;
const printTimeoutMs = 400_000;
const small = { requests: { cpu: "1m", memory: "1Mi" }, limits: { cpu: "1", memory: "32Mi" } };

/** One test's container in a Pod that many tests share: what it mounts, runs and must print. */
export interface SharedContainer {
  /** The volumes by the folder that they are mounted on. */
  readonly mounts: Readonly<Record<string, Omit<V1Volume, "name">>>;
  /** For sh; the container ends with it. */
  readonly script: string;
  /** All that it prints, or what that must match. */
  readonly prints: string | RegExp | (() => string);
  readonly user?: number;
  readonly resources?: V1ResourceRequirements;
}

/**
 * A Pod with a container for each of many tests, so that they need one machine together. Tests are declared first;
 * `create` is called before they run.
 */
export class SharedPod {
  readonly #machines: MachineCluster;
  readonly #name: string;
  readonly #spec: Partial<V1PodSpec>;
  readonly #containers: V1Container[] = [];
  readonly #volumes: V1Volume[] = [];
  #namespace = "";

  constructor(machines: MachineCluster, name: string, spec: Partial<V1PodSpec> = {}) {
    this.#machines = machines;
    this.#name = name;
    this.#spec = spec;
  }

  /** `title` is the behaviour's exact name, which `test/style` looks for. */
  conformanceTest(title: string, container: SharedContainer): void {
    const name = this.#add(container);
    const run = async (): Promise<void> => {
      const wanted = typeof container.prints === "function" ? container.prints() : container.prints;
      let log = "";
      try {
        await eventually(`container ${name} prints ${wanted}`, printTimeoutMs, async () => {
          log = await this.#log(name);
          return typeof wanted === "string" ? log === wanted : wanted.test(log);
        });
      } catch (error) {
        const { status } = await this.#machines.get(this.#namespace, this.#name);
        const text = `Container ${name} has printed ${JSON.stringify(log)} in ${JSON.stringify(status)}`;
        throw new Error(text, { cause: error });
      }
    };
    test(title, run, timeoutMs);
  }

  async create(namespace: string, metadata: object = {}): Promise<void> {
    this.#namespace = namespace;
    const spec = {
      restartPolicy: "Never",
      ...this.#spec,
      containers: this.#containers,
      volumes: this.#volumes,
    };
    await this.#machines.create(namespace, this.#name, spec, metadata);
  }

  #add({ mounts, script, user, resources = small }: SharedContainer): string {
    const name = `c${this.#containers.length}`;
    const volumeMounts = Object.entries(mounts).map(([mountPath, volume], index) => {
      this.#volumes.push({ name: `${name}-${index}`, ...volume });
      return { name: `${name}-${index}`, mountPath };
    });
    const securityContext = { runAsUser: user ?? 0 };
    const { image } = MachineCluster;
    const command = ["sh", "-c", script];
    this.#containers.push({ name, image, command, volumeMounts, securityContext, resources });
    return name;
  }

  /** Nothing before the container has started. */
  async #log(container: string): Promise<string> {
    const path = `/api/v1/namespaces/${this.#namespace}/pods/${this.#name}/log?container=${container}`;
    const answer = await this.#machines.api.call("GET", path);
    return answer.status === 200 ? answer.text : "";
  }
}
