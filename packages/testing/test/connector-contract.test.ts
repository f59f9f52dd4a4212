import { describe, expect, test } from 'vitest'
import { connectorChecks } from '../src/connector-checks.ts'
import { connectorContract } from '../src/connector-contract.ts'
import { readFixtureFiles } from '../src/contract/read-fixture-files.ts'
import { contractSubject } from '../src/contract/subject.ts'
import type { ContractSubject } from '../src/contract/subject.ts'
import { BrokenPromise } from '../src/store-checks/store-check.ts'
import { brokenConnectors } from './broken-connectors.ts'
import type { BrokenConnector } from './broken-connectors/broken-connector.ts'
import { fixtures as inline, notes } from './notes-connector.ts'

connectorContract(notes, import.meta, { fixtures: inline })

const files = await readFixtureFiles(import.meta.url)

const subjectOf = ({ factory, fixtures }: Pick<BrokenConnector, 'factory' | 'fixtures'>): ContractSubject => {
  const given = (fixtures ?? inline).map((content, index) => ({ source: `fixture ${index + 1}`, content }))
  return contractSubject(factory, fixtures === undefined ? [...files, ...given] : given)
}

const finders = ({ found }: BrokenConnector) =>
  connectorChecks.filter(({ name }) => (found instanceof RegExp ? found.test(name) : found.includes(name)))

describe('the contract finds', () => {
  const cases = brokenConnectors.flatMap((broken) => finders(broken).map((check) => ({ ...broken, check })))

  test.each(cases)('$mistake by "$check.name"', async ({ check, sentence, ...broken }) => {
    const error: unknown = await check.run(subjectOf(broken)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BrokenPromise)
    expect((error as BrokenPromise).message).toMatch(sentence)
  })

  test('with each of its checks something', () => {
    const finding = new Set(brokenConnectors.flatMap(finders))
    expect(connectorChecks.filter((check) => !finding.has(check)).map(({ name }) => name)).toEqual([])
  })
})

describe('a check may be skipped', () => {
  const skipping = (skip: Readonly<Record<string, string>>) => () => {
    connectorContract(notes, import.meta, { skip })
  }

  test('under its own name only', () => {
    expect(skipping({ 'errors: 418': 'no tea' })).toThrow('The contract has no check "errors: 418".')
  })

  test('for a reason only', () => {
    const [check] = connectorChecks
    expect(skipping({ [check?.name ?? '']: ' ' })).toThrow(/Say why the check .* is skipped/)
  })
})
