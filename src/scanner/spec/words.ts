/** What names in descriptions tell: headers, fields and paths as people call them. */

/** A header that carries a signature over the message. */
export function isSignatureHeader(name: string): boolean {
  return SIGNATURE.test(name) && !/^(?:content-digest|repr-digest)$/i.test(name)
}
const SIGNATURE =
  /signature|hmac|(?:^|-)sig$|^x-hub-|verif-?hash|(?:^|-)digest$|^svix-signature|(?:webhook|event|payload|body)-?(?:hash|seal)$|(?:^|-)jws(?:-|$)/i

/** A header in which a shared secret is shown: it proves who sends, and nothing of what. */
export function isTokenHeader(name: string): boolean {
  return /^authorization$|(?:^|-)(?:token|secret|api-?key|auth(?:-?key)?|verification)$/i.test(name)
}

export function isTimestampHeader(name: string): boolean {
  return /time-?stamp|^date$|-(?:time|date|ts|sent-?at|issued-?at|created(?:-?at)?)$|^signature-input$/i.test(name)
}

/** Signature headers whose value carries its time. */
export function carriesTime(name: string, ...texts: readonly string[]): boolean {
  if (/^(?:stripe|paddle|mux|elevenlabs|workos|persona|calendly-webhook|x-docusign|tally-time)-signature$/i.test(name))
    return true
  const text = texts.join(' ')
  return /\bt=|time-?stamp|\bsigned time\b|\bjwt\b|json web token/i.test(text) && !statesNoTime(text)
}

/** The text says that what is signed holds no time. */
export function statesNoTime(text: string): boolean {
  return /\b(?:no|not|nor|without|neither)\b[^.;\n]{0,40}\btime(?:stamp)?s?\b/i.test(text)
}

/** The text speaks of signatures or a shared secret, so that a reader learns of them outside the parameters. */
export function describesSignature(text: string): boolean {
  return (
    /\b(?:hmac|signature|signed|ed25519|jws|jwt|shared (?:secret|value|token)|pass-?code)\b/i.test(text) &&
    !/\b(?:unsigned|not signed|no signature)\b/i.test(text)
  )
}

export function isEventIdHeader(name: string): boolean {
  return /(?:^|-)(?:event|delivery|webhook|message|msg|notification|hook|request|transmission|svix|idempotency|dedup\w*|ce)-?(?:id|key|uuid|guid)$|-(?:delivery|guid|nonce)$/i.test(
    name,
  )
}

/** Path of a field that tells one event from another. */
export function isEventIdField(path: string): boolean {
  return /^(?:(?:event|events|event[_-]?data|meta|metadata|envelope|header|headers|notification|message|webhook)\.)?(?:id|uuid|guid|nonce|(?:event|message|msg|delivery|notification|request|webhook|webhook_?event|transmission|idempotency)[_-]?(?:id|key|uuid))$/i.test(
    path,
  )
}

/** The text says that a field tells repeats apart, whatever its name. */
export function describesEventId(text: string): boolean {
  return /\btells? (?:\w+ ){1,3}(?:event|delivery|message)s? (?:from|apart)|\bunique(?:ly)? (?:id\w*|identif\w+)? ?(?:of|for|to)? ?(?:the|this|each|every)? ?(?:event|delivery|message|notification|webhook)|idempoten|de-?duplicat/i.test(
    text,
  )
}

export function isTimeField(path: string): boolean {
  return /^(?:(?:event|meta|metadata|envelope|header|headers|notification|message|webhook|signature)\.)?(?:(?:webhook|event|message|request)?_?time_?stamp|ts|time|date|created|(?:created|occurred|sent|emitted|triggered|issued|published|happened|delivered|fired)[_-]?(?:at|on|time|date)|event[_-]?time(?:stamp)?|iat)$/i.test(
    path,
  )
}

/** Health, version, documentation and keys: nothing there needs a login. */
export function isPublicByNature(path: string): boolean {
  return /^(?:\/(?:api|v\d+(?:\.\d+)?|public|rest|internal))*\/(?:(?:health|healthz|healthcheck|health-check|live|livez|liveness|ready|readyz|readiness|status|ping|version|info|openapi|swagger|docs|documentation|redoc|spec|metrics|robots\.txt|favicon\.ico|terms|privacy|jwks|certs|time)(?:\.\w+)?(?:\/(?:live|ready|liveness|readiness|ui|json|yaml))?|\.well-known\/.*)?\/?$/i.test(
    path,
  )
}

/** Where a credential is obtained, none can be shown. */
export function isLogin(path: string, operationId: string): boolean {
  const last = path
    .split('/')
    .filter((part) => part !== '' && !part.startsWith('{'))
    .slice(-2)
    .join('/')
  return LOGIN.test(last) || LOGIN_ID.test(operationId)
}
const LOGIN =
  /(?:^|[/_-])(?:login|log-in|logon|sign-?in|token|tokens|oauth2?|authorize|authenticate|auth|register|registration|sign-?up|sessions?|passwords?|otp|mfa|magic-?link|verify(?:-?email)?|activate|confirm|recover|forgot|reset|logout|sign-?out|introspect|challenge|captcha|saml|sso|acs)(?:$|[/_-])/i
const LOGIN_ID = /^(?:log_?in|sign_?in|sign_?up|register|authenticate|issue_?token|refresh_?token|reset_?password)/i

/** Fields whose address the server itself calls. */
export function isCalledAddress(name: string): boolean {
  return /^(?:url|uri|callback|webhook|(?:callback|web_?hook|hook|notify|notification|target|endpoint|source|import|feed|fetch|remote|proxy|forward|download|file|document|attachment|media|pdf|page|ingest|upstream|avatar_source|image_source|delivery|subscriber|reply|status_callback)[_-]?(?:url|uri|link|href|endpoint|address)|url_to_\w+)$/i.test(
    snake(name),
  )
}

/** Fields whose address a browser is sent to. */
export function isRedirectAddress(name: string): boolean {
  return /^(?:redirect|return|continue|success|cancel|back|failure|error|next|done|landing|forward)[_-]?(?:url|uri|to|link)$/i.test(
    snake(name),
  )
}

function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2')
}

/** A pattern that leaves no choice of host. */
export function pinsHost(pattern: string): boolean {
  const text = pattern.replaceAll('\\/', '/').replaceAll('\\.', '.').replaceAll('\\-', '-')
  return /^\^?\(?\??:?https?\??\)?:\/\/[(a-z0-9][a-z0-9.()|:?-]*\.[a-z]{2,}/i.test(text)
}

/** The text says that the address is checked against something. */
export function saysChecked(text: string): boolean {
  return /allow-?list|white-?list|\bchecked against\b|\bregistered\b|\bverified\b|\bpre-?approved\b|\bmust belong\b|\bowned? (?:host|domain)|\bchallenge\b/i.test(
    text,
  )
}

/** A reason that says that nothing is changed by it, whatever its method. */
export function saysHarmless(text: string): boolean {
  return /\b(?:keeps?|stores?|changes?|writes?|saves?) nothing\b|\bread-?only\b|\bno (?:state|side) ?(?:effects?|is changed)?\b/i.test(
    text,
  )
}

/** Names of fields that no reader of a list should receive. */
export function isSecretField(name: string): boolean {
  return SECRET_FIELDS.has(name.toLowerCase().replace(/[_-]/g, ''))
}
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'password',
  'passwd',
  'passwordhash',
  'hashedpassword',
  'passwordsalt',
  'secret',
  'webhooksecret',
  'clientsecret',
  'signingsecret',
  'signingkey',
  'apisecret',
  'sharedsecret',
  'secretkey',
  'privatekey',
  'secretaccesskey',
  'refreshtoken',
  'totpsecret',
  'mfasecret',
  'ssn',
  'socialsecuritynumber',
  'cardnumber',
  'creditcardnumber',
  'cvv',
  'cvc',
])
