// How a process that takes in spans uses memory; the image and the service of deploy/ start it with the same.

/**
 * V8 lets garbage grow to a multiple of what lives, as if the machine were its own. What lives is some 70 MiB here: it may
 * grow by two fifths until it is collected, and what is new is collected by 4 MiB in place of 16. Nothing is bounded by
 * that: unlike `--max-old-space-size` it cannot end the process.
 */
export const NODE_FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=40']

/**
 * Bodies and blocks are large and live for a moment. The allocator of glibc keeps such memory, in pieces that nothing fits,
 * unless these say that it is the system's as soon as it is free. Other allocators do not read them.
 */
export const ALLOCATOR_ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' }
