import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectUnix } from "./connect-unix.ts";
import { QmpClient, QmpError, type QmpEvent } from "./qmp-client.ts";

const qemu = Bun.which("qemu-system-x86_64");
const greeting = '{"QMP": {"version": {}, "capabilities": []}}\r\n';
const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pacific-qmp-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Polls for the socket of a QEMU that is starting. */
async function connectSoon(folder: string): Promise<Socket> {
  for (const deadline = Date.now() + 120_000; ; await Bun.sleep(5)) {
    try {
      return await connectUnix(folder, "qmp.sock");
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/** A server in QEMU's place that greets, accepts the capabilities, then answers by `script`. */
async function fakeQemu(script: (line: string, socket: Socket) => void): Promise<Socket> {
  const folder = temporaryFolder();
  const server: Server = createServer((socket) => {
    cleanups.push(() => socket.destroy());
    socket.on("error", () => {});
    socket.write(greeting);
    socket.on("data", (chunk) => {
      for (const line of chunk.toString().split("\n").filter(Boolean)) {
        if (line.includes("qmp_capabilities")) socket.write('{"return": {}, "id": 1}\r\n');
        else script(line, socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(join(folder, "qmp.sock"), resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return connectUnix(folder, "qmp.sock");
}

async function kindOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "none",
    (error: unknown) => (error instanceof QmpError ? error.kind : String(error)),
  );
}

describe("QmpClient", () => {
  test.skipIf(!qemu)(
    `speaks with a real QEMU${qemu ? "" : " (skipped: no qemu-system-x86_64)"}`,
    async () => {
      const folder = temporaryFolder();
      const args = [
        "-M",
        "none",
        "-S",
        "-nodefaults",
        "-display",
        "none",
        "-qmp",
        "unix:qmp.sock,server=on,wait=off",
      ];
      const child = Bun.spawn([qemu ?? "", ...args], { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
      cleanups.push(async () => {
        child.kill(9);
        await child.exited;
      });
      const client = await QmpClient.open(await connectSoon(folder));
      expect(await client.execute("query-status")).toMatchObject({ status: "prelaunch" });
      expect(await kindOf(client.execute("no-such-command"))).toBe("command");
      const event = new Promise<QmpEvent>((resolve) => client.onEvent(resolve));
      await client.execute("quit");
      expect((await event).event).toBe("SHUTDOWN");
      await client.closed;
      expect(await kindOf(client.execute("query-status"))).toBe("closed");
    },
  );

  test("matches answers by id, in whatever order and pieces they come", async () => {
    const lines: string[] = [];
    const client = await QmpClient.open(
      await fakeQemu((line, socket) => {
        lines.push(line);
        if (lines.length < 2) return;
        const ids = lines.map((text) => Number(/"id":(\d+)/.exec(text)?.[1]));
        const answers = ids.reverse().map((id) => `{"return": ${id}, "id": ${id}}\r\n`);
        for (const byte of answers.join("")) socket.write(byte);
      }),
    );
    expect(await Promise.all([client.execute("a"), client.execute("b")])).toEqual([2, 3]);
    client.close();
  });

  test("times out, and fails what is under way when QEMU goes", async () => {
    const client = await QmpClient.open(
      await fakeQemu((line, socket) => {
        if (line.includes("bye")) socket.destroy();
      }),
    );
    expect(await kindOf(client.execute("silence", {}, 5))).toBe("timeout");
    expect(await Promise.all([kindOf(client.execute("other")), kindOf(client.execute("bye"))])).toEqual([
      "closed",
      "closed",
    ]);
  });

  test("an answer without a limit of its own is waited for as its patience has it", async () => {
    const late: Array<() => void> = [];
    const client = await QmpClient.open(await fakeQemu(() => {}), {
      patience: (limitMs, giveUp) => {
        late.push(() => giveUp(6 * limitMs));
        return () => {};
      },
    });
    const answer = client.execute("silence").catch((error: unknown) => String(error));
    late.at(-1)?.();
    expect(await answer).toBe("QmpError: QMP silence: no answer within 60000 ms");
    expect(await kindOf(client.execute("silence", {}, 5))).toBe("timeout");
    client.close();
  });

  test("gives up on endless lines and on what is no JSON", async () => {
    for (const answer of ["x".repeat((1 << 20) + 1), "no json\r\n", "[]\r\n"]) {
      const client = await QmpClient.open(await fakeQemu((_line, socket) => socket.write(answer)));
      expect(await kindOf(client.execute("anything"))).toBe("protocol");
      await client.closed;
    }
  });
});
