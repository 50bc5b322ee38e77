/**
 * The entry of a thread that runs transforms, one at a time. It keeps the sandboxes of the latest expressions, each with
 * its owner: nothing one owner's expression could leave behind is ever seen by another's.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { LRUCache } from 'lru-cache'
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core'
import type { ThreadAnswer, ThreadTask } from './transform-pool.ts'
import { openSandbox, type Sandbox, type SandboxLimits } from './transform-sandbox.ts'

/** A sandbox takes some 3 MB, and opening one as long as running it a hundred times. */
const KEPT_SANDBOXES = 16

const quickjs = await newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-wasmfile-release-sync'))
const require = createRequire(import.meta.url)
const library = readFileSync(require.resolve('jsonata'), 'utf8')
const limits = workerData as SandboxLimits
const sandboxes = new LRUCache<string, Sandbox>({ max: KEPT_SANDBOXES, dispose: (sandbox) => sandbox.dispose() })

function answer(task: ThreadTask): ThreadAnswer {
  const key = JSON.stringify([task.owner, task.text])
  const sandbox = sandboxes.get(key) ?? openSandbox({ quickjs, library, limits }, task.text)
  sandboxes.set(key, sandbox)
  const { check } = sandbox
  const result =
    task.run === undefined || !check.ok ? check : sandbox.run(task.run.input, task.run.bindings, task.run.time)
  // A sandbox that met a limit may not even close; the pool takes another thread then.
  return { result, spoilt: !sandbox.isSound() }
}

parentPort?.on('message', (task: ThreadTask) => parentPort?.postMessage(answer(task)))
parentPort?.postMessage('ready')
