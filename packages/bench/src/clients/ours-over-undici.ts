import { undiciTransport } from '@mcpclient/core/undici'
import type { OpenClient } from './client.ts'
import { governedListing } from './governed.ts'

export const oursOverUndici: OpenClient = (base) => governedListing(base, undiciTransport())
