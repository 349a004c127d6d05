import type { Clock } from "../../supervisor/base/clock.ts";
import type { KubeletSettings } from "../../supervisor/base/config/kubelet-settings.ts";
import type { Logger } from "../../supervisor/base/logging.ts";
import type { MetricsRegistry } from "../../supervisor/base/metrics/metrics-registry.ts";
import type { KubernetesClient } from "../../supervisor/client/types.ts";
import type { ImageService } from "../images/image-service.ts";
import type { HostTools } from "../network/host-tools.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { NodeReports } from "../server/node-reports.ts";
import type { PodStreams } from "../server/pod-streams.ts";
import type { VolumeSnapshots } from "../server/volume-snapshots.ts";
import type { NodeFacts } from "./node/node-facts.ts";
import type { MachineClasses } from "./runtime-classes/machine-class.ts";

/** What a kubelet server serves. */
export interface KubeletSource {
  readonly streams: PodStreams;
  readonly reports: NodeReports;
  readonly snapshots?: VolumeSnapshots;
}

export interface SphereletOptions {
  readonly nodeName: string;
  /** The node's address as others see it. */
  readonly address: string;
  readonly dataDir: string;
  /** `none`: Pods have their loopback only. */
  readonly networkMode: "auto" | "none";
  readonly networkTools: HostTools;
  readonly allowedUnsafeSysctls?: readonly string[];
  readonly client: KubernetesClient;
  /** It has recovered already. */
  readonly runtime: Runtime;
  readonly images: ImageService;
  readonly facts: NodeFacts;
  readonly settings: KubeletSettings;
  /** What machines there are beside the usual ones, by the handlers of RuntimeClasses. */
  readonly machineClasses?: MachineClasses;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What is counted before there are Pods, on the page of metrics; the rest is added to it. */
  readonly metrics?: MetricsRegistry;
  /** The certificate (PEM) that this host shows the API server; undefined where it has none. */
  readonly clientCertificate?: () => string | undefined;
  /** Called when Pods can run, with what a kubelet server needs; resolves when it has stopped. */
  readonly serve?: (source: KubeletSource, signal: AbortSignal) => Promise<void>;
  /** Called when the Node has been told that it is ready. */
  readonly onReady?: () => void;
}
