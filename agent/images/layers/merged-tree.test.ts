import { describe, expect, test } from "bun:test";
import { Readable } from "node:stream";
import fc from "../../../test/framework/fast-check.ts";
import {
  buildTar,
  directory,
  file,
  hardLink,
  opaque,
  symlink,
  type TarSpec,
  whiteout,
} from "../../../test/framework/tar-builder.ts";
import { ImageError } from "../image-service.ts";
import type { LayerEntry } from "./entry.ts";
import { defaultLimits, ImageBudget } from "./limits.ts";
import { MergedTree, type TreeNode } from "./merged-tree.ts";
import { StreamCursor } from "./stream-cursor.ts";
import { readTar } from "./tar-reader.ts";

async function treeOf(...layers: readonly (readonly TarSpec[])[]): Promise<MergedTree> {
  const tree = new MergedTree(new ImageBudget(defaultLimits));
  for (const layer of layers) {
    const entries: LayerEntry[] = [];
    const cursor = new StreamCursor(Readable.from([buildTar(layer)]));
    for await (const entry of readTar(cursor)) entries.push(entry);
    await tree.applyLayer(entries);
  }
  return tree;
}

/** The tree as paths with what is there: a file's mode tells files apart. */
function flatten(tree: MergedTree): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string, node: TreeNode): void => {
    const { mode } = node.type === "directory" ? node.attributes : node.entry.attributes;
    if (path !== "")
      found[path] =
        node.type === "symlink" ? `-> ${node.entry.linkName}` : `${node.type} ${mode.toString(8)}`;
    if (node.type !== "directory") return;
    for (const [name, child] of node.children) visit(path === "" ? name : `${path}/${name}`, child);
  };
  visit("", tree.root);
  return found;
}

async function faultOf(...layers: readonly (readonly TarSpec[])[]): Promise<string> {
  try {
    await treeOf(...layers);
  } catch (error) {
    if (error instanceof ImageError && error.kind === "invalid-image") return error.message;
    throw error;
  }
  return "none";
}

describe("MergedTree", () => {
  test("lets the highest layer win", async () => {
    const tree = await treeOf([file("a", "", { mode: 0o600 }), file("b")], [file("a", "", { mode: 0o700 })]);
    expect(flatten(tree)).toEqual({ a: "file 700", b: "file 644" });
  });

  test("removes by whiteouts what lower layers have, whatever the order in the layer", async () => {
    const lower = [directory("d"), file("d/x"), file("d/y"), file("keep")];
    expect(flatten(await treeOf(lower, [whiteout("d/x")]))).toEqual({
      d: "directory 755",
      "d/y": "file 644",
      keep: "file 644",
    });
    const again = [directory("d", { mode: 0o700 }), file("d/z")];
    const expected = { d: "directory 700", "d/z": "file 644", keep: "file 644" };
    expect(flatten(await treeOf(lower, [whiteout("d"), ...again]))).toEqual(expected);
    expect(flatten(await treeOf(lower, [...again, whiteout("d")]))).toEqual(expected);
  });

  test("hides by an opaque marker all that lower layers have in the directory", async () => {
    const lower = [directory("d"), file("d/x"), directory("d/e"), file("d/e/y")];
    const tree = await treeOf(lower, [file("d/new"), opaque("d")], [file("d/newer")]);
    expect(flatten(tree)).toEqual({ d: "directory 755", "d/new": "file 644", "d/newer": "file 644" });
  });

  test("changes types in both directions", async () => {
    const toFile = await treeOf([directory("p"), file("p/x")], [file("p")]);
    expect(flatten(toFile)).toEqual({ p: "file 644" });
    const toDirectory = await treeOf([file("p")], [directory("p"), file("p/x")]);
    expect(flatten(toDirectory)).toEqual({ p: "directory 755", "p/x": "file 644" });
    const toLink = await treeOf([directory("p"), file("p/x")], [symlink("p", "/etc")]);
    expect(flatten(toLink)).toEqual({ p: "-> /etc" });
  });

  test("makes missing parents, and a directory of a symlink that has entries below it", async () => {
    expect(flatten(await treeOf([file("a/b/c")]))).toEqual({
      a: "directory 755",
      "a/b": "directory 755",
      "a/b/c": "file 644",
    });
    const evil = [symlink("s", "/etc"), file("s/passwd")];
    expect(flatten(await treeOf(evil))).toEqual({ s: "directory 755", "s/passwd": "file 644" });
    expect(flatten(await treeOf([symlink("s", "/etc")], [file("s/passwd")]))).toEqual({
      s: "directory 755",
      "s/passwd": "file 644",
    });
    expect(flatten(await treeOf([symlink("s", "d"), file("d/x")], [whiteout("s/x")]))).toMatchObject({
      "d/x": "file 644",
    });
  });

  test("keeps hard links together, also across layers and when the first name goes", async () => {
    const tree = await treeOf([file("a", "1"), hardLink("b", "a")], [hardLink("c", "/b")], [whiteout("a")]);
    expect(tree.root.children.get("b")).toBe(tree.root.children.get("c"));
    expect(flatten(tree)).toEqual({ b: "file 644", c: "file 644" });
    const replaced = await treeOf([file("a", "1", { mode: 0o600 }), hardLink("b", "a"), file("a", "2")]);
    expect(flatten(replaced)).toEqual({ a: "file 644", b: "file 600" });
  });

  test("takes leading slashes and dots as the root", async () => {
    const tree = await treeOf([directory(".", { mode: 0o700 }), file("/abs"), file("./d/./x")]);
    expect(flatten(tree)).toEqual({ abs: "file 644", d: "directory 755", "d/x": "file 644" });
    expect(tree.root.attributes.mode).toBe(0o700);
  });

  test.each([
    ["a parent of the root", [file("../evil")], 'entry "../evil" leads out of its parent by ".."'],
    ["a parent in the middle", [file("a/../../evil")], 'leads out of its parent by ".."'],
    ["a hard link out of the tree", [hardLink("x", "../../etc/shadow")], 'leads out of its parent by ".."'],
    ["a hard link to nothing", [hardLink("x", "/etc/shadow")], "which is not in the image"],
    ["a hard link to a directory", [directory("d"), hardLink("x", "d")], "which is a directory"],
    ["a hard link through a symlink", [symlink("s", "/"), hardLink("x", "s/etc/shadow")], "which is not in"],
    ["a file in place of the root", [file("./")], "none"],
    ["a link in place of the root", [symlink(".", "/etc")], "symlink in place of the root"],
    ["a whiteout of the parent", [file("d/.wh...")], "a whiteout of no file"],
    ["an empty whiteout", [file(".wh.")], "a whiteout of no file"],
    ["an empty symlink", [symlink("s", "")], "a symlink to no path"],
    ["a name too long", [file("n".repeat(256))], "more than 255 bytes"],
    ["a path too long", [file("n/".repeat(2500))], "longer than 4096 bytes"],
  ] as const)("judges %s", async (_what, layer, expected) => {
    expect(await faultOf(layer)).toContain(expected);
  });

  test("counts the parents that deep paths make", async () => {
    const tree = new MergedTree(new ImageBudget({ ...defaultLimits, maxEntries: 100 }));
    const cursor = new StreamCursor(Readable.from([buildTar([file("d/".repeat(200))])]));
    const entries: LayerEntry[] = [];
    for await (const entry of readTar(cursor)) entries.push(entry);
    expect(tree.applyLayer(entries)).rejects.toThrow("more than 100 entries");
  });
});

/** Another way to the same end: paths in a flat map, each layer's rules by the letter of the specification. */
function model(layers: readonly (readonly TarSpec[])[]): Record<string, string> {
  const state = new Map<string, string>();
  const removeBelow = (path: string): void => {
    for (const key of [...state.keys()]) if (key.startsWith(`${path}/`)) state.delete(key);
  };
  const parents = (path: string): string[] => {
    const names = path.split("/");
    return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
  };
  for (const layer of layers) {
    const isMarker = ({ path }: TarSpec): boolean => /(^|\/)\.wh\.[^/]*$/.test(path);
    for (const { path } of layer.filter(isMarker)) {
      const target = path.replace(/\.wh\.([^/]*)$/, "$1");
      // A marker below a link or a file that a lower layer has finds nothing.
      if (parents(target).some((parent) => !state.get(parent)?.startsWith("directory"))) continue;
      if (path.endsWith("/.wh..wh..opq")) removeBelow(path.replace("/.wh..wh..opq", ""));
      else if (state.delete(target)) removeBelow(target);
    }
    for (const spec of layer.filter((each) => !isMarker(each))) {
      const path = spec.path.replace(/\/$/, "");
      for (const parent of parents(path)) {
        if (!state.get(parent)?.startsWith("directory")) state.set(parent, "directory 755");
      }
      if (spec.type !== "directory") removeBelow(path);
      const mode = (spec.mode ?? 0).toString(8);
      state.set(path, spec.type === "symlink" ? `-> ${spec.linkName}` : `${spec.type ?? "file"} ${mode}`);
    }
  }
  return Object.fromEntries(state);
}

test("MergedTree agrees with a flat model on random layers", async () => {
  const path = fc
    .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 })
    .map((p) => p.join("/"));
  const mode = fc.constantFrom(0o600, 0o644, 0o755);
  const spec: fc.Arbitrary<TarSpec> = fc.oneof(
    fc.tuple(path, mode).map(([p, m]) => file(p, "", { mode: m })),
    fc.tuple(path, mode).map(([p, m]) => directory(p, { mode: m })),
    path.map((p) => symlink(p, "/a")),
    path.map(whiteout),
    path.map(opaque),
  );
  const layers = fc.array(fc.array(spec, { maxLength: 6 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(layers, async (sample) => {
      expect(flatten(await treeOf(...sample))).toEqual(model(sample));
    }),
    { numRuns: 150 },
  );
});
