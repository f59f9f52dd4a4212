import { parentPort } from 'node:worker_threads'
import { firstViolation } from './kill.ts'
import { mutantEngine } from './mutant-hooks.ts'
import { mutants } from './mutants.ts'

// An error takes most of its time to look at the stack, which no reader needs here.
Error.stackTraceLimit = 0

/** Runs one mutant after another: their engines are loaded from changed sources, which a test runner must not see. */
parentPort?.on('message', ({ index, seeds }: { readonly index: number; readonly seeds: number }) => {
  const mutant = mutants[index]
  if (mutant === undefined) throw new Error(`There is no mutant ${index}.`)
  void mutantEngine(mutant)
    .then((engine) => firstViolation(mutant.kind, engine, seeds))
    .then(
      (killed) => parentPort?.postMessage({ index, killed }, []),
      (error: unknown) => parentPort?.postMessage({ index, failure: String(error) }, []),
    )
})
