import { fetchTransport } from '@mcpclient/core'
import { kyTransport } from '@mcpclient/core/transports'
import type { OpenClient } from './client.ts'
import { governedListing } from './governed.ts'

export const oursOverFetch: OpenClient = (base) => governedListing(base, fetchTransport())

/** Returns the client over the default transport. */
export const oursOverKy: OpenClient = (base) => governedListing(base, kyTransport())
