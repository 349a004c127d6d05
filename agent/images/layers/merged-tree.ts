/**
 * The file system that an image's layers make together, held in memory without content.
 *
 * Layers are applied from the lowest up (OCI image specification, "Applying Changesets"). A layer's whiteouts act on
 * the layers below it and never on its own entries, in whatever order they stand. An entry replaces what has its path;
 * only a directory over a directory keeps the children and takes the new attributes. An entry below something that is
 * no directory (a symlink, say) makes a directory of it, as the layers of an overlay would show: links are never
 * followed. Device nodes are kept: the tree becomes a disk that the host never mounts, and in a guest a container's
 * /dev is a file system of its own, so that they open nothing there that is not the guest's own.
 */

import { setImmediate } from "node:timers/promises";
import { ImageError } from "../image-service.ts";
import { type EntryAttributes, type EntryType, type LayerEntry, readable } from "./entry.ts";
import { pathComponents } from "./layer-path.ts";
import type { ImageBudget } from "./limits.ts";

export interface DirectoryNode {
  readonly type: "directory";
  attributes: EntryAttributes;
  readonly children: Map<string, TreeNode>;
}

/** Anything but a directory. With hard links one node has more than one name. */
export interface LeafNode {
  readonly type: Exclude<EntryType, "directory" | "hard-link">;
  readonly entry: LayerEntry;
  /** The index of the layer that holds the content. */
  readonly layer: number;
  /** Whether a hard link to it was ever made. */
  linked: boolean;
}

export type TreeNode = DirectoryNode | LeafNode;

const whiteoutPrefix = ".wh.";
const opaqueMarker = ".wh..wh..opq";
const entriesPerTurn = 5000;
/** The attributes of a parent directory that no layer describes, those that container engines give it. */
const implicitDirectory: EntryAttributes = { mode: 0o755, uid: 0, gid: 0, modifiedSeconds: 0 };

export class MergedTree {
  readonly root: DirectoryNode = newDirectory(implicitDirectory);
  readonly #budget: ImageBudget;
  #layers = 0;

  constructor(budget: ImageBudget) {
    this.#budget = budget;
  }

  /** Puts the next layer on top. Throws `invalid-image` for entries that leave the tree or link to nothing. */
  async applyLayer(entries: readonly LayerEntry[]): Promise<void> {
    const layer = this.#layers++;
    for (const entry of entries) {
      if (isWhiteout(entry.path)) this.#whiteout(pathComponents(entry.path), entry.path);
    }
    for (const [index, entry] of entries.entries()) {
      if (!isWhiteout(entry.path)) this.#add(pathComponents(entry.path), entry, layer);
      // Big layers take seconds, in which others want the event loop too.
      if (index % entriesPerTurn === entriesPerTurn - 1) await setImmediate();
    }
  }

  #whiteout(components: readonly string[], path: string): void {
    const marker = components.at(-1) ?? "";
    const parent = this.#find(components.slice(0, -1));
    const name = marker.slice(whiteoutPrefix.length);
    if (name === "" || name === "." || name === "..") {
      throw new ImageError("invalid-image", `entry "${readable(path)}" is a whiteout of no file`);
    }
    if (parent?.type !== "directory") return;
    if (marker === opaqueMarker) parent.children.clear();
    // Other names of this kind are AUFS's own records.
    else if (!name.startsWith(whiteoutPrefix)) parent.children.delete(name);
  }

  #add(components: readonly string[], entry: LayerEntry, layer: number): void {
    const name = components.at(-1);
    if (name === undefined) {
      this.#setRoot(entry);
      return;
    }
    const parent = this.#directory(components.slice(0, -1));
    this.#budget.checkDirectory(parent.children.size);
    if (entry.type === "hard-link") {
      parent.children.set(name, this.#linkTarget(entry));
      return;
    }
    if (entry.type === "directory") {
      const existing = parent.children.get(name);
      if (existing?.type === "directory") existing.attributes = entry.attributes;
      else parent.children.set(name, newDirectory(entry.attributes));
      return;
    }
    const { type, linkName } = entry;
    if (type === "symlink" && (linkName === "" || linkName.includes("\0") || linkName.length > 4095)) {
      throw new ImageError("invalid-image", `entry "${readable(entry.path)}" is a symlink to no path`);
    }
    parent.children.set(name, { type, entry, layer, linked: false });
  }

  #setRoot(entry: LayerEntry): void {
    if (entry.type !== "directory") {
      throw new ImageError("invalid-image", `there is a ${entry.type} in place of the root directory`);
    }
    this.root.attributes = entry.attributes;
  }

  #linkTarget(entry: LayerEntry): LeafNode {
    const target = this.#find(pathComponents(entry.linkName));
    if (target === undefined || target.type === "directory") {
      const what = target === undefined ? "which is not in the image" : "which is a directory";
      throw new ImageError(
        "invalid-image",
        `entry "${readable(entry.path)}" is a hard link to "${readable(entry.linkName)}", ${what}`,
      );
    }
    target.linked = true;
    return target;
  }

  #find(components: readonly string[]): TreeNode | undefined {
    let node: TreeNode = this.root;
    for (const name of components) {
      const child: TreeNode | undefined = node.type === "directory" ? node.children.get(name) : undefined;
      if (child === undefined) return undefined;
      node = child;
    }
    return node;
  }

  #directory(components: readonly string[]): DirectoryNode {
    let node = this.root;
    for (const name of components) {
      let child = node.children.get(name);
      if (child?.type !== "directory") {
        this.#budget.addEntry(name.length);
        this.#budget.checkDirectory(node.children.size);
        child = newDirectory(implicitDirectory);
        node.children.set(name, child);
      }
      node = child;
    }
    return node;
  }
}

/** Whether the last name of a path is a marker. */
function isWhiteout(path: string): boolean {
  const at = path.lastIndexOf(whiteoutPrefix);
  // Nothing but slashes and dots may follow the name; rare enough to be looked at closely.
  return at >= 0 && (pathComponents(path).at(-1)?.startsWith(whiteoutPrefix) ?? false);
}

function newDirectory(attributes: EntryAttributes): DirectoryNode {
  return { type: "directory", attributes, children: new Map() };
}
