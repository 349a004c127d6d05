import { expect, test } from "bun:test";
import { rootMode, versionFolder, volumeLayout } from "./volume-layout.ts";

const content = Buffer.from("x");
const version = "..2026_01_02_03_04_05.1234567890";

test("volumeLayout is that of the kubelet's atomic writer", () => {
  const payload = new Map([
    ["a", { content, mode: 0o600 }],
    ["deep/down/b", { content, mode: 0o644, owner: 7 }],
    ["deep/c", { content, mode: 0o644 }],
  ]);
  expect(volumeLayout(payload, version, undefined)).toEqual([
    { kind: "folder", path: version, mode: 0o755 },
    { kind: "folder", path: `${version}/deep`, mode: 0o755 },
    { kind: "folder", path: `${version}/deep/down`, mode: 0o755 },
    { kind: "file", path: `${version}/a`, mode: 0o600, content },
    { kind: "file", path: `${version}/deep/down/b`, mode: 0o644, content, owner: 7 },
    { kind: "file", path: `${version}/deep/c`, mode: 0o644, content },
    { kind: "link", path: "..data", target: version },
    { kind: "link", path: "a", target: "..data/a" },
    { kind: "link", path: "deep", target: "..data/deep" },
  ]);
  expect(rootMode(undefined)).toBe(0o1777);
});

test("volumeLayout lets fsGroup read", () => {
  expect(volumeLayout(new Map([["a", { content, mode: 0o600 }]]), version, 9)).toEqual([
    { kind: "folder", path: version, mode: 0o2755, group: 9 },
    { kind: "file", path: `${version}/a`, mode: 0o640, content, group: 9 },
    { kind: "link", path: "..data", target: version, group: 9 },
    { kind: "link", path: "a", target: "..data/a", group: 9 },
  ]);
  expect(rootMode(9)).toBe(0o3777);
});

test("versionFolder is the time and a number", () => {
  expect(versionFolder(Date.UTC(2026, 0, 2, 3, 4, 5, 678), 0.123456789)).toBe(version);
});
