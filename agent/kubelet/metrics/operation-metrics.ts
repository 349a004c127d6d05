import type { Clock } from "../../../supervisor/base/clock.ts";
import type {
  HistogramSeries,
  MetricsRegistry,
  Series,
} from "../../../supervisor/base/metrics/metrics-registry.ts";
import type { ImageService } from "../../images/image-service.ts";
import type { Runtime, SpareMachine } from "../../runtime/runtime.ts";
import { exponentialBounds } from "./duration-bounds.ts";

/** The verbs that are work, under the kubelet's names of operations; what is told from memory is none. */
const runtimeOperations = {
  runPodSandbox: "run_podsandbox",
  updatePodSandbox: "update_podsandbox_resources",
  stopPodSandbox: "stop_podsandbox",
  removePodSandbox: "remove_podsandbox",
  podSandboxStats: "podsandbox_stats",
  createContainer: "create_container",
  updateContainer: "update_container",
  startContainer: "start_container",
  stopContainer: "stop_container",
  removeContainer: "remove_container",
  exec: "exec",
  attach: "attach",
  portForward: "port_forward",
} as const satisfies Partial<Record<keyof Runtime, string>>;

const imageOperations = {
  pullImage: "pull_image",
  imageStatus: "image_status",
  listImages: "list_images",
  removeImage: "remove_image",
} as const satisfies Partial<Record<keyof ImageService, string>>;

interface OperationSeries {
  readonly total: Series;
  readonly errors: () => Series;
  readonly seconds: HistogramSeries;
}

/** What the runtime and the image service are asked to do (kubelet `pkg/kubelet/kuberuntime/instrumented_services.go`). */
export class OperationMetrics {
  readonly #clock: Clock;
  readonly #total: ReturnType<MetricsRegistry["values"]>;
  readonly #errors: ReturnType<MetricsRegistry["values"]>;
  readonly #seconds: ReturnType<MetricsRegistry["histogram"]>;

  constructor(registry: MetricsRegistry, clock: Clock) {
    this.#clock = clock;
    this.#total = registry.values(
      "counter",
      "kubelet_runtime_operations_total",
      "[BETA] Cumulative number of runtime operations by operation type.",
    );
    this.#errors = registry.values(
      "counter",
      "kubelet_runtime_operations_errors_total",
      "[BETA] Cumulative number of runtime operation errors by operation type.",
    );
    this.#seconds = registry.histogram(
      "kubelet_runtime_operations_duration_seconds",
      "[BETA] Duration in seconds of runtime operations. Broken down by operation type.",
      exponentialBounds(0.005, 2.5, 14),
    );
  }

  /** The runtime, counted. A machine that waited for its Pod counts as one that was made for it. */
  runtime(runtime: Runtime): Runtime {
    const counted = this.#counted(runtime, runtimeOperations);
    const takeSpareMachine: Runtime["takeSpareMachine"] = async (config) => {
      const spare = await runtime.takeSpareMachine(config);
      return spare && this.#counted<SpareMachine>(spare, { run: "run_podsandbox" });
    };
    return new Proxy(counted, {
      get: (target, name) => (name === "takeSpareMachine" ? takeSpareMachine : Reflect.get(target, name)),
    });
  }

  images(images: ImageService): ImageService {
    return this.#counted(images, imageOperations);
  }

  /** The same object to its users; each operation is counted when it ends, with its time. */
  #counted<T extends object>(target: T, operations: Partial<Record<keyof T, string>>): T {
    const methods = new Map<PropertyKey, unknown>();
    return new Proxy(target, {
      get: (_, name) => {
        const known = methods.get(name);
        if (known !== undefined) return known;
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        const method = value.bind(target);
        // Other names than those of operations have none.
        const operation = operations[name as keyof T];
        const made = operation === undefined ? method : this.#measured(method, operation);
        methods.set(name, made);
        return made;
      },
    });
  }

  #measured(
    method: (...values: readonly unknown[]) => Promise<unknown>,
    operation: string,
  ): (...values: readonly unknown[]) => Promise<unknown> {
    const labels = { operation_type: operation };
    let series: OperationSeries | undefined;
    return async (...values) => {
      series ??= {
        total: this.#total(labels),
        errors: () => this.#errors(labels),
        seconds: this.#seconds(labels),
      };
      const { total, errors, seconds } = series;
      const beganMs = this.#clock.steady();
      total.add(1);
      try {
        return await method(...values);
      } catch (error) {
        errors().add(1);
        throw error;
      } finally {
        seconds.observe((this.#clock.steady() - beganMs) / 1000);
      }
    };
  }
}
