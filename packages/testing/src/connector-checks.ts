import { abortChecks } from './contract/abort-checks.ts'
import type { ConnectorCheck } from './contract/connector-check.ts'
import { errorChecks } from './contract/error-checks.ts'
import { fixtureChecks } from './contract/fixture-checks.ts'
import { manifestChecks } from './contract/manifest-checks.ts'
import { outageChecks } from './contract/outage-checks.ts'
import { pagingChecks } from './contract/paging-checks.ts'
import { purityChecks } from './contract/purity-checks.ts'
import { redactionChecks } from './contract/redaction-checks.ts'
import { tenantChecks } from './contract/tenant-checks.ts'
import { waitChecks } from './contract/wait-checks.ts'
import { writeChecks } from './contract/write-checks.ts'

/** Every promise of a connector, in the order in which an author meets them. */
export const connectorChecks: readonly ConnectorCheck[] = [
  ...manifestChecks,
  ...purityChecks,
  ...fixtureChecks,
  ...errorChecks,
  ...pagingChecks,
  ...redactionChecks,
  ...tenantChecks,
  ...waitChecks,
  ...writeChecks,
  ...abortChecks,
  ...outageChecks,
]
