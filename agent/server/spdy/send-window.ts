/** SPDY/3.1's initial window, of a stream and of the connection. */
const initialWindowBytes = 64 * 1024;

/**
 * How much may be sent. Kubernetes' Go client, the one SPDY client there is, neither widens windows nor heeds them:
 * they hold only once the client has shown, by a first window update or setting, that it has any.
 */
export class SendWindows {
  readonly #sentBytes = new Map<number, number>();
  readonly #grantedBytes = new Map<number, number>();
  #initialBytes = initialWindowBytes;
  #inUse = false;
  #waiting: (() => void)[] = [];

  /** Stream 0 is the connection. */
  grant(streamId: number, bytes: number): void {
    this.#inUse = true;
    this.#grantedBytes.set(streamId, (this.#grantedBytes.get(streamId) ?? 0) + bytes);
    this.wake();
  }

  setInitial(bytes: number): void {
    this.#inUse = true;
    this.#initialBytes = bytes;
    this.wake();
  }

  /** How many of `bytes` may be sent on the stream now; they count as sent. 0: wait for {@link changed}. */
  take(streamId: number, bytes: number): number {
    const allowed = this.#inUse ? Math.min(bytes, this.#left(streamId), this.#left(0)) : bytes;
    const taken = Math.max(0, allowed);
    for (const id of [streamId, 0]) this.#sentBytes.set(id, (this.#sentBytes.get(id) ?? 0) + taken);
    return taken;
  }

  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  forget(streamId: number): void {
    this.#sentBytes.delete(streamId);
    this.#grantedBytes.delete(streamId);
    this.wake();
  }

  #left(streamId: number): number {
    const initial = streamId === 0 ? initialWindowBytes : this.#initialBytes;
    return initial + (this.#grantedBytes.get(streamId) ?? 0) - (this.#sentBytes.get(streamId) ?? 0);
  }
}
