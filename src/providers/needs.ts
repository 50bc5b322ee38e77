/**
 * What an integration of a scheme has to be given, and whether what was given will do. Asked when one is made or
 * changed: by the management API, which refuses, and by the command line, which asks for what is missing.
 */
import type { FieldError } from '../base/model/errors.ts'
import type { KeySlot, PinForm, ProviderDefinition, RemoteCall, Scheme, SettingSpec } from './definition.ts'
import { parseKey } from './keys.ts'
import { compileTemplate } from './template.ts'

/** What the pasted key is: a shared secret, a public key, a name that is no secret, or credentials for an API. */
export type KeyKind = 'secret' | 'public' | 'name' | 'credentials' | 'certificate'

export interface Needs {
  readonly keyKind: KeyKind
  /** In words. */
  readonly keyForm: string
  /** The key names this; beside a pasted public key it is a setting. */
  readonly pin: PinForm | undefined
  readonly settings: readonly SettingSpec[]
  readonly slots: readonly Omit<KeySlot, 'signature'>[]
  /** The address that the provider was given is part of what is signed. */
  readonly signsUrl: boolean
  /** A set-up exchange brings the key, so none has to be pasted. */
  readonly capturesKey: boolean
}

export function needsOf(definition: ProviderDefinition, scheme: Scheme): Needs {
  return {
    keyKind: keyKind(scheme),
    keyForm: scheme.keyForm ?? definition.keyForm,
    pin: pinForm(scheme),
    settings: settingsOf(definition, scheme),
    slots: 'slots' in scheme ? (scheme.slots ?? []) : [],
    signsUrl: signsUrl(scheme),
    capturesKey: definition.handshakes?.some(({ capture }) => capture !== undefined) ?? false,
  }
}

function keyKind(scheme: Scheme): KeyKind {
  switch (scheme.family) {
    case 'mtls':
      return 'certificate'
    case 'fetch-back':
      return 'credentials'
    case 'asymmetric':
    case 'jwt': {
      if ('decode' in scheme.key) return 'secret'
      if ('pin' in scheme.key) return 'name'
      return scheme.key.format === 'key-api' ? 'credentials' : 'public'
    }
    default:
      return 'secret'
  }
}

export function pinForm(scheme: Scheme): PinForm | undefined {
  return 'key' in scheme && 'pin' in scheme.key ? scheme.key : undefined
}

/** Whether the public URL must be known for requests to verify. */
export function signsUrl(scheme: Scheme): boolean {
  if (scheme.family === 'jwt') {
    const { subjectIsUrl, urlHash, queryHash } = scheme.claims
    return subjectIsUrl === true || urlHash !== undefined || queryHash !== undefined
  }
  if (!('signed' in scheme)) return false
  const tokens = scheme.signed.flatMap(({ templates }) => templates.flatMap(compileTemplate))
  return tokens.some(({ kind }) => kind === 'url' || kind === 'url-unescaped' || kind === 'path-encoded')
}

/** The settings that this scheme, or a set-up exchange of the provider, reads. */
function settingsOf(definition: ProviderDefinition, scheme: Scheme): readonly SettingSpec[] {
  return (definition.settings ?? []).filter(({ schemes }) => schemes?.includes(scheme.name) ?? true)
}

/**
 * @returns What is wrong with the settings as a whole: required ones missing, unknown ones, and values that could never
 * work. Empty when nothing is.
 */
export function checkSettings(
  definition: ProviderDefinition,
  scheme: Scheme,
  settings: Readonly<Record<string, string>>,
): readonly FieldError[] {
  const { settings: specs, pin } = needsOf(definition, scheme)
  const known = [...specs.map(({ name }) => name), ...(pin === undefined ? [] : [pin.pin])]
  const unknown = Object.keys(settings)
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: pathOf(name), message: unknownSetting(definition, scheme, name, known) }))
  const missing = specs
    .filter(({ name, required }) => required === true && !Object.hasOwn(settings, name))
    .map((spec) => ({ path: pathOf(spec.name), message: `is required: ${described(spec)}` }))
  const unfit = Object.entries(settings).flatMap(([name, value]) => {
    const message = known.includes(name) ? valueProblem(scheme, pin, name, value) : undefined
    return message === undefined ? [] : [{ path: pathOf(name), message }]
  })
  return [...missing, ...unknown, ...unfit]
}

/**
 * What makes a key that is right by itself useless under these settings: a public key that stands for nobody, a
 * password without its user.
 */
export function checkKeyWithSettings(
  scheme: Scheme,
  key: string,
  settings: Readonly<Record<string, string>>,
): FieldError | undefined {
  if (scheme.family === 'basic') {
    const name = scheme.usernameSetting
    return Object.hasOwn(settings, name) || key.includes(':')
      ? undefined
      : { path: pathOf(name), message: 'is required, unless the key is “user:password”' }
  }
  const pin = pinForm(scheme)
  const parsed = pin === undefined ? undefined : parseKey(scheme, key)
  if (pin === undefined || !parsed?.ok) return undefined
  const named = Object.hasOwn(settings, pin.pin) ? settings[pin.pin] : undefined
  if (parsed.kind !== 'pin') {
    return named === undefined
      ? {
          path: pathOf(pin.pin),
          message: `is required beside a pasted public key: whose requests it stands for, such as ${pin.example}`,
        }
      : undefined
  }
  return named === undefined || named === key
    ? undefined
    : { path: pathOf(pin.pin), message: `differs from the key, which is the ${pin.pin} already; leave it out` }
}

function pathOf(name: string): string {
  return `settings.${name}`
}

export function described({ what, example }: SettingSpec): string {
  return `${what.replace(/\.$/, '')}, such as ${example}`
}

function unknownSetting(
  { settings }: ProviderDefinition,
  scheme: Scheme,
  name: string,
  known: readonly string[],
): string {
  const elsewhere = settings?.find((each) => each.name === name)?.schemes
  if (elsewhere !== undefined)
    return `belongs to the scheme ${elsewhere.join(', ')}; this integration uses ${scheme.name}`
  return known.length === 0 ? 'is unknown: this scheme has no settings' : `is unknown; known are ${known.join(', ')}`
}

function valueProblem(scheme: Scheme, pin: PinForm | undefined, name: string, value: string): string | undefined {
  if (value.trim() === '') return 'must not be empty'
  if (name === pin?.pin && !new RegExp(`^(?:${pin.pattern})$`).test(value)) return `must look like ${pin.example}`
  const environments = environmentsOf(scheme)
  if (name === 'environment' && environments.length > 0 && !environments.includes(value))
    return `must be one of ${environments.join(', ')}`
  if (scheme.family === 'basic' && name === scheme.usernameSetting && value.includes(':'))
    return 'must not contain a colon: HTTP Basic ends the user name there'
  if (scheme.family === 'token' && 'nameSetting' in scheme.token && name === scheme.token.nameSetting)
    return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value) ? undefined : 'must be the name of a header or parameter'
  return urlSegmentProblem(scheme, name, value)
}

/** A value that becomes a segment of the address of a key set. */
function urlSegmentProblem(scheme: Scheme, name: string, value: string): string | undefined {
  const inUrl =
    scheme.family === 'jwt' &&
    'format' in scheme.key &&
    scheme.key.format === 'jwks-url' &&
    scheme.key.url.includes(`{config:${name}}`)
  return inUrl && !/^(?!\.+$)[A-Za-z0-9._-]{1,128}$/.test(value)
    ? 'must be letters, digits, dots, dashes and underscores'
    : undefined
}

export function environmentsOf(scheme: Scheme): readonly string[] {
  const call: RemoteCall | undefined =
    scheme.family === 'fetch-back'
      ? scheme.call
      : 'key' in scheme && 'format' in scheme.key && scheme.key.format === 'key-api'
        ? scheme.key.call
        : undefined
  return call === undefined ? [] : call.origins.map(({ environment }) => environment)
}
