import { describe, expect, test } from "bun:test";
import { AttachOutput } from "./attach-output.ts";

async function textOf(output: AttachOutput): Promise<string> {
  let text = "";
  for await (const chunk of output) text += String(chunk);
  return text;
}

describe("AttachOutput", () => {
  test("gives all that was added to whoever reads late or early", async () => {
    const output = new AttachOutput(() => {});
    for (const piece of ["one ", "two "]) output.add(Buffer.from(piece));
    const text = textOf(output);
    output.add(Buffer.from("three"));
    output.finish();
    expect(await text).toBe("one two three");
  });

  test("does not end before what waits is read", async () => {
    const output = new AttachOutput(() => {});
    output.add(Buffer.from("last words"));
    output.finish();
    expect(await textOf(output)).toBe("last words");
  });

  test("cuts off a reader who is a mebibyte behind, and says so", async () => {
    let closed = 0;
    const output = new AttachOutput(() => {
      closed += 1;
    });
    const error = new Promise((resolve) => output.once("error", resolve));
    output.add(Buffer.alloc(1 << 20));
    expect(output.destroyed).toBe(false);
    output.add(Buffer.alloc(1));
    expect(String(await error)).toBe("Error: The reader of the attachment is 1048576 bytes behind");
    expect(closed).toBe(1);
    output.add(Buffer.from("nobody hears this"));
  });

  test("a stopped reader costs as much memory for small pieces as for large ones", () => {
    const output = new AttachOutput(() => {});
    // A piece as the channel gives it: a few bytes at the beginning of a buffer of 4 KiB.
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 20_000; count += 1) output.add(Buffer.alloc(4096).subarray(0, 1));
    Bun.gc(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 << 20);
    output.destroy();
  });
});
