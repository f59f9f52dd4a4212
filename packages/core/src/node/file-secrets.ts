/// <reference types="node" />
import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { isAbsolute, resolve, sep } from 'node:path'
import { ConnectorError } from '../errors/connector-error.ts'
import { ownEntry } from '../errors/own-entry.ts'
import type { Logger } from '../ports/logger.ts'
import type { SecretSource } from '../secrets/secret-source.ts'

const MOST_BYTES = 1_048_576
const FOR_EVERYONE = 0o004
const NEWLINE_AT_END = /\r?\n$/

export interface FileSecretsOptions {
  /**
   * The folder that files must be in, such as `/run/secrets`; references may then be relative to it. Links count by where
   * they lead, so those that Kubernetes makes inside a mounted folder work, and one that leads out is refused.
   */
  readonly root?: string | undefined
  /**
   * Told once about each file that every user of the machine may read. Nobody is told by default: containers have one
   * user, and Kubernetes mounts secrets that way.
   */
  readonly logger?: Logger | undefined
}

/**
 * Reads `file:/run/secrets/name` references: UTF-8 text of at most 1 MiB, without one newline at its end.
 *
 * Anew each time, so a file that is replaced is seen; only files, not folders, pipes or devices.
 */
export function fileSecrets(options: FileSecretsOptions = {}): SecretSource {
  const told = new Set<string>()
  return {
    scheme: 'file',
    async read(reference, { signal }) {
      const path = await locate(reference, options.root)
      signal?.throwIfAborted()
      const file = await opened(reference, path)
      try {
        const stats = await file.stat()
        if (!stats.isFile()) throw refusal(reference, 'is no file', 'Name the file that holds the secret.')
        if (options.logger !== undefined && (stats.mode & FOR_EVERYONE) !== 0 && !told.has(path)) {
          told.add(path)
          options.logger.warn({ path, mode: (stats.mode & 0o777).toString(8) }, 'Every user may read a secret file.')
        }
        return textOf(reference, await contents(reference, file))
      } finally {
        await file.close()
      }
    },
  }
}

/** Where the file really is. */
async function locate(reference: string, root: string | undefined): Promise<string> {
  if (root === undefined && !isAbsolute(reference)) {
    throw refusal(reference, 'has no root', 'Give the whole path, or say fileSecrets({ root }).')
  }
  try {
    const path = await realpath(resolve(root ?? sep, reference))
    if (root === undefined) return path
    const folder = await realpath(root)
    if (path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return path
  } catch (error) {
    throw unreadable(reference, error)
  }
  throw refusal(
    reference,
    'is outside of the root',
    'Keep secret files inside the folder that fileSecrets({ root }) names.',
  )
}

async function opened(reference: string, path: string): Promise<FileHandle> {
  try {
    // A pipe without a writer would block for ever; Windows has no such flag.
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    throw unreadable(reference, error)
  }
}

/** The size is not asked for beforehand: a file may grow, and some say 0. */
async function contents(reference: string, file: FileHandle): Promise<Uint8Array> {
  const bytes = new Uint8Array(MOST_BYTES + 1)
  let length = 0
  try {
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length)
      if (bytesRead === 0) break
      length += bytesRead
      if (length > MOST_BYTES) break
    }
  } catch (error) {
    throw unreadable(reference, error)
  }
  if (length > MOST_BYTES) throw refusal(reference, 'has more than 1 MiB', 'Name the file that holds the secret alone.')
  return bytes.subarray(0, length)
}

function textOf(reference: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(NEWLINE_AT_END, '')
  } catch {
    throw refusal(reference, 'is no UTF-8 text', 'Store binary secrets in base64.')
  }
}

const refusal = (reference: string, problem: string, hint: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', `file:${reference} ${problem}.`, { hint })

/** https://nodejs.org/api/errors.html#common-system-errors */
const reasons: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  ENOENT: ['does not exist', 'Check the path, and that the secret is mounted.'],
  ENOTDIR: ['does not exist', 'Check the path, and that the secret is mounted.'],
  EACCES: ['may not be read by this process', 'Give its user the right to read it, and to enter its folders.'],
  EPERM: ['may not be read by this process', 'Give its user the right to read it, and to enter its folders.'],
  EISDIR: ['is no file', 'Name the file that holds the secret.'],
  ELOOP: ['leads round in circles', 'Correct the symbolic link.'],
}

function unreadable(reference: string, error: unknown): ConnectorError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const [problem, hint] = ownEntry(reasons, code) ?? [`cannot be read (${code})`, 'Look at the file system.']
  return new ConnectorError('CONFIGURATION_ERROR', `file:${reference} ${problem}.`, { hint }, { cause: error })
}
