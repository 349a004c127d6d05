import { expect, test } from "bun:test";
import { KubeletRig, statusOf } from "./kubelet-rig.ts";

test("a container waits for a variable of a file, and starts when a container before it has made it", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const fileKeyRef = { volumeName: "made", path: "app.env", key: "PORT" };
  await rig.createPod(
    "p",
    { volumes: [{ name: "made", emptyDir: {} }] },
    { env: [{ name: "LISTEN", valueFrom: { fileKeyRef } }] },
  );
  const waits = await rig.untilWaiting("p", "CreateContainerConfigError");
  expect(statusOf(waits).state?.waiting?.message).toBe(
    'environment variable key "PORT" not found in file "app.env"',
  );
  rig.runtime.volumeFiles.set("made/app.env", "PORT='8080'\n");
  await rig.clock.advance(10_000);
  await rig.untilRunning("p");
  expect(rig.runtime.containerConfigs.at(-1)?.env).toContainEqual({ name: "LISTEN", value: "8080" });
});
