/**
 * The demo of `npm start`: four integrations with generated secrets that deliver to the built-in sink.
 *
 * Made through the public API, as anybody would; the secrets are kept (0600) for `postern send` and nowhere else.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient, type ManagementClient } from './interfaces/cli/client.ts'
import { DEMO_FILE, type DemoEntry } from './interfaces/cli/demo-file.ts'
import type { IntegrationView } from './interfaces/cli/views.ts'
import type { Logger } from './observability/log.ts'
import { findProvider } from './providers/registry.ts'
import { generateSigningKey } from './providers/sign.ts'

const PROVIDERS = ['acme', 'globex', 'stripe', 'github'] as const
const NAME = 'demo'

export interface DemoOptions {
  /** Where this gateway answers. */
  readonly address: string
  readonly managementKey: string
  readonly dataDir: string
  readonly log: Logger
}

/** Once made, the demo integrations stay; a second start finds them. */
export async function makeDemo({ address, managementKey, dataDir, log }: DemoOptions): Promise<readonly DemoEntry[]> {
  const client = createClient({ POSTERN_URL: address, MANAGEMENT_API_KEY: managementKey })
  const file = join(dataDir, DEMO_FILE)
  const known = await readEntries(file)
  const entries: DemoEntry[] = []
  for (const provider of PROVIDERS) {
    const entry = known.find((each) => each.provider === provider)
    entries.push(entry !== undefined && (await exists(client, entry)) ? entry : await make(client, provider, address))
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await writeFile(file, `${JSON.stringify(entries, null, 2)}\n`, { mode: 0o600 })
  log.info({ file }, 'demo integrations are ready')
  return entries
}

async function make(client: ManagementClient, provider: string, address: string): Promise<DemoEntry> {
  const scheme = findProvider(provider)?.schemes[0]
  if (scheme === undefined) throw new Error(`no provider ${provider}`)
  const { signing, verifying } = generateSigningKey(scheme)
  // A name of its own for each making: an earlier demo whose secrets were lost stays as it is.
  const integration = await client.send<IntegrationView>('POST', '/api/v1/integrations', {
    provider,
    name: `${NAME} ${new Date().toISOString().slice(0, 19)}`,
    secret: verifying,
    destination: {
      url: `${address}/api/v1/internal/delivery-sink/${provider}`,
      allowCidrs: ['127.0.0.0/8', '::1/128'],
    },
  })
  return { provider, receivePath: integration.receivePath, secret: signing }
}

async function exists(client: ManagementClient, entry: DemoEntry): Promise<boolean> {
  const { data } = await client.get<{ data: readonly IntegrationView[] }>('/api/v1/integrations', {
    provider: entry.provider,
    activeOnly: true,
    pageSize: 100,
  })
  return data.some((integration) => integration.receivePath === entry.receivePath)
}

async function readEntries(file: string): Promise<readonly DemoEntry[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as readonly DemoEntry[]
  } catch {
    // The first start, or a file somebody emptied: made anew.
    return []
  }
}
