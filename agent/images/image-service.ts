/** What the Spherelet needs of images, in the verbs of the Container Runtime Interface (CRI v1, `ImageService`). */

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
}

/** The part of an image's configuration that runs a container (OCI image specification, `config`). */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly stopSignal: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
}

export interface Image {
  /** The digest of the image's configuration, `sha256:…`. */
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Bytes of the disk on the host. */
  readonly sizeBytes: number;
  /** The read-only disk that holds the root file system; never rewritten. */
  readonly diskPath: string;
  readonly config: ImageConfig;
  /** Imported by hand, so never collected. */
  readonly pinned: boolean;
}

export interface PullProgress {
  readonly phase: "resolving" | "downloading" | "unpacking";
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface PullOptions {
  readonly auth?: RegistryAuth;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
}

export interface ImportOptions {
  /** The name to give the archive's one image in place of those in the archive. */
  readonly name?: string;
  readonly onProgress?: (progress: PullProgress) => void;
}

/** An error of an image verb. `message` names the image, what was expected and what to do. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  constructor(
    readonly kind:
      | "invalid-name"
      | "not-found"
      | "unauthorized"
      | "unavailable"
      | "invalid-image"
      | "no-space"
      | "aborted",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface ImageService {
  /** Pulls an image by tag or digest. Pulls of one image at a time share one download. Throws {@link ImageError}. */
  pullImage(reference: string, options: PullOptions): Promise<Image>;
  /** An image that is on the host, by reference or by id. */
  imageStatus(reference: string): Promise<Image | undefined>;
  listImages(): Promise<readonly Image[]>;
  /** Removes an image with all its names, by reference or by id. One that is not there is removed already. */
  removeImage(reference: string): Promise<void>;
  /**
   * Imports an archive (OCI layout or `docker save`, plain, gzip or zstd) and pins its images; returns what it held for
   * this platform. Throws {@link ImageError}.
   */
  importArchive(path: string, signal: AbortSignal, options?: ImportOptions): Promise<readonly Image[]>;
}
