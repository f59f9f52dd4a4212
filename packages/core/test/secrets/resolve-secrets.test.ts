import { inspect } from 'node:util'
import { createFakeClock, errorOf } from '@mcpclient/testing'
import { describe, expect, it, vi } from 'vitest'
import { envSecrets } from '../../src/secrets/secret-source.ts'
import { resolveSecrets } from '../../src/secrets/resolve-secrets.ts'
import type { SecretSource } from '../../src/secrets/secret-source.ts'
import { causeOf, ConnectorError } from '../../src/errors/connector-error.ts'

/** Returns a source with the value `secret of <reference>`, which records its reads. */
function echo(scheme: string) {
  const read = vi.fn<SecretSource['read']>(async (reference) => `secret of ${reference}`)
  return { scheme, read }
}

describe('a reference', () => {
  const env = envSecrets({ TOKEN: 'xoxb-1', EMPTY: '', 'odd name': 'odd' })
  const resolved = (text: string): Promise<string> => resolveSecrets(text, { sources: [env, echo('custom')] })

  it.each([
    ['env:TOKEN', 'xoxb-1'],
    ['env:odd name', 'odd'],
    ['custom:a/b#c', 'secret of a/b#c'],
    ['custom:x:y', 'secret of x:y'],
  ])('is replaced: %s', async (text, secret) => {
    expect(await resolved(text)).toBe(secret)
  })

  it.each([
    'https://example.com/env:TOKEN',
    'postgres://user@host/db',
    'file:///srv/files',
    'custom://a',
    'env: the environment',
    'env:',
    ' env:TOKEN',
    'see env:TOKEN',
    'ENV:TOKEN',
    'other:TOKEN',
    'C:\\secrets',
    'mailto:ada@example.com',
    'line one\nenv:TOKEN',
    'env:TOKEN\nand more',
    '',
  ])('is not detected in %j, which stays unchanged', async (text) => {
    expect(await resolved(text)).toBe(text)
  })
})

describe('the copy', () => {
  it('has the shape of the original, which is not changed', async () => {
    const when = new Date()
    const pattern = /x/
    const run = () => 'env:TOKEN'
    class Connection {
      readonly token = 'env:TOKEN'
    }
    const connection = new Connection()
    const value = {
      token: 'env:TOKEN',
      list: ['env:TOKEN', { deep: ['env:TOKEN'] }, 5],
      when,
      pattern,
      run,
      connection,
      nothing: null,
      absent: undefined,
      yes: true,
    }
    const before = structuredClone({ ...value, run: undefined, connection: undefined })
    const copy = await resolveSecrets(value, { sources: [envSecrets({ TOKEN: 't' })] })
    expect(copy).toEqual({ ...value, token: 't', list: ['t', { deep: ['t'] }, 5] })
    expect(Object.keys(copy)).toEqual(Object.keys(value))
    expect([copy.when, copy.pattern, copy.run, copy.connection]).toEqual([when, pattern, run, connection])
    expect(copy.connection).toBe(connection)
    expect(copy.list).not.toBe(value.list)
    expect({ ...value, run: undefined, connection: undefined }).toEqual(before)
  })

  it('keeps shared and circular references', async () => {
    const shared = { token: 'env:TOKEN' }
    const value: { one: object; two: object; self?: object } = { one: shared, two: shared }
    value.self = value
    const copy = await resolveSecrets(value, { sources: [envSecrets({ TOKEN: 't' })] })
    expect(copy.one).toEqual({ token: 't' })
    expect(copy.two).toBe(copy.one)
    expect(copy.self).toBe(copy)
  })

  it('copies a field named __proto__ as a field', async () => {
    const value = JSON.parse('{"__proto__": {"token": "env:TOKEN"}}') as object
    const copy = await resolveSecrets(value, { sources: [envSecrets({ TOKEN: 't' })] })
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect(Object.entries(copy)).toEqual([['__proto__', { token: 't' }]])
  })

  it('works on frozen objects and on those without a prototype', async () => {
    const value = Object.freeze(Object.assign(Object.create(null) as object, { token: 'env:TOKEN' }))
    const copy = await resolveSecrets(value, { sources: [envSecrets({ TOKEN: 't' })] })
    expect(Object.getPrototypeOf(copy)).toBeNull()
    expect({ ...copy }).toEqual({ token: 't' })
  })
})

describe('reading', () => {
  it('reads each reference once, all concurrently', async () => {
    const waiting = new Map<string, (secret: string) => void>()
    const read = vi.fn<SecretSource['read']>((reference) => new Promise((resolve) => waiting.set(reference, resolve)))
    const value = { a: 'slow:1', b: 'slow:2', c: ['slow:1'] }
    const work = resolveSecrets(value, { sources: [{ scheme: 'slow', read }] })
    await vi.waitFor(() => expect([...waiting.keys()]).toEqual(['1', '2']))
    for (const [reference, resolve] of waiting) resolve(`s${reference}`)
    expect(await work).toEqual({ a: 's1', b: 's2', c: ['s1'] })
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('calls no source if there are no references', async () => {
    expect(await resolveSecrets({ url: 'https://example.com' }, { sources: [] })).toEqual({
      url: 'https://example.com',
    })
  })

  it('does not resolve a secret that looks like a reference', async () => {
    const sources = [envSecrets({ A: 'env:B', B: 'not this' })]
    expect(await resolveSecrets(['env:A'], { sources })).toEqual(['env:B'])
  })

  it('ends after timeoutMs if a source ignores its signal', async () => {
    const clock = createFakeClock()
    const deaf: SecretSource = { scheme: 'deaf', read: () => new Promise(() => {}) }
    const work = errorOf(resolveSecrets({ a: 'deaf:1' }, { sources: [deaf], clock, timeoutMs: 500 }))
    await clock.advance(500)
    expect(await work).toMatchObject({ code: 'TIMEOUT', retryable: true })
    expect(clock.pending).toBe(0)
  })

  it('ends with the signal of the caller, which is passed to the source', async () => {
    const controller = new AbortController()
    let seen: AbortSignal | undefined
    const source: SecretSource = {
      scheme: 'slow',
      read: (_, { signal }) => {
        seen = signal
        return new Promise(() => {})
      },
    }
    const work = errorOf(resolveSecrets(['slow:1', 'slow:2'], { sources: [source], signal: controller.signal }))
    await vi.waitFor(() => expect(seen).toBeDefined())
    controller.abort(new Error('shutting down'))
    expect((await work).code).toBe('CANCELLED')
    expect(seen?.aborted).toBe(true)

    const late = resolveSecrets('slow:1', { sources: [source], signal: controller.signal })
    expect((await errorOf(late)).code).toBe('CANCELLED')
  })
})

describe('a failure', () => {
  it('lists all references at once, each with its path and a hint', async () => {
    const value = { connectors: { slack: { token: 'env:SLACK_TOKEN' }, jira: [{ secret: 'vault:kv/data/app#key' }] } }
    const error = await errorOf(resolveSecrets(value, { sources: [envSecrets({})] }))
    expect(error.code).toBe('CONFIGURATION_ERROR')
    expect(error.message).toContain('2 of 2 secret references cannot be read.')
    expect(error.message).toContain('connectors.slack.token (env:SLACK_TOKEN)')
    expect(error.details.issues).toEqual([
      {
        path: 'connectors.slack.token',
        message:
          'env:SLACK_TOKEN: The environment variable SLACK_TOKEN is not set. Set SLACK_TOKEN where the process is started.',
      },
      {
        path: 'connectors.jira.0.secret',
        message:
          'vault:kv/data/app#key: No source reads vault: references. ' +
          'Install @mcpclient/hashicorp-vault-secrets and add hashicorpVaultSecrets(client) to the sources.',
      },
    ])
  })

  it.each([
    ['env:A', 'envSecrets(process.env) of @mcpclient/core/secrets'],
    ['file:/run/secrets/a', 'fileSecrets() of @mcpclient/core/node'],
    ['vault:kv/a', '@mcpclient/hashicorp-vault-secrets'],
    ['aws-sm:a', '@mcpclient/aws-secrets'],
    ['gcp-sm:projects/p/secrets/s', '@mcpclient/gcp-secrets'],
    ['azure-kv:a', '@mcpclient/azure-secrets'],
  ])('names what to add if there is no source for %s', async (reference, addition) => {
    const error = await errorOf(resolveSecrets({ reference }, { sources: [] }))
    expect(error.code).toBe('CONFIGURATION_ERROR')
    expect(error.advice).toContain(addition)
  })

  it('is retryable only if a retry helps with all references', async () => {
    const down: SecretSource = {
      scheme: 'down',
      read: async () => {
        throw new ConnectorError('MCP_CONNECTION_ERROR', 'Nobody answers.')
      },
    }
    const sources = [down, envSecrets({})]
    expect(await errorOf(resolveSecrets(['down:1', 'down:2'], { sources }))).toMatchObject({ retryable: true })
    expect(await errorOf(resolveSecrets(['down:1', 'env:A'], { sources }))).toMatchObject({
      code: 'CONFIGURATION_ERROR',
    })
  })

  it('includes an empty secret', async () => {
    const error = await errorOf(resolveSecrets({ key: 'env:EMPTY' }, { sources: [envSecrets({ EMPTY: '' })] }))
    expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    expect(error.message).toContain('env:EMPTY is empty')
  })

  it('does not repeat the error of a source', async () => {
    const read = async (): Promise<string> => {
      throw new Error('token canary-77 was refused')
    }
    const error = await errorOf(resolveSecrets({ key: 'odd:1' }, { sources: [{ scheme: 'odd', read }] }))
    expect(error.code).toBe('API_INTERNAL_ERROR')
    expect(inspect([error, error.toJSON()], { depth: 9, showHidden: true })).not.toContain('canary-77')
    expect(inspect(causeOf(error))).toContain('odd:')
  })

  it('includes a source that returns something other than a string', async () => {
    const read = (async () => 5) as unknown as SecretSource['read']
    const error = await errorOf(resolveSecrets('odd:1', { sources: [{ scheme: 'odd', read }] }))
    expect(error.message).toContain('did not return a string')
  })

  it('contains no secret that was read', async () => {
    const value = { good: 'env:GOOD', bad: 'env:BAD', plain: 'canary-plain' }
    const error = await errorOf(resolveSecrets(value, { sources: [envSecrets({ GOOD: 'canary-good' })] }))
    const shown = inspect([error, causeOf(error), error.toJSON()], { depth: 20, showHidden: true })
    expect(shown).toContain('env:BAD')
    expect(shown).not.toContain('canary')
  })

  it('includes two sources for one scheme, and an invalid scheme', async () => {
    const two = errorOf(resolveSecrets('', { sources: [echo('a1'), echo('a1')] }))
    expect((await two).message).toContain('Two sources read a1:')
    for (const scheme of ['', 'c', 'A1', '1a', 'a b', 'a:']) {
      const error = await errorOf(resolveSecrets('', { sources: [echo(scheme)] }))
      expect(error.code).toBe('CONFIGURATION_ERROR')
    }
  })
})

it('includes an environment variable with an inherited name', async () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    expect((await errorOf(envSecrets({}).read(name, {}))).message).toContain('is not set')
  }
})
