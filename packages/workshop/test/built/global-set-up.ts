import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type Consumer, createConsumer } from '../../src/consumer.ts'

declare module 'vitest' {
  interface ProvidedContext {
    consumer: Consumer
  }
}

export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpclient-built-'))
  const tearDown = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    project.provide('consumer', await createConsumer(folder))
  } catch (error) {
    tearDown()
    throw error
  }
  return tearDown
}
