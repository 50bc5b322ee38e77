/** A target for a whole suite: started before its first test, stopped after its last. */
import { afterAll, beforeAll } from 'vitest'
import { startTarget, type Target, type TargetName, type TargetOptions } from './start-target.ts'

export function started(name: TargetName, options: TargetOptions): () => Target {
  let target: Target | undefined
  beforeAll(async () => {
    target = await startTarget(name, options)
  })
  afterAll(() => target?.stop())
  return () => {
    if (target === undefined) throw new Error('asked before it was started')
    return target
  }
}
