// How a process that takes in spans uses memory; the image and the service of deploy/ start it with the same.

/**
 * V8 lets garbage grow to several times what lives, as if the machine were its own. What lives is some 70 MiB here: it may
 * double until it is collected. Nothing is bounded by that: unlike `--max-old-space-size` it cannot end the process.
 */
export const NODE_FLAGS = ['--heap-growing-percent=100']

/**
 * Bodies and blocks are large and live for a moment. The allocator of glibc keeps such memory, in pieces that nothing fits,
 * unless these say that it is the system's as soon as it is free. Other allocators do not read them.
 */
export const ALLOCATOR_ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' }
