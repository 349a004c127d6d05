import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notifySystemd } from "./notify-systemd.ts";

/** Python stands in for systemd: neither Bun nor Node.js can receive datagrams by a unix socket. */
const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
path = sys.argv[1]
s.bind("\\0" + path[1:] if path.startswith("@") else path)
print("ready", flush=True)
print(s.recv(4096).decode(), flush=True)
`;
const python = Bun.which("python3");

async function receive(path: string): Promise<string> {
  const child = Bun.spawn([python ?? "", "-c", receiver, path], { stdout: "pipe" });
  let output = "";
  let told = false;
  // A line may come in more than one piece.
  for await (const piece of child.stdout) {
    output += new TextDecoder().decode(piece);
    if (!told && output.includes("\n")) {
      told = true;
      await notifySystemd("READY=1", path);
    }
  }
  return output.replace("ready\n", "").trim();
}

test.skipIf(python === null)(
  "notifySystemd sends to a path and to an abstract name (needs python3)",
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "pacific-notify-"));
    try {
      expect(await receive(join(directory, "socket"))).toBe("READY=1");
      expect(await receive(`@pacific-notify-${process.pid}`)).toBe("READY=1");
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);

test("notifySystemd does nothing where nobody asked, and says what it could not tell", async () => {
  await notifySystemd("READY=1", "");
  expect(notifySystemd("READY=1", "/nonexistent/socket")).rejects.toThrow('Cannot tell systemd "READY=1"');
});
