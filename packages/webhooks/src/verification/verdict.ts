import type { RefusalReason, Verdict } from '@mcpclient/core/define'

export const VERIFIED: Verdict = { verified: true }

export const refused = (reason: RefusalReason): Verdict => ({ verified: false, reason })

/** Longer headers than these are refused before anything reads them, in characters. */
export const MAX_SIGNATURE_LENGTH = 4096
export const MAX_TOKEN_LENGTH = 512
export const MAX_ID_LENGTH = 256
