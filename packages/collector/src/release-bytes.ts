/**
 * Gives the memory of a large buffer back at once. Bodies are most of what a collector allocates, and they lie outside of
 * V8's heap: left to the garbage collector, every 64 MiB of them cost a full collection of a heap that holds next to
 * nothing, tens of milliseconds in which nobody is answered.
 */

/**
 * Only for a buffer whose memory the caller made and nobody reads any more, not even a write that is under way. Whoever
 * holds on to it sees it empty. Buffers that may lie in Node's pool, where others live, are left alone.
 */
export const releaseBytes = ({ buffer }: Buffer): void => {
  if (buffer.byteLength > Buffer.poolSize && buffer instanceof ArrayBuffer) buffer.transfer(0)
}
