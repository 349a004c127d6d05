import { describe, expect, test } from "bun:test";
import { Jail, type JailLevel } from "./jail.ts";
import { MachineDescriptors } from "./machine-descriptors.ts";

const guestImage = {
  id: "i",
  kernelPath: "/data/guest-images/i/vmlinux",
  initrdPath: "/data/guest-images/i/initramfs.cpio",
  jailerPath: "/data/guest-images/i/jailer",
  fileServerPath: "/none",
  codeTrimmerPath: "/none",
  kernelArguments: "quiet",
};

function argsOf(level: JailLevel, maxFileBytes = 0): readonly string[] {
  const jail = new Jail({ level, message: "", guestImage, root: "/data/jail/r" });
  const descriptors = new MachineDescriptors();
  return jail.command({
    program: "/usr/bin/qemu",
    args: ["-x"],
    user: 1_900_000_001,
    descriptors,
    kvm: true,
    maxFileBytes,
  }).args;
}

describe("Jail", () => {
  test("full: a user, a root and the guest's kernel in it", () => {
    expect(argsOf("full").join(" ")).toBe(
      "--user 1900000001 --root /data/jail/r --folder /data/guest-images/i=/guest --kvm 1 " +
        "--file-bytes 1048576 --processes 512 -- /usr/bin/qemu -x",
    );
  });

  test("writes no file beyond the log's limit or the disk's, whichever is more", () => {
    expect(argsOf("none", 2 ** 30).slice(0, 2)).toEqual(["--file-bytes", "1073741824"]);
  });

  test("namespaces: the same without a user", () => {
    expect(argsOf("namespaces")).toEqual(argsOf("full").slice(2));
  });

  test("none: limits alone, and the kernel at its own place", () => {
    expect(argsOf("none").slice(0, 2)).toEqual(["--file-bytes", "1048576"]);
    const jail = new Jail({ level: "none", message: "", guestImage, root: "" });
    expect(jail.kernel.kernelPath).toBe("/data/guest-images/i/vmlinux");
  });
});

test("MachineDescriptors numbers what is inherited first, then what the jailer opens", () => {
  const descriptors = new MachineDescriptors([{ descriptor: 40, name: "memory" }]);
  expect(descriptors.listen("qmp.sock")).toBe(4);
  expect(descriptors.tap("tap0")).toBe(5);
  expect(descriptors.read("/disk")).toBe(6);
  expect(descriptors.inherited).toEqual([40]);
  expect(descriptors.options.join(" ")).toBe("--inherit memory --listen qmp.sock --tap tap0 --read /disk");
});
