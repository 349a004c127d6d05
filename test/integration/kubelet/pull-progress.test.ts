import { afterEach, expect, test } from "bun:test";
import type { PullOptions } from "../../../agent/images/image-service.ts";
import { ImagePuller } from "../../../agent/kubelet/images/image-puller.ts";
import { KubeletMetrics } from "../../../agent/kubelet/metrics/kubelet-metrics.ts";
import { BackOff } from "../../../agent/kubelet/pods/back-off.ts";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { loopbackConnection } from "../../../supervisor/apiserver/create-api-server.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { createEventRecorder } from "../../../supervisor/client/event-recorder.ts";
import { InProcessTransport } from "../../../supervisor/client/in-process-transport.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import { eventually } from "../../framework/eventually.ts";
import { FakeClock } from "../../framework/fake-clock.ts";
import { FakeImages } from "../../framework/fake-images.ts";
import { admin, TestApiServer } from "../../framework/test-api-server.ts";

const cleanups: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

test("a pull that takes long tells how far it is by events that clients can read", async () => {
  const clock = new FakeClock();
  const server = await TestApiServer.start({ clock }, clock);
  cleanups.push(() => server.close());
  const caller = loopbackConnection(admin.commonName, admin.organizations);
  const client = createClient(new InProcessTransport(server.server.fetch, caller));
  const logger = new Logger("error");
  const recorder = createEventRecorder(client, { component: "kubelet", host: "box-1", clock, logger });
  const images = new FakeImages();
  images.add("registry.example.test/big:1");
  const pull = images.pullImage.bind(images);
  images.pullImage = async (reference: string, options: PullOptions) => {
    for (const doneMiB of [10, 20, 30]) {
      await clock.advance(8000);
      options.onProgress?.({ phase: "downloading", doneBytes: doneMiB << 20, totalBytes: 64 << 20 });
    }
    return pull(reference, options);
  };
  const config = { secret: async () => undefined, configMap: async () => undefined };
  const puller = new ImagePuller({
    images,
    recorder,
    clock,
    backOff: new BackOff(clock, 1000, 1000),
    config,
    credentialFiles: [],
    metrics: new KubeletMetrics("box-1", clock),
  });
  const pod: V1Pod = {
    metadata: { namespace: "default", name: "web", uid: "u1" },
    spec: { containers: [{ name: "main", image: "registry.example.test/big:1" }] },
  };
  await puller.ensureImage(pod, pod.spec?.containers[0] ?? { name: "main" }, new AbortController().signal);
  const messages = async (): Promise<string[]> => {
    const { body } = await server.call(
      "GET",
      "/api/v1/namespaces/default/events?fieldSelector=involvedObject.name=web",
    );
    return body.items.map((event: { readonly message: string }) => event.message);
  };
  await eventually("all events are there", 5000, async () => (await messages()).length >= 3);
  expect((await messages()).sort()).toEqual([
    'Pulling image "registry.example.test/big:1"',
    'Pulling image "registry.example.test/big:1": downloading, 20.0 of 64.0 MiB',
    expect.stringContaining('Successfully pulled image "registry.example.test/big:1" in 24'),
  ]);
});
