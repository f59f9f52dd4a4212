import { abortChecks } from './connector-checks/abort-checks.ts'
import { capabilityChecks } from './connector-checks/capability-checks.ts'
import type { ConnectorCheck } from './connector-checks/connector-check.ts'
import { errorChecks } from './connector-checks/error-checks.ts'
import { fixtureChecks } from './connector-checks/fixture-checks.ts'
import { manifestChecks } from './connector-checks/manifest-checks.ts'
import { outageChecks } from './connector-checks/outage-checks.ts'
import { pagingChecks } from './connector-checks/paging-checks.ts'
import { purityChecks } from './connector-checks/purity-checks.ts'
import { redactionChecks } from './connector-checks/redaction-checks.ts'
import { tenantChecks } from './connector-checks/tenant-checks.ts'
import { tableChecks } from './connector-checks/tool-table.ts'
import { waitChecks } from './connector-checks/wait-checks.ts'
import { writeChecks } from './connector-checks/write-checks.ts'

/** Every promise of a connector, in the order in which an author meets them. */
export const connectorChecks: readonly ConnectorCheck[] = [
  ...manifestChecks,
  ...tableChecks,
  ...purityChecks,
  ...fixtureChecks,
  ...capabilityChecks,
  ...errorChecks,
  ...pagingChecks,
  ...redactionChecks,
  ...tenantChecks,
  ...waitChecks,
  ...writeChecks,
  ...abortChecks,
  ...outageChecks,
]
