/** The form of an address that requests are sent to. */
import { z } from 'zod'

/** Who we are belongs into the headers: in an address it would be shown by `doctor`, and no request is made with it. */
export const urlWithoutUser = (example: string) =>
  z
    .url({ protocol: /^https?$/, error: `a URL such as ${example}` })
    .refine((url) => /^[^/]*\/\/[^/?#@]*(?:[/?#]|$)/.test(url), { error: `a URL without a user, such as ${example}` })
