import { expect, test } from "bun:test";
import { Logger } from "../../../supervisor/base/logging.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { fakeImage } from "../../../test/framework/fake-images.ts";
import type { Image } from "../../images/image-service.ts";
import { ImageGarbage } from "./image-garbage.ts";

const minuteMs = 60_000;

function image(name: string, more: Partial<Image> = {}): Image {
  return fakeImage(`docker.io/library/${name}:1`, { id: `sha256:${name}`, sizeBytes: 10, ...more });
}

class Host {
  readonly clock = new FakeClock();
  readonly used = new Set<string>();
  readonly warnings: string[] = [];
  availableBytes = 100;
  collected = 0;
  images: Image[] = [];
  readonly garbage = new ImageGarbage({
    images: {
      listImages: async () => this.images,
      removeImage: async (id) => {
        this.availableBytes += this.images.find((each) => each.id === id)?.sizeBytes ?? 0;
        this.images = this.images.filter((each) => each.id !== id);
      },
    },
    used: () => this.used,
    disk: async () => ({ capacityBytes: 200, availableBytes: this.availableBytes }),
    warn: (reason, message) => this.warnings.push(`${reason}: ${message}`),
    collected: () => this.collected++,
    clock: this.clock,
    logger: new Logger("error"),
  });

  get names(): string[] {
    return this.images.map(({ id }) => id.replace("sha256:", ""));
  }
}

test("a full disk loses the images unused for longest, until the low threshold", async () => {
  const host = new Host();
  host.images = [image("a"), image("b"), image("c"), image("mine", { pinned: true }), image("d")];
  host.used.add("sha256:a").add("docker.io/library/d:1");
  await host.garbage.collect();
  await host.clock.advance(3 * minuteMs);
  host.used.delete("sha256:a");
  host.used.add("sha256:b");
  await host.garbage.collect();
  await host.clock.advance(minuteMs);
  host.used.delete("sha256:b");

  host.availableBytes = 32;
  await host.garbage.collect();
  expect(host.names).toEqual(["a", "b", "c", "mine", "d"]);
  expect(host.collected).toBe(0);
  host.availableBytes = 30;
  await host.garbage.collect();
  expect(host.collected).toBe(1);
  // c was never used; it alone makes the 10 that are wanted. Then a, which was used longer ago than b.
  expect(host.names).toEqual(["a", "b", "mine", "d"]);
  host.availableBytes = 30;
  await host.garbage.collect();
  expect(host.names).toEqual(["b", "mine", "d"]);
  expect(host.warnings).toEqual([]);
});

test("new images stay, and what cannot be freed is told of the node", async () => {
  const host = new Host();
  host.images = [image("new"), image("used"), image("mine", { pinned: true })];
  host.used.add("sha256:used");
  host.availableBytes = 10;
  await host.garbage.collect();
  expect(host.names).toEqual(["new", "used", "mine"]);
  const text =
    "Failed to garbage collect required amount of images. Attempted to free 30 bytes, but only found 0 bytes eligible to free.";
  expect(host.warnings).toEqual([`FreeDiskSpaceFailed: ${text}`]);
  await host.clock.advance(minuteMs);
  await host.garbage.collect();
  expect(host.warnings.at(-1)).toBe(`ImageGCFailed: ${text}`);
  await host.clock.advance(minuteMs);
  await host.garbage.collect();
  expect(host.names).toEqual(["used", "mine"]);
});

test("a disk under pressure loses all that nothing uses", async () => {
  const host = new Host();
  host.images = [image("a"), image("b"), image("used")];
  host.used.add("sha256:used");
  await host.garbage.collect();
  await host.clock.advance(2 * minuteMs);
  expect(await host.garbage.freeUnused()).toBe(20);
  expect(host.names).toEqual(["used"]);
});

test("it looks by itself, every five minutes", async () => {
  const host = new Host();
  host.images = [image("a")];
  const stop = new AbortController();
  const run = host.garbage.run(stop.signal);
  await host.clock.advance(4 * minuteMs);
  host.availableBytes = 0;
  await host.clock.advance(2 * minuteMs);
  expect(host.names).toEqual([]);
  stop.abort();
  await run;
  expect(host.clock.pending).toBe(0);
});
