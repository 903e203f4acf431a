/**
 * Gives the memory of a large buffer back at once. Bodies are most of what a collector allocates, and they lie outside of
 * V8's heap: left to the garbage collector, every 64 MiB of them cost a full collection of a heap that holds next to
 * nothing, tens of milliseconds in which nobody is answered.
 */

/** Smaller buffers may be slices of Node's pool, which others live in. */
const OWN_BYTES_MIN = 16 * 1024

/**
 * Only for a buffer whose whole memory the caller made and nobody reads any more, not even a write that is under way.
 * Whoever holds on to it sees it empty.
 */
export const releaseBytes = ({ buffer, byteLength }: Buffer): void => {
  if (byteLength >= OWN_BYTES_MIN && buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0)
}
