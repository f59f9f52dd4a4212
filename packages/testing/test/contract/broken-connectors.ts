import type { BrokenConnector } from './broken-connectors/broken-connector.ts'
import { failures, shapes } from './broken-connectors/in-responses.ts'
import { capabilities } from './broken-connectors/in-capabilities.ts'
import { clients } from './broken-connectors/in-clients.ts'
import { manifest } from './broken-connectors/in-the-manifest.ts'
import { paging } from './broken-connectors/in-pages.ts'
import { purity } from './broken-connectors/in-requests.ts'
import { secrets } from './broken-connectors/with-secrets.ts'

/** One mistake each; together they break every promise of the contract. */
export const brokenConnectors: readonly BrokenConnector[] = [
  ...manifest,
  ...purity,
  ...shapes,
  ...failures,
  ...capabilities,
  ...paging,
  ...secrets,
  ...clients,
]
