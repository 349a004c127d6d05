import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { frameType, tag } from "../../../agent/runtime/crx/channel/protocol.ts";
import { busyboxDisk, missingForMachines, temporaryFolder, until } from "../crx/fixtures.ts";
import type { GuestSession } from "./guest-session.ts";
import { builtImages, Machine } from "./machine.ts";

setDefaultTimeout(600_000);

const missing = missingForMachines();
const folder = temporaryFolder();
const images = builtImages();
let machine: Machine;
let guest: GuestSession;

beforeAll(async () => {
  if (missing || !images) return;
  machine = new Machine({ images, disks: [{ path: busyboxDisk(folder.path), serial: "disk0" }] });
  guest = await machine.session();
  await guest.request(frameType.mountDisk, (fields) =>
    fields.text(tag.disk, "image").text(tag.diskSerial, "disk0").text(tag.fileSystem, "squashfs"),
  );
  await guest.create("hostile", ["sh", "-c", "exec sleep 1000"]);
  await guest.start("hostile");
});

afterAll(async () => {
  guest?.close();
  await machine?.end();
  folder.remove();
});

const descriptors = Array.from({ length: 40 }, (_, index) => 3 + index);

describe.skipIf(missing !== "")(`a hostile container${missing}`, () => {
  test("cannot name a descriptor of PID 1 as its working directory", async () => {
    for (const number of descriptors) {
      await guest.create(`cwd${number}`, ["pwd"], (fields) =>
        fields.text(tag.cwd, `/proc/self/fd/${number}`),
      );
      await expect(guest.start(`cwd${number}`)).rejects.toThrow("chdir to cwd");
      await guest.request(frameType.removeContainer, (fields) => fields.text(tag.container, `cwd${number}`));
    }
  });

  test("cannot name a descriptor of PID 1 as the working directory of an exec", async () => {
    for (const number of descriptors) {
      const exec = guest.exec("hostile", ["pwd"], (fields) =>
        fields.text(tag.cwd, `/proc/self/fd/${number}`),
      );
      await expect(exec).rejects.toThrow("chdir to cwd");
    }
  });

  test("cannot look into a process that is on its way into the container", async () => {
    // So long a search path keeps the process between the loss of its rights and the program's start.
    const search = "/no:".repeat(30_000);
    const script =
      "for p in $(ps -o pid,comm | awk '$2 == \"init\" {print $1}'); do ls -l /proc/$p/fd /proc/$p/root; done";
    const seen = await until(async () => {
      const slow = guest.exec("hostile", ["true"], (fields) =>
        fields.list(tag.env, [`PATH=${search}/bin:/usr/bin`]),
      );
      const { stdout, stderr } = await guest.exec("hostile", ["sh", "-c", script]);
      expect((await slow).exitCode).toBe(0);
      return `${stdout}${stderr}` || false;
    }, "a look at the process");
    expect(seen).toContain("Permission denied");
    expect(seen).not.toContain("->");
  });
});
