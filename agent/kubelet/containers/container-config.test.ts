import { expect, test } from "bun:test";
import type { V1Container } from "../../../supervisor/api/generated/types.ts";
import type { Image } from "../../images/image-service.ts";
import { containerConfig } from "./container-config.ts";

const image: Image = {
  id: "sha256:1d",
  repoTags: ["docker.io/library/nginx:1"],
  repoDigests: ["docker.io/library/nginx@sha256:d1"],
  sizeBytes: 5,
  diskPath: "/images/1d",
  config: {
    entrypoint: ["/entry"],
    cmd: ["serve"],
    env: ["PATH=/bin", "MODE=image=x"],
    workingDir: "/srv",
    user: "web",
    stopSignal: "SIGQUIT",
    labels: {},
    volumes: [],
  },
  pinned: false,
};

function config(own: Partial<V1Container>, environment: Record<string, string> = {}) {
  const container: V1Container = { name: "web", image: "nginx:1", ...own };
  const pod = {
    metadata: { name: "p", namespace: "ns", uid: "u" },
    spec: { containers: [container] },
  };
  const variables = new Map(Object.entries(environment));
  return containerConfig({
    pod,
    container,
    image,
    restartCount: 2,
    hostname: "p",
    nodeMemoryBytes: 1 << 30,
    environment: variables,
    imageVolumes: new Map(),
  });
}

test("containerConfig joins command and args with the image's as the API says", () => {
  expect(config({}).args).toEqual(["/entry", "serve"]);
  expect(config({ args: ["a"] }).args).toEqual(["/entry", "a"]);
  expect(config({ command: ["c"] }).args).toEqual(["c"]);
  expect(config({ command: ["c"], args: ["$(A)", "$$(A)"] }, { A: "1" }).args).toEqual(["c", "1", "$(A)"]);
});

test("containerConfig lays the Pod's variables over the image's", () => {
  const env = config({ tty: true }, { MODE: "pod" }).env;
  expect(Object.fromEntries(env.map(({ name, value }) => [name, value]))).toEqual({
    PATH: "/bin",
    HOSTNAME: "p",
    TERM: "xterm",
    MODE: "pod",
  });
  expect(config({}).env).toContainEqual({ name: "MODE", value: "image=x" });
});

test("containerConfig names logs by restart and carries what the status needs later", () => {
  const made = config({});
  expect(made.logPath).toBe("web/2.log");
  expect(made.workingDir).toBe("/srv");
  expect(made.stopSignal).toBe("SIGQUIT");
  expect(made.labels["io.kubernetes.container.name"]).toBe("web");
  expect(made.annotations["io.kubernetes.container.restartCount"]).toBe("2");
  expect(made.annotations["pacific.dev/image-reference"]).toBe("docker.io/library/nginx@sha256:d1");
});

test("containerConfig refuses an image without a command", () => {
  const empty = { ...image, config: { ...image.config, entrypoint: [], cmd: [] } };
  const container = { name: "web", image: "scratch" };
  expect(() =>
    containerConfig({
      pod: { spec: { containers: [container] } },
      container,
      image: empty,
      restartCount: 0,
      hostname: "p",
      nodeMemoryBytes: 1 << 30,
      imageVolumes: new Map(),
      environment: new Map(),
    }),
  ).toThrow("no command specified");
});
