/** The options that give a destination its credentials; what is secret may stand in the environment or in a file. */
import { PosternError } from '../../base/model/errors.ts'
import type { CommandContext } from './context.ts'
import { readInput, readSecret } from './input.ts'
import { text } from './list.ts'
import { namedValues } from './named-values.ts'

type Options = Readonly<Record<string, unknown>>

/** @returns As the API takes it; `null` takes it away, `undefined` leaves it. @throws PosternError `VALIDATION_ERROR` */
export async function destinationAuth(
  context: CommandContext,
  options: Options,
): Promise<Readonly<Record<string, unknown>> | null | undefined> {
  if (options['auth'] === false) return null
  const given = (['authHeader', 'authBasic', 'authBearer', 'oauth2', 'clientCert'] as const).filter(
    (name) => options[name] !== undefined,
  )
  if (given.length > 1) throw invalid('Give a destination one kind of credentials.')
  const secret = (value: string) => readSecret(value, context.env, context.stdin)
  switch (given[0]) {
    case 'authHeader': {
      const named = Object.entries(namedValues('auth-header', options['authHeader']))
      const headers = await Promise.all(named.map(async ([name, value]) => [name, await secret(value)] as const))
      return { kind: 'headers', headers: Object.fromEntries(headers) }
    }
    case 'authBasic': {
      const pair = await secret(text(options['authBasic']) ?? '')
      const at = pair.indexOf(':')
      if (at < 1) throw invalid('--auth-basic must be user:password.')
      return { kind: 'basic', username: pair.slice(0, at), password: pair.slice(at + 1) }
    }
    case 'authBearer':
      return { kind: 'bearer', token: await secret(text(options['authBearer']) ?? '') }
    case 'oauth2':
      return {
        kind: 'oauth2',
        tokenUrl: text(options['oauth2']),
        clientId: text(options['clientId']),
        clientSecret: await secret(text(options['clientSecret']) ?? ''),
        scope: text(options['scope']),
        audience: text(options['audience']),
      }
    case 'clientCert':
      return {
        kind: 'mtls',
        certificate: (await readInput(text(options['clientCert']) ?? '', context.stdin)).toString(),
        privateKey: (await readInput(text(options['clientKey']) ?? '', context.stdin)).toString(),
      }
    default:
      return undefined
  }
}

function invalid(detail: string): PosternError {
  return new PosternError('VALIDATION_ERROR', detail)
}
