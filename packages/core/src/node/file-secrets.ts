/// <reference types="node" />
import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { isAbsolute, resolve, sep } from 'node:path'
import { ConnectorError } from '../errors/connector-error.ts'
import { ownEntry } from '../errors/own-entry.ts'
import type { Logger } from '../ports/logger.ts'
import type { SecretSource } from '../secrets/secret-source.ts'

const MAX_BYTES = 1_048_576
const WORLD_READABLE = 0o004
const NEWLINE_AT_END = /\r?\n$/

export interface FileSecretsOptions {
  /**
   * The folder that files must be in, such as `/run/secrets`. References may be relative to it. Symbolic links are
   * resolved first: links inside the folder work, such as those of Kubernetes, and links out of it are rejected.
   */
  readonly root?: string | undefined
  /**
   * Receives one warning for each file that every user of the machine may read.
   * @default none, because containers have one user, and Kubernetes mounts secrets readable by all
   */
  readonly logger?: Logger | undefined
}

/**
 * Reads `file:/run/secrets/name` references: UTF-8 of at most 1 MiB, without one trailing newline.
 *
 * Each read opens the file again, so a replaced file takes effect. Folders, pipes and devices are rejected.
 */
export function fileSecrets(options: FileSecretsOptions = {}): SecretSource {
  const warned = new Set<string>()
  return {
    scheme: 'file',
    async read(reference, { signal }) {
      const path = await locate(reference, options.root)
      signal?.throwIfAborted()
      const file = await opened(reference, path)
      try {
        const stats = await file.stat()
        if (!stats.isFile())
          throw refusal(reference, 'is not a file', 'Pass the path of the file that contains the secret.')
        if (options.logger !== undefined && (stats.mode & WORLD_READABLE) !== 0 && !warned.has(path)) {
          warned.add(path)
          options.logger.warn(
            { path, mode: (stats.mode & 0o777).toString(8) },
            'Every user of the machine can read a secret file.',
          )
        }
        return textOf(reference, await contents(reference, file))
      } finally {
        await file.close()
      }
    },
  }
}

/** Returns the path of the file with all symbolic links resolved. */
async function locate(reference: string, root: string | undefined): Promise<string> {
  if (root === undefined && !isAbsolute(reference)) {
    throw refusal(
      reference,
      'is a relative path without a root',
      'Pass an absolute path, or set fileSecrets({ root }).',
    )
  }
  try {
    const path = await realpath(resolve(root ?? sep, reference))
    if (root === undefined) return path
    const folder = await realpath(root)
    if (path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return path
  } catch (error) {
    throw unreadable(reference, error)
  }
  throw refusal(reference, 'is outside the root', 'Move the file into the folder of fileSecrets({ root }).')
}

async function opened(reference: string, path: string): Promise<FileHandle> {
  try {
    // A pipe without a writer would block forever. Windows has no such flag.
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    throw unreadable(reference, error)
  }
}

// `stat` gives no reliable size: a file may grow, and some file systems return 0.
async function contents(reference: string, file: FileHandle): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAX_BYTES + 1)
  let length = 0
  try {
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length)
      if (bytesRead === 0) break
      length += bytesRead
      if (length > MAX_BYTES) break
    }
  } catch (error) {
    throw unreadable(reference, error)
  }
  if (length > MAX_BYTES)
    throw refusal(reference, 'has more than 1 MiB', 'Pass the path of a file that contains only the secret.')
  return bytes.subarray(0, length)
}

function textOf(reference: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(NEWLINE_AT_END, '')
  } catch {
    throw refusal(reference, 'is not valid UTF-8', 'Store binary secrets in base64.')
  }
}

const refusal = (reference: string, problem: string, hint: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', `file:${reference} ${problem}.`, { hint })

/** https://nodejs.org/api/errors.html#common-system-errors */
const reasons: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  ENOENT: ['does not exist', 'Check the path, and that the secret is mounted.'],
  ENOTDIR: ['does not exist', 'Check the path, and that the secret is mounted.'],
  EACCES: ['is not readable for this process', 'Grant its user read access to the file and its folders.'],
  EPERM: ['is not readable for this process', 'Grant its user read access to the file and its folders.'],
  EISDIR: ['is not a file', 'Pass the path of the file that contains the secret.'],
  ELOOP: ['is a circular symbolic link', 'Correct the symbolic link.'],
}

function unreadable(reference: string, error: unknown): ConnectorError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const [problem, hint] = ownEntry(reasons, code) ?? [`cannot be read (${code})`, 'Check the file system.']
  return new ConnectorError('CONFIGURATION_ERROR', `file:${reference} ${problem}.`, { hint }, { cause: error })
}
