import type { V1Container, V1Pod, V1Secret } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import { type Image, ImageError, type ImageService, type PullProgress } from "../../images/image-service.ts";
import { ContainerStartError } from "../containers/container-start-error.ts";
import type { ConfigSource } from "../containers/environment.ts";
import type { KubeletMetrics } from "../metrics/kubelet-metrics.ts";
import type { BackOff } from "../pods/back-off.ts";
import { containerFieldPath, podIdentity } from "../sandbox/pod-identity.ts";
import { readCredentialFiles } from "./credential-files.ts";
import { pullCredentials } from "./pull-credentials.ts";

/** A pull that takes longer than this tells of its progress, and again after each such time. */
const progressIntervalMs = 15_000;

export interface ImagePullerOptions {
  readonly images: ImageService;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly backOff: BackOff;
  readonly config: ConfigSource;
  /** Credentials that every Pod of this host may pull with. */
  readonly credentialFiles: readonly string[];
  readonly metrics: Pick<KubeletMetrics, "images" | "starts">;
}

/** Brings a container's image to the host as its pull policy says (kubelet `imageManager`). */
export class ImagePuller {
  readonly #options: ImagePullerOptions;
  /** Why the last pull failed, by back-off key: the text that a waiting container repeats. */
  readonly #failures = new Map<string, string>();

  constructor(options: ImagePullerOptions) {
    this.#options = options;
  }

  /** The image, on the host. Throws {@link ContainerStartError}; its events are recorded here. */
  async ensureImage(pod: V1Pod, container: V1Container, signal: AbortSignal): Promise<Image> {
    const name = container.image ?? "";
    const policy = container.imagePullPolicy ?? (/:latest$|^[^:@]+$/.test(name) ? "Always" : "IfNotPresent");
    const present = await this.#present(pod, container, name);
    if (present && policy !== "Always") {
      const text = `Container image "${name}" already present on machine and can be accessed by the pod`;
      this.#event(pod, container, "Normal", "Pulled", text);
      return present;
    }
    if (policy === "Never") {
      const message = `Container image "${name}" is not present with pull policy of Never`;
      this.#event(pod, container, "Warning", "ErrImageNeverPull", message);
      throw new ContainerStartError("ErrImageNeverPull", message);
    }
    return await this.#pull(pod, container, name, signal);
  }

  /** The disks of those images of the Pod that are on the host already. */
  async presentDisks(pod: V1Pod): Promise<string[]> {
    const { initContainers = [], containers = [], volumes = [] } = pod.spec ?? {};
    const mounted = volumes.flatMap(({ image }) => image?.reference || []);
    const names = new Set([...initContainers, ...containers].map(({ image = "" }) => image).concat(mounted));
    const found = await Promise.all(
      [...names].map((name) => this.#options.images.imageStatus(name).catch(() => undefined)),
    );
    return found.flatMap((image) => (image ? [image.diskPath] : []));
  }

  /** How long until the image may be pulled again. */
  remainingMs(pod: V1Pod, container: V1Container): number {
    return this.#options.backOff.remaining(backOffKey(pod, container.image ?? ""));
  }

  forget(uid: string): void {
    this.#options.backOff.forget(`${uid}_`);
    for (const key of this.#failures.keys()) if (key.startsWith(`${uid}_`)) this.#failures.delete(key);
  }

  async #present(pod: V1Pod, container: V1Container, name: string): Promise<Image | undefined> {
    try {
      return await this.#options.images.imageStatus(name);
    } catch (error) {
      const cause = messageOf(error);
      const invalid = error instanceof ImageError && error.kind === "invalid-name";
      const message = invalid
        ? `Failed to apply default image tag "${name}": ${cause}`
        : `Failed to inspect image "${name}": ${cause}`;
      this.#event(pod, container, "Warning", "InspectFailed", message);
      throw new ContainerStartError(invalid ? "InvalidImageName" : "ImageInspectError", message, {
        cause: error,
      });
    }
  }

  async #pull(pod: V1Pod, container: V1Container, name: string, signal: AbortSignal): Promise<Image> {
    const { clock, backOff, metrics } = this.#options;
    const key = backOffKey(pod, name);
    if (backOff.remaining(key) > 0) {
      const message = `Back-off pulling image "${name}"`;
      this.#event(pod, container, "Normal", "BackOff", message);
      const last = this.#failures.get(key);
      throw new ContainerStartError("ImagePullBackOff", last ? `${message}: ErrImagePull: ${last}` : message);
    }
    this.#event(pod, container, "Normal", "Pulling", `Pulling image "${name}"`);
    const startMs = clock.steady();
    const { uid } = podIdentity(pod);
    metrics.starts.pullBegins(uid);
    try {
      const image = await this.#pullWithSecrets(pod, container, name, signal);
      const tookMs = clock.steady() - startMs;
      metrics.images.pulled(image.sizeBytes, tookMs);
      const took = formatDuration(tookMs);
      const text = `Successfully pulled image "${name}" in ${took} (${took} including waiting). Image size: ${image.sizeBytes} bytes.`;
      this.#event(pod, container, "Normal", "Pulled", text);
      this.#failures.delete(key);
      return image;
    } catch (error) {
      if (signal.aborted) throw error;
      const cause = messageOf(error);
      this.#event(pod, container, "Warning", "Failed", `Failed to pull image "${name}": ${cause}`);
      backOff.next(key, clock.now());
      this.#failures.set(key, cause);
      throw new ContainerStartError("ErrImagePull", cause, { cause: error });
    } finally {
      metrics.starts.pullEnds(uid);
    }
  }

  /** Tries the fitting credentials of the Pod's Secrets, then of the host's files, at last none. */
  async #pullWithSecrets(
    pod: V1Pod,
    container: V1Container,
    name: string,
    signal: AbortSignal,
  ): Promise<Image> {
    const onProgress = this.#progressEvents(pod, container, name);
    const credentials = pullCredentials(name, [
      ...(await this.#pullSecrets(pod)),
      ...readCredentialFiles(this.#options.credentialFiles),
    ]);
    for (const auth of credentials) {
      try {
        return await this.#options.images.pullImage(name, { auth, signal, onProgress });
      } catch (error) {
        if (!(error instanceof ImageError && error.kind === "unauthorized")) throw error;
      }
    }
    return await this.#options.images.pullImage(name, { signal, onProgress });
  }

  async #pullSecrets(pod: V1Pod): Promise<V1Secret[]> {
    const { namespace } = podIdentity(pod);
    const names = (pod.spec?.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : []));
    const secrets = await Promise.all(names.map((name) => this.#options.config.secret(namespace, name)));
    const missing = names.filter((_, index) => !secrets[index]);
    if (missing.length > 0) {
      const text = `Unable to retrieve some image pull secrets (${missing.join(", ")}); attempting to pull the image may not succeed.`;
      this.#options.recorder.event(pod, "Warning", "FailedToRetrieveImagePullSecret", text);
    }
    return secrets.filter((secret) => secret !== undefined);
  }

  #progressEvents(pod: V1Pod, container: V1Container, name: string): (progress: PullProgress) => void {
    let dueMs = this.#options.clock.now() + progressIntervalMs;
    return ({ phase, doneBytes, totalBytes }) => {
      const nowMs = this.#options.clock.now();
      if (nowMs < dueMs) return;
      dueMs = nowMs + progressIntervalMs;
      const amount = totalBytes > 0 ? `, ${mebibytes(doneBytes)} of ${mebibytes(totalBytes)} MiB` : "";
      this.#event(pod, container, "Normal", "Pulling", `Pulling image "${name}": ${phase}${amount}`);
    };
  }

  #event(
    pod: V1Pod,
    container: V1Container,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
  ): void {
    this.#options.recorder.event(pod, type, reason, message, containerFieldPath(pod, container.name));
  }
}

function backOffKey(pod: V1Pod, image: string): string {
  return `${podIdentity(pod).uid}_${image}`;
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}

/** As Go prints a duration cut to milliseconds: `850ms`, `1.2s`, `1m2.5s`. */
function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${durationMs}ms`;
  const minutes = Math.floor(durationMs / 60_000);
  const seconds = (durationMs - minutes * 60_000) / 1000;
  return `${minutes > 0 ? `${minutes}m` : ""}${seconds}s`;
}
