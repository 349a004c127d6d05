interface ServedVolume {
  /** As of a {@link SandboxVolume}. */
  readonly name: string;
  readonly readOnly: boolean;
}

/** A folder or file of the host, live. */
export interface HostVolume extends ServedVolume {
  readonly kind: "host";
  /** Absolute; links in it are the host's. */
  readonly path: string;
}

/** What an NFS server exports. */
export interface NfsVolume extends ServedVolume {
  readonly kind: "nfs";
  /** `ADDRESS:/PATH` */
  readonly source: string;
  /** As of nfs(5), `vers=4.1,addr=192.0.2.1`. */
  readonly options: string;
}

/** A block device of the host, which becomes a disk of the sandbox. */
export interface BlockVolume extends ServedVolume {
  readonly kind: "block";
  /** Absolute, of a block device. */
  readonly path: string;
  /** What is on it; absent: containers get the device itself. */
  readonly fileSystem?: {
    readonly type: string;
    /** As of mount(8). */
    readonly options: string;
    /** Whom its files are to belong to, beside their owners. */
    readonly group?: number;
  };
}

/** A volume of another than the sandbox's own making. */
export type MountedVolume = HostVolume | NfsVolume | BlockVolume;
