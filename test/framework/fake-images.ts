import {
  type Image,
  ImageError,
  type ImageService,
  type PullOptions,
} from "../../agent/images/image-service.ts";

/** An image that nothing is behind. */
export function fakeImage(name: string, more: Partial<Image> = {}): Image {
  const hash = Bun.hash(name).toString(16);
  return {
    id: `sha256:${hash}`,
    repoTags: [name],
    repoDigests: [`${name.split(":")[0]}@sha256:${hash}`],
    sizeBytes: 1234,
    diskPath: `/images/${hash}`,
    config: {
      entrypoint: ["/entry"],
      cmd: [],
      env: [],
      workingDir: "",
      user: "",
      stopSignal: "",
      labels: {},
      volumes: [],
    },
    pinned: false,
    ...more,
  };
}

/** An image service in memory: a registry that has what a test puts there, and a store. */
export class FakeImages implements ImageService {
  readonly #store = new Map<string, Image>();
  /** What can be pulled. */
  readonly registry = new Map<string, Image>();
  #held = false;
  readonly pulls: Array<{ readonly reference: string; readonly username: string | undefined }> = [];

  /** Puts an image into the registry; with `present` into the store too. */
  add(name: string, present = false): Image {
    const image = fakeImage(name);
    this.registry.set(name, image);
    if (present) this.#store.set(name, image);
    return image;
  }

  /** From now on a pull ends only when it is cut off. */
  holdPulls(): void {
    this.#held = true;
  }

  async pullImage(reference: string, { auth, signal }: PullOptions): Promise<Image> {
    this.pulls.push({ reference, username: auth?.username });
    if (this.#held) {
      await new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(new ImageError("aborted", "The pull was cut off")));
      });
    }
    const image = this.registry.get(reference);
    if (!image) throw new ImageError("not-found", `Image ${reference} does not exist in its registry`);
    this.#store.set(reference, image);
    return image;
  }

  async imageStatus(reference: string): Promise<Image | undefined> {
    if (/[A-Z ]/.test(reference))
      throw new ImageError("invalid-name", `Image name ${reference} must be in lower case`);
    return this.#store.get(reference);
  }

  async listImages(): Promise<readonly Image[]> {
    return [...this.#store.values()];
  }

  async removeImage(reference: string): Promise<void> {
    this.#store.delete(reference);
  }

  async importArchive(): Promise<readonly Image[]> {
    return [];
  }
}
