/** Real kubectl through a whole supervisor and a host's tunnel, to containers that are processes of this machine. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { type CommandResult, run } from "../../framework/cluster.ts";
import { eventually } from "../../framework/eventually.ts";
import { findKubectl } from "../../framework/kubectl.ts";
import { Terminal } from "../../framework/terminal.ts";
import { podName, StreamsRig } from "./streams-rig.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const spdy = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false", KUBECTL_PORT_FORWARD_WEBSOCKETS: "false" };
const clients: readonly { name: string; version: string; env: Record<string, string> }[] = [
  { name: "kubectl 1.36 by WebSocket", version: "v36", env: {} },
  { name: "kubectl 1.36 by SPDY", version: "v36", env: spdy },
  { name: "kubectl 1.35 by WebSocket", version: "v35", env: {} },
  { name: "kubectl 1.34 by WebSocket", version: "v34", env: {} },
];

let rig: StreamsRig;
beforeAll(async () => {
  rig = await StreamsRig.start();
});
afterAll(() => rig.stop());

for (const { name, version, env } of clients) {
  const path = findKubectl(version);
  const title = path === undefined ? `${name} (skipped: run ./install.sh test-tools first)` : name;
  describe.skipIf(path === undefined)(title, () => {
    const command = (...args: readonly string[]): string[] => {
      return [path ?? "", "--kubeconfig", rig.supervisor.kubeconfigPath, ...args];
    };
    const kc = (...args: readonly string[]): Promise<CommandResult> => run(command(...args), { env });
    const spawn = (args: readonly string[], stdin: "pipe" | "ignore" | Buffer = "ignore") =>
      Bun.spawn(command(...args), { stdin, stdout: "pipe", stderr: "pipe", env: { ...process.env, ...env } });
    /** What a process has written, as it comes. */
    const follow = (stream: ReadableStream<Uint8Array>) => {
      const seen = { text: "" };
      void (async () => {
        for await (const chunk of stream) seen.text += Buffer.from(chunk).toString();
      })();
      return seen;
    };

    test("exec keeps streams apart and ends with the command's code", async () => {
      const result = await kc(
        "exec",
        podName,
        "-c",
        "app",
        "--",
        "sh",
        "-c",
        "echo out; echo err >&2; exit 42",
      );
      expect(result.stdout).toBe("out\n");
      expect(result.stderr).toBe("err\ncommand terminated with exit code 42\n");
      expect(result.code).toBe(42);
    });

    test("exec of what cannot run, or where, says why", async () => {
      const absent = await kc("exec", podName, "-c", "app", "--", "no-such-command");
      expect(absent.code).toBe(1);
      expect(absent.stderr).toContain("error executing command in container");
      const nowhere = await kc("exec", podName, "-c", "other", "--", "true");
      expect(nowhere.stderr).toContain("container other is not valid for pod web");
    });

    test("exec -i pipes 10 MB in and out unchanged", async () => {
      const input = Buffer.from(crypto.getRandomValues(new Uint8Array(50_000)));
      const big = Buffer.concat(Array<Buffer>(200).fill(input));
      const child = spawn(["exec", "-i", podName, "-c", "app", "--", "cat"], big);
      const output = Buffer.from(await new Response(child.stdout).arrayBuffer());
      expect(output.equals(big)).toBe(true);
      expect(await child.exited).toBe(0);
    });

    test("killing kubectl ends the command", async () => {
      const mark = join(rig.folder, `mark-${version}-${Object.keys(env).length}`);
      const script = `echo $$ > ${mark}; echo up; exec sleep 1000`;
      const child = spawn(["exec", podName, "-c", "app", "--", "sh", "-c", script]);
      const seen = follow(child.stdout);
      await eventually("the command runs", 10_000, () => seen.text === "up\n");
      const pid = Number(readFileSync(mark, "utf8"));
      child.kill("SIGKILL");
      await eventually("the command is gone", 10_000, () => !isAlive(pid));
    });

    test("exec -it is a terminal with resize and Ctrl-C", async () => {
      const words = Object.entries(env).map(([key, value]) => `${key}=${value}`);
      const session = new Terminal([
        "env",
        ...words,
        ...command("exec", "-it", podName, "-c", "app", "--", "sh"),
      ]);
      await session.shows(/[#$] $/);
      session.resize(100, 30);
      await eventually("the terminal has the new size", 10_000, () => {
        session.type("stty size\r");
        return session.screen.includes("30 100");
      });
      session.type("sh -c 'echo run''ning; exec sleep 1000'\r");
      await session.shows(/running/);
      session.type("\x03");
      await session.shows(/\^C\s+[#$] $/);
      session.type("echo after=$?\r");
      await session.shows(/after=130/);
      session.type("exit 5\r");
      expect(await session.exited).toBe(5);
    });

    test("attach reaches the container's streams and its end, and has no exit code", async () => {
      await rig.startReader('while read -r line; do echo "got $line"; done; exit 3');
      const result = await run(command("attach", "-i", podName, "-c", "reader"), { input: "a\nb\n", env });
      expect(result.stdout).toBe("got a\ngot b\n");
      expect(result.code).toBe(0);
    });

    test("port-forward carries many connections, large answers, and tells of a closed port", async () => {
      const big = "x".repeat(5_000_000);
      const server = createServer((request, response) =>
        response.end(request.url === "/big" ? big : request.url),
      );
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
      const address = server.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      const forward = spawn(["port-forward", podName, `:${port}`, ":1"]);
      const said = follow(forward.stdout);
      const complaints = follow(forward.stderr);
      await eventually("both ports are forwarded", 10_000, () => said.text.includes("-> 1\n"));
      const local = /127\.0\.0\.1:(\d+) ->/.exec(said.text)?.[1];
      const get = async (what: string) =>
        (await fetch(`http://127.0.0.1:${local}/${what}`, { keepalive: false })).text();
      const numbers = Array.from({ length: 50 }, (_, index) => String(index));
      expect(await Promise.all(numbers.map(get))).toEqual(numbers.map((number) => `/${number}`));
      expect((await get("big")) === big).toBe(true);
      const closed = /127\.0\.0\.1:(\d+) -> 1\n/.exec(said.text)?.[1];
      await fetch(`http://127.0.0.1:${closed}/`).catch(() => {});
      await eventually("kubectl tells", 10_000, () =>
        complaints.text.includes("error forwarding port 1 to pod web_default"),
      );
      forward.kill();
      server.close();
    });

    test("cp copies a tree there and back", async () => {
      const folder = join(rig.folder, `cp-${version}-${Object.keys(env).length}`);
      mkdirSync(join(folder, "there/deep"), { recursive: true });
      mkdirSync(join(folder, "pod"));
      writeFileSync(join(folder, "there/deep/file"), "text\n".repeat(500_000));
      await kc("cp", join(folder, "there"), `${podName}:${folder}/pod`, "-c", "app");
      await kc("cp", `${podName}:${folder}/pod/there`, join(folder, "back"), "-c", "app");
      expect(readFileSync(join(folder, "back/deep/file"), "utf8")).toBe("text\n".repeat(500_000));
    });

    test("logs -f goes on through a rotation until the container ends", async () => {
      const log = join(rig.folder, `log-${version}-${Object.keys(env).length}`);
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      rig.pods.setLog("crx://app", { path: log, ended });
      const entry = (text: string) => `2026-01-31T12:00:00.000000000Z stdout F ${text}\n`;
      writeFileSync(log, entry("one"));
      const child = spawn(["logs", "-f", podName, "-c", "app"]);
      const seen = follow(child.stdout);
      await eventually("the first line is there", 10_000, () => seen.text === "one\n");
      appendFileSync(log, entry("two"));
      renameSync(log, `${log}.20260131-120000`);
      writeFileSync(log, entry("three"));
      await eventually("the third line is there", 10_000, () => seen.text === "one\ntwo\nthree\n");
      end();
      expect(await child.exited).toBe(0);
      expect((await kc("logs", podName, "-c", "app", "--tail=2")).stdout).toBe("two\nthree\n");
      expect((await kc("logs", podName, "-c", "app", "-p")).stderr).toContain(
        'previous terminated container "app" in pod "web" not found',
      );
    });

    test("a host that goes away ends the sessions, and new ones wait for its return", async () => {
      const child = spawn(["exec", podName, "-c", "app", "--", "sh", "-c", "echo up; exec sleep 1000"]);
      const seen = follow(child.stdout);
      await eventually("the command runs", 10_000, () => seen.text === "up\n");
      await rig.stopHost();
      // By SPDY kubectl takes a lost connection for the command's good end.
      const code = await child.exited;
      if (env !== spdy) expect(code).toBe(1);
      const early = kc("exec", podName, "-c", "app", "--", "echo", "back");
      await Bun.sleep(100);
      await rig.startHost();
      expect((await early).stdout).toBe("back\n");
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
