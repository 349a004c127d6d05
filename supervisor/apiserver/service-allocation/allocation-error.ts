/** An address or port cannot be given; the message is what clients read (kubernetes `ipallocator`, `portallocator`). */
export class AllocationError extends Error {
  override readonly name = "AllocationError";
}
