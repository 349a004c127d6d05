import { systemClock } from "../../supervisor/base/clock.ts";
import type { PeerSubject } from "../../supervisor/base/http/connection-info.ts";
import { Logger } from "../../supervisor/base/logging.ts";
import { createEventRecorder } from "../../supervisor/client/event-recorder.ts";
import { InProcessTransport } from "../../supervisor/client/in-process-transport.ts";
import { createClient } from "../../supervisor/client/rest-client.ts";
import { SharedInformers } from "../../supervisor/client/shared-informers.ts";
import type { KubernetesClient } from "../../supervisor/client/types.ts";
import { createControllers } from "../../supervisor/controllers/controllers.ts";
import { runControllers } from "../../supervisor/controllers/manager.ts";
import { defaultSchedulerName, Scheduler } from "../../supervisor/scheduler/scheduler.ts";
import { admin, TestApiServer } from "./test-api-server.ts";

/** A supervisor without its sockets, in this process: API server, controllers and scheduler. */
export class ControlPlane {
  readonly api: TestApiServer;
  /** An administrator's. */
  readonly client: KubernetesClient;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  private constructor(api: TestApiServer) {
    this.api = api;
    this.client = this.clientOf(admin);
  }

  static async start(clusterCidr = "10.42.0.0/16"): Promise<ControlPlane> {
    const plane = new ControlPlane(await TestApiServer.start());
    plane.#run(clusterCidr);
    return plane;
  }

  clientOf(peer: PeerSubject): KubernetesClient {
    return createClient(new InProcessTransport(this.api.server.fetch, this.api.connection(peer)));
  }

  /** What a host's daemon uses. */
  nodeClient(nodeName: string): KubernetesClient {
    return this.clientOf({ commonName: `system:node:${nodeName}`, organizations: ["system:nodes"] });
  }

  #run(clusterCidr: string): void {
    const { client } = this;
    const { signal } = this.#stop;
    const [clock, logger] = [systemClock, new Logger("error")];
    const informers = new SharedInformers(client, { clock, logger });
    const recorderFor = (component: string) =>
      createEventRecorder(client, { component, clock, logger, signal });
    const recorder = recorderFor(defaultSchedulerName);
    const environment = { client, informers, recorder, recorderFor, clock, logger };
    const sign = (): never => {
      throw new Error("Nobody joins here: certificates are not signed");
    };
    const controllers = createControllers(() => environment, {
      clusterCidr,
      authority: { sign, certificatePem: "" },
      signToken: () => "",
      serverNames: [],
      clusterInfo: "",
    });
    const scheduler = new Scheduler(environment);
    this.#running = Promise.all([
      runControllers(controllers, environment, signal),
      scheduler.run(signal),
      informers.run(signal),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.api.close();
  }
}
