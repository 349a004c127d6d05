/**
 * What an image's disk may be, in one run: `bun test/performance/image-disks.ts [rounds] [machines]`. The same files,
 * Debian's Python, as one squashfs (the product's way), as a squashfs for each of four layers under an overlay, as one
 * erofs, plain and compressed, and as a plain erofs in the host's memory (DAX by virtio-pmem). Prints for each how long it
 * takes to make, its size, how long a booted machine takes to mount it, to the first output of Python and to that of a
 * second one, and what it costs of the host's memory: each machine beside one that mounts nothing, and once for all of
 * them the disk's pages in the host's cache. Needs root, for the owners of the files, and the package erofs-utils.
 */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { debianImage } from "../framework/debian-image.ts";
import { pythonRecipe } from "../framework/debian-recipes.ts";
import { builtImage, temporaryFolder } from "../integration/crx/fixtures.ts";
import { print, pssMiB } from "./figures.ts";
import { median } from "./load/distribution.ts";

const [rounds = 5, machineCount = 4] = process.argv.slice(2).map(Number);
const ways = ["nothing", "squashfs", "layers", "erofs", "erofs-lz4", "erofs-dax"] as const;
const words = ["BEGIN", "MOUNTED", "FIRST", "SECOND"] as const;
/** The folders of each layer, from the lowest up; the last has all else. */
const layerFolders = [["usr/lib/x86_64-linux-gnu"], ["usr/lib/python3", "usr/lib/python3.11"], ["usr/share"]];
const tar2sqfs =
  "tar2sqfs --compressor zstd --comp-extra level=1 --block-size 65536 --quiet --force --no-skip";
const longestMs = 600_000;
/** Of a region that the guest's kernel maps: 16 MiB, the most that an architecture asks for. */
const pmemAlignment = 2 ** 24;

type Way = (typeof ways)[number];
type Word = (typeof words)[number];

interface Figures {
  readonly mountMs: number;
  readonly firstMs: number;
  readonly secondMs: number;
  /** Of one machine, without the disk's pages in the host's cache. */
  readonly ownMiB: number;
  /** The disk's pages in the host's cache, which all machines share. */
  readonly sharedMiB: number;
}

const folder = temporaryFolder();
try {
  makeInitramfs();
  const disks = makeDisks();
  const figures = new Map<Way, Figures[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) figures.get(way)?.push(await measure(way, disks.get(way) ?? []));
  }
  report(figures);
} finally {
  folder.remove();
}

function shell(script: string): string {
  const run = Bun.spawnSync(["sh", "-ec", script], { cwd: folder.path, stderr: "pipe" });
  if (run.exitCode !== 0) throw new Error(`${script} failed: ${run.stderr}`);
  return run.stdout.toString();
}

function makeInitramfs(): void {
  const root = join(folder.path, "initramfs");
  for (const name of ["bin", "dev", "proc", "root", "a", "b", "c", "d"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  copyFileSync(new URL("./image-disks-init.sh", import.meta.url).pathname, join(root, "init"));
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  for (const name of ["init", "bin/busybox"]) chmodSync(join(root, name), 0o755);
  shell("cd initramfs && find . | cpio --create --format=newc --quiet >../initramfs.cpio");
}

/** Unpacks the image once, and makes each kind of disk of its files. */
function makeDisks(): ReadonlyMap<Way, readonly string[]> {
  shell(`skopeo copy --quiet oci-archive:${debianImage(pythonRecipe)} dir:image`);
  shell('mkdir root && tar --extract --directory root --file "image/$(ls -S image | head -1)"');
  const others = layerFolders.flat().map((path) => `--exclude=./${path}`);
  const layers = [...layerFolders.map((paths) => paths.map((path) => `./${path}`)), [...others, "."]];
  const disks = new Map<Way, readonly string[]>();
  const make = (way: Way, names: readonly string[], script: string): void => {
    const begunAt = performance.now();
    shell(script);
    const paths = names.map((name) => join(folder.path, name));
    const mebibytes = paths.reduce((sum, path) => sum + statSync(path).size, 0) / 2 ** 20;
    print(
      `${way.padEnd(10)} made in ${(performance.now() - begunAt).toFixed(0)} ms, ${mebibytes.toFixed(1)} MiB`,
    );
    disks.set(way, paths);
  };
  make("squashfs", ["whole"], `tar -C root -c . | ${tar2sqfs} whole`);
  const scripts = layers.map(
    (files, index) => `tar -C root -c ${files.join(" ")} | ${tar2sqfs} layer${index}`,
  );
  make("layers", ["layer0", "layer1", "layer2", "layer3"], scripts.join("\n"));
  make("erofs", ["plain"], "mkfs.erofs --quiet plain root");
  make("erofs-lz4", ["lz4"], "mkfs.erofs --quiet -zlz4 lz4 root");
  make("erofs-dax", ["dax"], `mkfs.erofs --quiet dax root\ntruncate --size %${pmemAlignment} dax`);
  return disks;
}

/** Boots the machines one after another, and looks at their memory when all have done their work. */
async function measure(way: Way, disks: readonly string[]): Promise<Figures> {
  const machines: Machine[] = [];
  for (const path of disks) shell(`sync ${path}\ndd if=${path} iflag=nocache count=0 status=none`);
  try {
    const times: Array<Record<Word, number>> = [];
    for (let index = 0; index < machineCount; index++) {
      const machine = new Machine(way, disks);
      machines.push(machine);
      times.push(await machine.words());
    }
    const of = (to: Word, from: Word) => median(times.map((time) => time[to] - time[from]));
    const own = machines.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
    return {
      mountMs: of("MOUNTED", "BEGIN"),
      firstMs: of("FIRST", "MOUNTED"),
      secondMs: of("SECOND", "FIRST"),
      ownMiB: own / machineCount,
      sharedMiB: cachedMiB(disks),
    };
  } finally {
    for (const machine of machines) await machine.end();
  }
}

function cachedMiB(files: readonly string[]): number {
  if (files.length === 0) return 0;
  const bytes = shell(`fincore --bytes --noheadings --output RES ${files.join(" ")}`)
    .trim()
    .split(/\s+/);
  return bytes.reduce((sum, count) => sum + Number(count), 0) / 2 ** 20;
}

function disk(path: string, index: number): string[] {
  return [
    `-blockdev driver=raw,node-name=d${index},read-only=on,file.driver=file,file.filename=${path}`,
    `-device virtio-blk-pci,drive=d${index}`,
  ];
}

function pmem(path: string): string[] {
  return [
    `-object memory-backend-file,id=m0,share=on,readonly=on,mem-path=${path},size=${statSync(path).size}`,
    "-device virtio-pmem-pci,memdev=m0",
  ];
}

class Machine {
  readonly #way: Way;
  readonly #qemu: Bun.Subprocess<"ignore", "pipe", "inherit">;

  constructor(way: Way, disks: readonly string[]) {
    this.#way = way;
    const { kernelArguments } = JSON.parse(readFileSync(builtImage.manifest, "utf8"));
    const devices = disks.flatMap((path, index) => (way === "erofs-dax" ? pmem(path) : disk(path, index)));
    const options = [
      "-nodefaults -display none -M q35,usb=off,vmport=off,sata=off,smbus=off,hpet=off -accel tcg,tb-size=32",
      "-cpu max,-erms -m 192M,maxmem=1G -serial stdio",
      `-kernel ${builtImage.kernel} -initrd ${join(folder.path, "initramfs.cpio")}`,
      ...devices,
    ];
    const append = `${kernelArguments} way=${way}`;
    this.#qemu = Bun.spawn(
      ["qemu-system-x86_64", ...options.flatMap((line) => line.split(" ")), "-append", append],
      { stdin: "ignore", stdout: "pipe", stderr: "inherit", signal: AbortSignal.timeout(longestMs) },
    );
  }

  /** When it said each of its words. */
  async words(): Promise<Record<Word, number>> {
    const times: Record<Word, number> = { BEGIN: 0, MOUNTED: 0, FIRST: 0, SECOND: 0 };
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of this.#qemu.stdout) {
      text += decoder.decode(chunk);
      for (const word of words) if (times[word] === 0 && text.includes(word)) times[word] = performance.now();
      if (times.SECOND !== 0) return times;
    }
    throw new Error(`The machine with ${this.#way} ended, or was ended after ${longestMs} ms: ${text}`);
  }

  /** Without the disks' pages that it maps, which the host's cache has. */
  get memoryMiB(): number {
    const mappings = readFileSync(`/proc/${this.#qemu.pid}/smaps`, "utf8").split(
      /^(?=[0-9a-f]+-[0-9a-f]+ )/m,
    );
    const others = mappings.filter((mapping) => !mapping.split("\n", 1)[0]?.includes(folder.path));
    return others.reduce((sum, mapping) => sum + pssMiB(mapping), 0);
  }

  async end(): Promise<void> {
    this.#qemu.kill("SIGKILL");
    await this.#qemu.exited;
  }
}

function report(figures: ReadonlyMap<Way, readonly Figures[]>): void {
  const middle = (way: Way, key: keyof Figures) => median((figures.get(way) ?? []).map((one) => one[key]));
  const bare = middle("nothing", "ownMiB");
  print(`a machine that mounts nothing: ${bare.toFixed(1)} MiB; beside it, with ${machineCount} machines:`);
  for (const way of ways.filter((name) => name !== "nothing")) {
    const ms = (["mountMs", "firstMs", "secondMs"] as const).map((key) => middle(way, key).toFixed(0));
    const [own, shared] = [middle(way, "ownMiB") - bare, middle(way, "sharedMiB")];
    print(
      `${way.padEnd(10)} mounted ${ms[0]} ms, first output ${ms[1]} ms, second ${ms[2]} ms, memory: each machine ` +
        `${own.toFixed(1)} MiB, all of them ${shared.toFixed(1)} MiB`,
    );
  }
}
