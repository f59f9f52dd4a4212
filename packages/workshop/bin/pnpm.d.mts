import type { SpawnSyncReturns } from 'node:child_process'

/** The exact pnpm, as npx takes it. */
export const PNPM: string
/** PATH without this workspace's own commands. */
export function machinePath(): string
/** Runs the one pnpm of this workspace at its root and waits for it. */
export function pnpm(args: readonly string[]): SpawnSyncReturns<string>
