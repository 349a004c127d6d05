/** What people do with kubectl, by each version and by each transport: exec, attach, port-forward, cp, logs. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cluster, type CommandResult, root, run } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";
import { Terminal } from "../framework/terminal.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-kubectl");
const cluster = new Cluster(16444);

const shell = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "shell" },
  spec: {
    terminationGracePeriodSeconds: 2,
    containers: [
      {
        name: "main",
        image: "pacific.local/demo:latest",
        imagePullPolicy: "Never",
        command: ["sh", "-c", "echo main; httpd -p 8080 -h /tmp; exec sleep 100000"],
      },
      {
        name: "echo",
        image: "pacific.local/demo:latest",
        imagePullPolicy: "Never",
        stdin: true,
        command: ["sh", "-c", 'while read -r line; do echo "echo: $line"; done'],
      },
    ],
  },
};

beforeAll(async () => {
  await cluster.start();
  await cluster.addHost("box-1");
  await cluster.importImage("box-1", join(root, "dist/images/demo.tar"));
  await cluster.apply(shell);
  const waited = await cluster.kubectl("wait", "--for=condition=Ready", "pod/shell", "--timeout=300s");
  if (waited.code !== 0) throw new Error(`${waited.stderr}${cluster.hosts.get("box-1")?.log()}`);
});

afterAll(() => cluster.remove());

const transports = [
  { kubectl: "v36", transport: "WebSocket", env: {} },
  { kubectl: "v35", transport: "WebSocket", env: {} },
  { kubectl: "v34", transport: "WebSocket", env: {} },
  {
    kubectl: "v36",
    transport: "SPDY",
    env: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false", KUBECTL_PORT_FORWARD_WEBSOCKETS: "false" },
  },
];

describe.each(transports)("kubectl $kubectl by $transport", ({ kubectl, env }) => {
  const base = [cluster.kubectlPath(kubectl), "--kubeconfig", cluster.kubeconfig];
  const kc = (...args: string[]): Promise<CommandResult> => run([...base, ...args], { env });
  const terminal = (...args: string[]): Terminal =>
    new Terminal(["env", ...Object.entries(env).map(([k, v]) => `${k}=${v}`), ...base, ...args]);

  test("exec keeps output and errors apart and hands the exit code through", async () => {
    const result = await kc(
      "exec",
      "shell",
      "-c",
      "main",
      "--",
      "sh",
      "-c",
      "echo out; echo err >&2; exit 42",
    );
    expect(result.stdout).toBe("out\n");
    expect(result.stderr).toBe("err\ncommand terminated with exit code 42\n");
    expect(result.code).toBe(42);
  });

  test("exec of a command that does not exist says so", async () => {
    const result = await kc("exec", "shell", "-c", "main", "--", "no-such-command");
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain('exec: "no-such-command": executable file not found in $PATH');
  });

  test("exec -i pipes megabytes in and out unchanged", async () => {
    const input = Buffer.from(crypto.getRandomValues(new Uint8Array(3000)).map((byte) => 32 + (byte % 90)))
      .toString()
      .repeat(1000);
    const child = Bun.spawn([...base, "exec", "-i", "shell", "-c", "main", "--", "cat"], {
      stdin: Buffer.from(input),
      stdout: "pipe",
      env: { ...process.env, ...env },
    });
    expect((await new Response(child.stdout).text()) === input).toBe(true);
    expect(await child.exited).toBe(0);
  });

  test("exec -it is a real terminal: size, resize, Ctrl-C and exit code", async () => {
    const session = terminal("exec", "-it", "shell", "-c", "main", "--", "sh");
    await session.shows(/[#$] /);
    // Sizes come beside what is typed, so each may be there a little later.
    const hasSize = (size: string): Promise<boolean> =>
      eventually(`the guest's terminal has the size ${size}`, 20_000, async () => {
        session.type("stty size\r");
        await Bun.sleep(200);
        return session.screen.includes(size);
      });
    await hasSize("24 80");
    session.resize(100, 30);
    await hasSize("30 100");
    // What was typed ahead goes with a Ctrl-C, so the command must run before it. It is the command
    // that says so: the shell, between two of its own, has given the terminal to neither yet.
    session.type(`sh -c "echo is''running; exec sleep 1000"\r`);
    await session.shows(/isrunning/);
    session.type("\x03");
    await session.shows(/\^C\s+~ \$ /);
    session.type("echo after=$?\r");
    await session.shows(/after=130/);
    session.type("exit 5\r");
    expect(await session.exited).toBe(5);
  });

  test("attach reaches the container's own standard input and output", async () => {
    const session = Bun.spawn([...base, "attach", "-i", "shell", "-c", "echo"], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "ignore",
      env: { ...process.env, ...env },
    });
    const reader = session.stdout.getReader();
    const word = `word-${kubectl}-${Object.keys(env).length}`;
    session.stdin.write(`${word}\n`);
    session.stdin.flush();
    let seen = "";
    await eventually("the container answers", 20_000, async () => {
      seen += new TextDecoder().decode((await reader.read()).value);
      return seen.includes(`echo: ${word}`);
    });
    session.kill();
    await session.exited;
    // Who is attached sees it before it is written.
    await eventually("the log has it too", 20_000, async () =>
      (await kc("logs", "shell", "-c", "echo")).stdout.includes(`echo: ${word}\n`),
    );
  });

  test("port-forward carries many connections and refuses a closed port alone", async () => {
    await kc("exec", "shell", "-c", "main", "--", "sh", "-c", "echo page > /tmp/index.html");
    const forward = Bun.spawn([...base, "port-forward", "shell", ":8080", ":8081"], {
      stdout: "pipe",
      stderr: "pipe",
      env: { ...process.env, ...env },
    });
    const reader = forward.stdout.getReader();
    let said = "";
    await eventually("both ports are forwarded", 20_000, async () => {
      said += new TextDecoder().decode((await reader.read()).value);
      return said.includes("-> 8080") && said.includes("-> 8081");
    });
    const port = /127\.0\.0\.1:(\d+) -> 8080/.exec(said)?.[1];
    const closed = /127\.0\.0\.1:(\d+) -> 8081/.exec(said)?.[1];
    const get = (): Promise<string> =>
      fetch(`http://127.0.0.1:${port}/`, { keepalive: false }).then((answer) => answer.text());
    expect(await Promise.all(Array.from({ length: 20 }, get))).toEqual(
      Array.from({ length: 20 }, () => "page\n"),
    );
    expect(
      await fetch(`http://127.0.0.1:${closed}/`).then(
        () => "answered",
        () => "refused",
      ),
    ).toBe("refused");
    forward.kill();
    await forward.exited;
  });

  test("cp copies a tree there and back", async () => {
    const folder = join(cluster.folder, `cp-${kubectl}-${Object.keys(env).length}`);
    mkdirSync(join(folder, "there/deep"), { recursive: true });
    writeFileSync(join(folder, "there/deep/file"), "text\n".repeat(10_000));
    writeFileSync(join(folder, "there/script"), "#!/bin/sh\n", { mode: 0o755 });
    expect((await kc("cp", join(folder, "there"), "shell:/tmp/copied", "-c", "main")).stderr).toBe("");
    await kc("cp", "shell:/tmp/copied", join(folder, "back"), "-c", "main");
    expect(readFileSync(join(folder, "back/deep/file"), "utf8")).toBe("text\n".repeat(10_000));
    await kc("exec", "shell", "-c", "main", "--", "rm", "-r", "/tmp/copied");
  });
});

describe("kubectl", () => {
  test("get -w shows each change as it happens", async () => {
    const watching = Bun.spawn(
      [cluster.kubectlPath(), "--kubeconfig", cluster.kubeconfig, "get", "pods", "-w"],
      { stdout: "pipe" },
    );
    const reader = watching.stdout.getReader();
    let seen = "";
    const until = (text: RegExp): Promise<boolean> =>
      eventually(`the watch shows ${text}`, 60_000, async () => {
        if (!text.test(seen)) seen += new TextDecoder().decode((await reader.read()).value);
        return text.test(seen);
      });
    await until(/shell +2\/2/);
    await cluster.apply({
      ...shell,
      metadata: { name: "brief" },
      spec: {
        ...shell.spec,
        restartPolicy: "Never",
        containers: [{ ...shell.spec.containers[0], command: ["true"] }],
      },
    });
    await until(/brief +0\/1 +Pending/);
    await until(/brief +0\/1 +ContainerCreating/);
    await until(/brief +0\/1 +Completed/);
    watching.kill();
    await watching.exited;
    await cluster.kubectl("delete", "pod", "brief");
  });

  test("logs knows tail, since, timestamps, limit, previous and follows until the end", async () => {
    const pod = (name: string, script: string): object => ({
      ...shell,
      metadata: { name },
      spec: {
        ...shell.spec,
        restartPolicy: "OnFailure",
        containers: [{ ...shell.spec.containers[0], command: ["sh", "-c", script] }],
      },
    });
    await cluster.apply(
      pod(
        "lines",
        "test -e /tmp/x; for i in $(seq 1 100); do echo line $i; done; echo to-stderr >&2; sleep 1",
      ),
    );
    const followed = await eventually("the log can be followed", 60_000, async () => {
      const result = await cluster.kubectl("logs", "-f", "lines");
      return result.code === 0 ? result.stdout : undefined;
    });
    expect(followed.split("\n").filter((line) => line.startsWith("line"))).toHaveLength(100);
    expect(followed).toContain("to-stderr\n");
    expect((await cluster.kubectl("logs", "lines", "--tail=2")).stdout.trim().split("\n")).toHaveLength(2);
    expect((await cluster.kubectl("logs", "lines", "--limit-bytes=6")).stdout).toBe("line 1");
    expect((await cluster.kubectl("logs", "lines", "--timestamps", "--tail=1")).stdout).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d) /,
    );
    expect((await cluster.kubectl("logs", "shell", "-c", "nobody")).stderr).toContain(
      "container nobody is not valid for pod shell",
    );
    expect(
      (await cluster.kubectl("logs", "shell")).stdout + (await cluster.kubectl("logs", "shell")).stderr,
    ).toContain("Defaulted container");
    await cluster.kubectl("delete", "pod", "lines");
  });
});
