import { fetchTransport, kyTransport } from '@mcpclient/core'
import type { OpenClient } from './client.ts'
import { governedListing } from './governed.ts'

export const oursOverFetch: OpenClient = (base) => governedListing(base, fetchTransport())

/** The default. */
export const oursOverKy: OpenClient = (base) => governedListing(base, kyTransport())
