import { rm } from "node:fs/promises";
import { parseImageConfig } from "./image-config.ts";
import { ImageError, type PullProgress, type RegistryAuth } from "./image-service.ts";
import { digestOfRegion } from "./layers/file-region.ts";
import type { Layer } from "./layers/layer-index.ts";
import type { Descriptor } from "./manifest.ts";
import type { ImageReference } from "./reference.ts";
import { RegistryClient } from "./registry/registry-client.ts";
import { type RegistryEndpoint, registryEndpoints } from "./registry/registry-hosts.ts";
import { RegistryHttp } from "./registry/registry-http.ts";
import { type ResolvedImage, resolveImage } from "./registry/resolve-image.ts";
import { retryUnavailable } from "./registry/retry.ts";
import { downloadBlob } from "./store/blob-download.ts";
import { ensureDisk, type FinishedDisk, hasDisk } from "./store/ensure-disk.ts";
import { LayerDownloads } from "./store/layer-downloads.ts";
import type { StoreContext } from "./store/store-context.ts";

export interface PullRequest {
  readonly reference: ImageReference;
  readonly auth: RegistryAuth | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PullProgress) => void;
}

const parallelDownloads = 3;
const resolveAttempts = 3;
const configAttempts = 3;

/**
 * Brings an image into the store and returns its id: from the first mirror that has it, else from its registry. What
 * came from one before it failed is gone on with from the next. Throws {@link ImageError}, the registry's own.
 */
export async function pullIntoStore(context: StoreContext, request: PullRequest): Promise<string> {
  const endpoints = registryEndpoints(request.reference, context.registries());
  for (const endpoint of endpoints) {
    try {
      return await pullFrom(endpoint, context, request);
    } catch (error) {
      const isLast = endpoint === endpoints.at(-1);
      if (isLast || !(error instanceof ImageError) || error.kind === "no-space") throw error;
      context.logger.warn("A mirror does not give an image", { mirror: endpoint.base, error });
    }
  }
  throw new Error("A registry has at least its own endpoint");
}

async function pullFrom(
  endpoint: RegistryEndpoint,
  context: StoreContext,
  request: PullRequest,
): Promise<string> {
  const { records, platform, clock } = context;
  const { reference, signal, onProgress } = request;
  onProgress({ phase: "resolving", doneBytes: 0, totalBytes: 0 });
  const client = registryClient(endpoint, context, request);
  const attempts = endpoint.mirrorOf === undefined ? resolveAttempts : 1;
  const image = await resolveImage(client, reference, { platform, clock, signal, attempts });
  const id = image.config.digest;
  if ((await records.get(id)) !== undefined) {
    await records.name(id, image.names);
    return id;
  }
  const text = await retryUnavailable(() => client.document(image.config, "image configuration", signal), {
    attempts: configAttempts,
    clock,
    signal,
  });
  const { config, diffIds } = parseImageConfig(text, image.layers.length, platform);
  const disk = await diskOf(context, request, client, image, diffIds);
  const blobs = [...new Set(image.layers.map(({ digest }) => digest))];
  await records.put({ id, ...disk, config, pinned: false, blobs }, image.names);
  return id;
}

/** A Pod's credentials are the registry's: no mirror gets them. */
function registryClient(
  endpoint: RegistryEndpoint,
  { fetch, stallTimeoutMs, clock }: StoreContext,
  request: PullRequest,
): RegistryClient {
  const auth = (endpoint.mirrorOf === undefined ? request.auth : undefined) ?? endpoint.auth;
  return new RegistryClient(new RegistryHttp({ endpoint, auth, fetch, stallTimeoutMs, clock }));
}

async function diskOf(
  context: StoreContext,
  request: PullRequest,
  client: RegistryClient,
  image: ResolvedImage,
  diffIds: readonly string[],
): Promise<FinishedDisk> {
  const layers = image.layers.map(
    ({ digest, sizeBytes }, index): Layer => ({
      name: digest,
      diffId: diffIds[index] ?? "",
      path: context.files.blob(digest),
      offset: 0,
      sizeBytes,
    }),
  );
  try {
    return await downloadAndUnpack(context, request, client, image.layers, layers);
  } catch (error) {
    // What was verified when it came may have rotted since: then it is fetched once more, else the image is at fault.
    const isFault = error instanceof ImageError && error.kind === "invalid-image";
    if (!isFault || !(await removeRottenBlobs(layers))) throw error;
    context.logger.warn("Removed layers that have changed on the disk", { image: image.names[0] });
    return await downloadAndUnpack(context, request, client, image.layers, layers);
  }
}

async function downloadAndUnpack(
  context: StoreContext,
  request: PullRequest,
  client: RegistryClient,
  descriptors: readonly Descriptor[],
  layers: readonly Layer[],
): Promise<FinishedDisk> {
  const { files, clock } = context;
  const { onProgress } = request;
  const failed = new AbortController();
  const signal = AbortSignal.any([request.signal, failed.signal]);
  const open = client.blob.bind(client);
  const wanted = (await hasDisk(
    context,
    layers.map(({ diffId }) => diffId),
  ))
    ? []
    : descriptors;
  const downloads = new LayerDownloads(
    wanted,
    parallelDownloads,
    (layer, onBytes) => downloadBlob(layer, { files, open, clock, signal, onProgress: onBytes }),
    (doneBytes, totalBytes) => onProgress({ phase: "downloading", doneBytes, totalBytes }),
  );
  try {
    return await ensureDisk(context, layers, {
      signal,
      layerReady: (index) => downloads.ready(layers[index]?.name ?? ""),
      onProgress: (doneBytes, totalBytes) => {
        // Layers are read while later ones still come: until all are here that is part of the download.
        if (downloads.complete) onProgress({ phase: "unpacking", doneBytes, totalBytes });
      },
    });
  } finally {
    failed.abort();
    await downloads.settled();
  }
}

/** Removes the blobs whose content is not what their name says; returns whether there were any. */
async function removeRottenBlobs(layers: readonly Layer[]): Promise<boolean> {
  let found = false;
  for (const layer of layers) {
    const digest = await digestOfRegion(layer, layer.name).catch(() => undefined);
    if (digest === undefined || digest === layer.name) continue;
    await rm(layer.path, { force: true });
    found = true;
  }
  return found;
}
