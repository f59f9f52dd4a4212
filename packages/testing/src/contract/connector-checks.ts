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
import type { ContractFactory } from './connector-checks/subject.ts'
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

/**
 * Returns the checks that apply to a connector. Tools that perform their calls have no requests to record and no responses to
 * fail with, so that most of the checks would pass vacuously.
 */
export const checksFor = ({ tools }: Pick<ContractFactory, 'tools'>): readonly ConnectorCheck[] => {
  const all = Object.values(tools)
  const usesHttp = all.length === 0 || all.some(({ perform }) => perform === undefined)
  return usesHttp ? connectorChecks : connectorChecks.filter(({ name }) => withoutHttp.has(name))
}

const withoutHttp: ReadonlySet<string> = new Set([
  'manifest: every tool is described, and its schemas are JSON Schema',
  'manifest: the README lists the current tools',
])
