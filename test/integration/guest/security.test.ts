import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { compileSeccomp } from "../../../agent/kubelet/seccomp/compile-seccomp.ts";
import { defaultSeccompProfile } from "../../../agent/kubelet/seccomp/default-profile.ts";
import { FieldWriter } from "../../../agent/runtime/crx/channel/fields.ts";
import {
  frameType,
  processNamespace,
  processOption,
  tag,
} from "../../../agent/runtime/crx/channel/protocol.ts";
import { BusyboxGuest } from "./busybox-guest.ts";
import type { Fill, GuestSession } from "./guest-session.ts";

setDefaultTimeout(600_000);

const busybox = new BusyboxGuest();
const { missing, output } = busybox;
let guest: GuestSession;

beforeAll(async () => {
  if (!missing) guest = await busybox.start();
});

afterAll(() => busybox.end());

const sees =
  (namespace: number): Fill =>
  (fields) =>
    fields.u32(tag.processNamespace, namespace);

const filter =
  (bytes: Uint8Array, options = 0): Fill =>
  (fields) =>
    fields.bytes(tag.seccomp, bytes).u32(tag.options, options);

describe.skipIf(missing !== "")(`what a container of a guest may see and do${missing}`, () => {
  test("shares processes among containers that ask for it, with a pause process first", async () => {
    await guest.create("sharing", ["sleep", "986"], sees(processNamespace.pod));
    await guest.start("sharing");
    const script = [
      "tr '\\0' ' ' </proc/1/cmdline; echo; grep ^Uid /proc/1/status",
      "ls /proc/1/root/ 2>/dev/null | wc -l",
      "ps -o args | grep '^sleep'",
      // Its child is an orphan and a zombie until the pause process has been woken.
      "sh -c 'true & exec true'; for i in $(seq 100); do ps -o stat | grep -q Z || break; sleep 0.1; done",
      "ps -o stat | grep -c Z",
    ].join("; ");
    expect((await output(script, sees(processNamespace.pod))).split("\n")).toEqual([
      "/pause ",
      "Uid:\t65535\t65535\t65535\t65535",
      "0",
      "sleep 986",
      "0",
    ]);
    expect((await guest.exec("sharing", ["cat", "/proc/1/cmdline"])).stdout).toBe("/pause\0");
    expect(await output("set -- /proc/[0-9]*; echo $#")).toBe("1");
  });

  test("shows the processes of one container to another that targets it", async () => {
    await guest.create("target", ["sleep", "985"]);
    await guest.start("target");
    const fill: Fill = (fields) => sees(processNamespace.target)(fields).text(tag.targetContainer, "target");
    expect(await output("cat /proc/1/cmdline | tr '\\0' ' '", fill)).toBe("sleep 985");
    await guest.create("lost", ["true"], (fields) =>
      sees(processNamespace.target)(fields).text(tag.targetContainer, "gone"),
    );
    await expect(guest.start("lost")).rejects.toThrow(
      "container gone, whose processes are to be seen, does not run",
    );
    expect(await output("cat /proc/1/comm", sees(processNamespace.machine))).toBe("init");
  });

  test("filters system calls, with and without privileges to gain", async () => {
    const noFolders = compileSeccomp({
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 13 }],
    });
    const script = "mkdir /x 2>&1; grep Seccomp: /proc/self/status";
    const refused = "mkdir: can't create directory '/x': Permission denied\nSeccomp:\t2";
    expect(await output(script, filter(noFolders))).toBe(refused);
    expect(await output(script, filter(noFolders, processOption.noNewPrivileges))).toBe(refused);
    const usual = filter(compileSeccomp(defaultSeccompProfile(new Set(["SYS_CHROOT"]))));
    const inUsual =
      "unshare -m true 2>&1; mount -t tmpfs x /tmp 2>&1; (sleep 0 & wait) && echo forks; chroot / echo root";
    expect((await output(inUsual, usual)).split("\n")).toEqual([
      expect.stringContaining("Operation not permitted"),
      expect.stringMatching(/permission denied|Operation not permitted/),
      "forks",
      "root",
    ]);
    const wrong = guest.create("wrong", ["true"], filter(new Uint8Array(7)));
    await expect(wrong).rejects.toThrow("SECCOMP: expected 1 to 4096 instructions");
  });

  test("merges the image's groups unless told not to, and shows all of /proc if told to", async () => {
    const groups = "grep ^Groups /proc/self/status";
    const fill =
      (options: number): Fill =>
      (fields) =>
        fields.text(tag.user, "root").u32(tag.groupId, 7).u32(tag.options, options);
    expect(await output(groups, fill(0))).toMatch(/^Groups:\t0 .*7/);
    expect(await output(groups, fill(processOption.strictGroups))).toBe("Groups:\t0 7");
    const write = "echo 61 2>/dev/null >/proc/sys/vm/swappiness && echo written || echo kept";
    expect(await output(write)).toBe("kept");
    expect(await output(write, (fields) => fields.u32(tag.options, processOption.unmaskedProc))).toBe(
      "written",
    );
  });

  test("takes what a container says of its end from a file that it cannot lead elsewhere", async () => {
    const said = async (path: string, script: string, options = 0): Promise<string | undefined> => {
      const fill: Fill = (fields) => fields.text(tag.terminationPath, path).u32(tag.options, options);
      await output(script, fill);
      const exit = guest.events.find(({ fields }) => fields.text(tag.container) === busybox.lastContainer);
      return exit?.fields.text(tag.terminationMessage);
    };
    expect(await said("/dev/termination-log", "printf done > /dev/termination-log")).toBe("done");
    expect(await said("/a/b", "ls -l /a/b; printf x >> /a/b", processOption.readOnlyRoot)).toBe("x");
    expect(await said("/a/b", "true")).toBeUndefined();
    expect(await said("/a/b", "seq 1000000 | head -c 9000 > /a/b; printf end >> /a/b")).toMatch(
      /^[\s\d]{4093}end$/,
    );
    expect(await said("/a/b", "ln -sf /etc/hostname /a/b; umount /a/b; rm /a/b; true")).toBeUndefined();
  });

  test("ranks a container for the kernel's want of memory, and limits all together", async () => {
    const score: Fill = (fields) => fields.u32(tag.oomScoreAdj, -997 >>> 0);
    expect(await output("cat /proc/self/oom_score_adj", score)).toBe("-997");
    await guest.request(frameType.configure, (fields) =>
      fields.group(tag.podResources, new FieldWriter().u64(tag.memoryMax, 24n << 20n)),
    );
    const eat = ["sh", "-c", "a=x; while :; do a=$a$a; done"];
    const worst: Fill = (fields) => fields.u32(tag.oomScoreAdj, 1000);
    expect(await guest.run(busybox.nextContainer(), eat, worst)).toMatchObject({
      exitCode: 137,
      oomKilled: true,
    });
    await guest.request(frameType.configure, (fields) =>
      fields.group(tag.podResources, new FieldWriter().u64(tag.memoryMax, 0n)),
    );
    const list = await guest.request(frameType.list);
    const states = list
      .groups(tag.containerGroup)
      .map((one) => [one.text(tag.container), one.u32(tag.containerState)]);
    expect(states).toContainEqual(["target", 2]);
  });
});
