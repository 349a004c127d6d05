import { expect, test } from "bun:test";
import { type Duplex, duplexPair, PassThrough } from "node:stream";
import websocket from "websocket-driver";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import { sendRequest } from "../../supervisor/base/http/http-client.ts";
import { serveHttp } from "../../supervisor/base/http/serve-http.ts";
import { RuntimeError } from "../runtime/runtime.ts";
import type { StreamSession } from "../runtime/stream-session.ts";
import { kubeletServer } from "./kubelet-server.ts";
import type { PodStreams } from "./pod-streams.ts";

const running = { image: "x", imageID: "x", ready: true, restartCount: 0, state: { running: {} } };
const pod: V1Pod = {
  metadata: { namespace: "ns", name: "web" },
  spec: { containers: [{ name: "app" }, { name: "dead" }] },
  status: { containerStatuses: [{ ...running, name: "app" }] },
};

/** A command that writes its input to its output, upper case to the errors, and ends with its arguments' number. */
function echoSession(argumentCount: number, sizes: string[]): StreamSession {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const exit = Promise.withResolvers<{ exitCode: number }>();
  stdin.on("data", (bytes: Buffer) => {
    stdout.write(bytes);
    stderr.write(bytes.toString().toUpperCase());
  });
  stdin.on("end", () => {
    stdout.end();
    stderr.end();
    exit.resolve({ exitCode: argumentCount });
  });
  const resize = (columns: number, rows: number): void => void sizes.push(`${columns}x${rows}`);
  return { stdin, stdout, stderr, resize, exit: exit.promise, close: () => stdin.end() };
}

class TestStreams implements PodStreams {
  readonly sizes: string[] = [];
  pods(): readonly V1Pod[] {
    return [pod];
  }
  exec(_reference: unknown, options: { readonly command: readonly string[] }): Promise<StreamSession> {
    if (options.command[0] === "absent")
      return Promise.reject(new RuntimeError("start-failed", "there is no absent"));
    return Promise.resolve(echoSession(options.command.length, this.sizes));
  }
  attach(): Promise<StreamSession> {
    return Promise.resolve(echoSession(0, this.sizes));
  }
  portForward(_reference: unknown, port: number): Promise<Duplex> {
    if (port === 1) return Promise.reject(new RuntimeError("invalid", "connection refused"));
    const stream = new PassThrough();
    stream.write(`port ${port} `);
    return Promise.resolve(stream);
  }
  connect(_reference: unknown, port: number): Promise<Duplex> {
    if (port === 1) return Promise.reject(new Error("dial tcp 10.42.0.7:1: connect: connection refused"));
    const stream = new PassThrough();
    stream.write(`address ${port} `);
    return Promise.resolve(stream);
  }
  logFile(): undefined {
    return undefined;
  }
}

function dial(streams: PodStreams): Duplex {
  const [stream, serverSide] = duplexPair();
  void serveHttp(serverSide, kubeletServer(streams, Date.now), { remoteAddress: "test" });
  return stream;
}

/** A WebSocket client whose messages are `channel:text`. */
class Client {
  readonly messages: string[] = [];
  readonly closed: Promise<void>;
  readonly #driver: ReturnType<typeof websocket.client>;
  readonly #base64: boolean;
  #wake = (): void => {};

  constructor(target: string, protocol: string, streams: PodStreams = new TestStreams()) {
    const stream = dial(streams);
    this.#base64 = protocol.includes("base64");
    this.#driver = websocket.client(`ws://kubelet${target}`, {
      protocols: protocol === "" ? [] : [protocol],
    });
    this.#driver.io.on("data", (bytes) => stream.write(bytes));
    this.closed = new Promise((resolve) => {
      this.#driver.on("close", () => resolve());
      this.#driver.on("error", () => resolve());
    });
    this.#driver.on("message", ({ data }) => {
      const raw = Buffer.from(data);
      const channel = this.#base64 ? (raw[0] ?? 0) - 48 : raw[0];
      const text = this.#base64
        ? Buffer.from(raw.toString("latin1", 1), "base64").toString()
        : raw.toString("latin1", 1);
      if (text !== "") this.messages.push(`${channel}:${text}`);
      this.#wake();
    });
    stream.on("data", (bytes: Buffer) => this.#driver.io.write(bytes));
    this.#driver.start();
  }

  send(channel: number, bytes: string | Buffer): void {
    if (this.#base64) this.#driver.text(`${channel}${Buffer.from(bytes).toString("base64")}`);
    else this.#driver.binary(Buffer.concat([Buffer.from([channel]), Buffer.from(bytes)]));
  }

  async until(message: string): Promise<void> {
    while (!this.messages.includes(message)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const exec = "/exec/ns/web/app?input=1&output=1&error=1";

test("v5: output, errors, sizes, the end of the input, and the exit code as a Status", async () => {
  const streams = new TestStreams();
  const client = new Client(`${exec}&command=a&command=b&command=c`, "v5.channel.k8s.io", streams);
  client.send(4, '{"Width":100,"Height":30}');
  client.send(4, '{"Width":-1,"Height":30}');
  client.send(4, "nonsense");
  client.send(0, "hello");
  await client.until("1:hello");
  await client.until("2:HELLO");
  client.send(255, Buffer.from([0]));
  await client.closed;
  expect(streams.sizes).toEqual(["100x30"]);
  const status = JSON.parse(client.messages.at(-1)?.slice(2) ?? "");
  expect(status).toEqual({
    metadata: {},
    status: "Failure",
    message: "command terminated with non-zero exit code: exit status 3",
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: "3" }] },
  });
});

test.each(["v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io", ""])(
  "the protocol %j is spoken",
  async (protocol) => {
    const client = new Client(`${exec}&command=a`, protocol);
    client.send(0, "hello");
    await client.until("1:hello");
    await client.until("2:HELLO");
  },
);

test("a command that cannot start is told on the error channel, with kubelet's words", async () => {
  const message = "Internal error occurred: error executing command in container: there is no absent";
  const client = new Client(`${exec}&command=absent`, "v4.channel.k8s.io");
  await client.closed;
  expect(JSON.parse(client.messages[0]?.slice(2) ?? "")).toMatchObject({
    status: "Failure",
    message,
    code: 500,
  });
  const older = new Client(`${exec}&command=absent`, "channel.k8s.io");
  await older.closed;
  expect(older.messages).toEqual([`3:${message}`]);
});

test("port-forward by channels begins each with its port and tells failures", async () => {
  const client = new Client("/portForward/ns/web?port=8080&port=1", "v4.channel.k8s.io");
  client.send(0, "ping");
  await client.until("0:port 8080 ");
  await client.until("0:ping");
  await client.until("3:error forwarding port 1 to pod web_ns: connection refused");
  expect(client.messages.slice(0, 1)).toEqual([`0:${String.fromCharCode(8080 & 255, 8080 >> 8)}`]);
});

test("the supervisor's own connections lead to the Pod's address, and are refused with the reason", async () => {
  const ask = async (port: number) => {
    const stream = dial(new TestStreams());
    const headers = [
      ["Connection", "Upgrade"],
      ["Upgrade", "tcp"],
    ] as const;
    const target = `/portForward/ns/web?port=${port}`;
    const answer = await sendRequest(stream, { method: "GET", target, headers });
    if (answer.kind === "response") return answer.response.text();
    for await (const chunk of stream) return String(chunk);
    return "";
  };
  expect(await ask(8080)).toBe("address 8080 ");
  expect(await ask(1)).toBe("dial tcp 10.42.0.7:1: connect: connection refused");
});

const upgrade = [
  ["Connection", "Upgrade"],
  ["Upgrade", "SPDY/3.1"],
] as const;
const refused: readonly [string, string, string, readonly (readonly [string, string])[], string][] = [
  [
    "no stream",
    "POST",
    "/exec/ns/web/app",
    upgrade,
    "400 you must specify at least 1 of stdin, stdout, stderr",
  ],
  ["no such Pod", "POST", "/exec/ns/other/app?output=1", upgrade, "404 pod does not exist"],
  ["no such container", "POST", "/exec/ns/web/x?output=1", upgrade, '500 container not found ("x")'],
  [
    "a container that does not run",
    "POST",
    "/attach/ns/web/dead?output=1",
    upgrade,
    '500 container not found ("dead")',
  ],
  [
    "no upgrade",
    "POST",
    "/exec/ns/web/app?output=1",
    [],
    "400 unable to upgrade: missing upgrade headers in request",
  ],
  [
    "an unknown SPDY protocol",
    "POST",
    "/exec/ns/web/app?output=1",
    [...upgrade, ["X-Stream-Protocol-Version", "v9"]],
    "403 unable to upgrade: unable to negotiate protocol: client supports [v9], server accepts [v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io]",
  ],
  [
    "a port that is none",
    "GET",
    "/portForward/ns/web?port=x",
    [
      ["Connection", "Upgrade"],
      ["Upgrade", "websocket"],
    ],
    '400 invalid query parameter "port"',
  ],
];
test.each(refused)("%s is refused", async (_name, method, target, headers, expected) => {
  const answer = await sendRequest(dial(new TestStreams()), { method, target, headers });
  if (answer.kind !== "response") throw new Error("The upgrade was accepted");
  expect(`${answer.response.status} ${await answer.response.text()}`).toBe(expected);
});

test("the plain paths answer", async () => {
  const ask = async (target: string): Promise<string> => {
    const answer = await sendRequest(dial(new TestStreams()), { method: "GET", target, headers: [] });
    return answer.kind === "response"
      ? `${answer.response.status} ${await answer.response.text()}`
      : "upgraded";
  };
  expect(await ask("/healthz")).toBe("200 ok");
  expect(await ask("/pods")).toContain('"kind":"PodList"');
  expect(await ask("/containerLogs/ns/other/app")).toBe('404 pod "other" does not exist');
  expect(await ask("/containerLogs/ns/web/x")).toBe('404 container "x" not found in pod "web"');
  expect(await ask("/containerLogs/ns/web/dead")).toBe('400 container "dead" in pod "web" is not available');
  expect(await ask("/containerLogs/ns/web/app?tailLines=x")).toBe(
    '400 {"message": "Unable to decode query."}',
  );
});
