/** What tests ask kubectl about Pods. */
import type { V1ContainerState, V1Pod } from "../../supervisor/api/generated/types.ts";
import { HttpTransport } from "../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../supervisor/client/kubeconfig.ts";
import { resources } from "../../supervisor/client/resources.ts";
import { createClient } from "../../supervisor/client/rest-client.ts";
import type { Cluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";

const startTimeoutMs = 300_000;

/** A Pod of one container; `container` and `spec` are laid over what is usual here. */
export function podManifest(name: string, image: string, container: object = {}, spec: object = {}): object {
  const containers = [{ name: "main", image, ...container }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 1, containers, ...spec },
  };
}

export class Pods {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async get(name: string): Promise<V1Pod> {
    const result = await this.#cluster.kubectl("get", "pod", name, "-o", "json");
    if (result.code !== 0) throw new Error(result.stderr);
    return JSON.parse(result.stdout);
  }

  /** Applies the manifest and waits until the Pod is Ready; returns it. */
  async run(manifest: object): Promise<V1Pod> {
    await this.#cluster.apply(manifest);
    // Made by `podManifest` or written like it.
    const { name } = (manifest as { readonly metadata: { readonly name: string } }).metadata;
    return await this.ready(name);
  }

  async ready(name: string): Promise<V1Pod> {
    const timeout = `--timeout=${startTimeoutMs / 1000}s`;
    const waited = await this.#cluster.kubectl("wait", "--for=condition=Ready", `pod/${name}`, timeout);
    const pod = await this.get(name);
    if (waited.code === 0) return pod;
    throw new Error(`${waited.stderr}${JSON.stringify(pod.status)}\n${await this.events(name)}`);
  }

  /**
   * Waits until the first container waits for this reason; returns its message. It is watched for, not polled: a reason
   * may stand for a few seconds only, until the next attempt.
   */
  async waitsFor(name: string, reason: string): Promise<string> {
    const { transport } = await loadKubeconfig(this.#cluster.kubeconfig);
    const pods = createClient(new HttpTransport(transport)).resource<V1Pod>(resources.pods, "default");
    const options = { fieldSelector: `metadata.name=${name}`, signal: AbortSignal.timeout(startTimeoutMs) };
    let state: V1ContainerState | undefined;
    let cause: unknown;
    try {
      for await (const { object } of pods.watch(options)) {
        state = object.status?.containerStatuses?.[0]?.state;
        if (state?.waiting?.reason === reason) return state.waiting.message ?? "no message";
      }
    } catch (error) {
      cause = error;
    }
    throw new Error(`Pod ${name} is in the state ${JSON.stringify(state)} and did not wait for ${reason}`, {
      cause,
    });
  }

  /** The events of a Pod, a line each: type, reason and message. */
  async events(name: string): Promise<string> {
    const columns = '{range .items[*]}{.type} {.reason} {.message}{"\\n"}{end}';
    const selector = ["--field-selector", `involvedObject.name=${name}`];
    return (await this.#cluster.kubectl("get", "events", ...selector, "-o", `jsonpath=${columns}`)).stdout;
  }

  /** Waits until an event of the Pod matches; returns all of them. */
  async tells(name: string, pattern: RegExp): Promise<string> {
    return await eventually(`an event of Pod ${name} matches ${pattern}`, startTimeoutMs, async () => {
      const events = await this.events(name);
      return pattern.test(events) ? events : undefined;
    });
  }

  async exec(name: string, ...command: readonly string[]): Promise<string> {
    const result = await this.#cluster.kubectl("exec", name, "--", ...command);
    if (result.code !== 0) throw new Error(`${command.join(" ")} in ${name} failed: ${result.stderr}`);
    return result.stdout;
  }

  /** Deletes Pods and waits until they are gone. */
  async remove(...names: readonly string[]): Promise<void> {
    const result = await this.#cluster.kubectl("delete", "pod", ...names, "--timeout=300s");
    if (result.code !== 0) throw new Error(result.stderr);
  }
}
