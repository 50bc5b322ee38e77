/** What names tell when nothing else does. Used for code that cannot be followed, never against what was followed. */

export function isSecretName(name: string): boolean {
  return SECRET.test(name) && !NOT_SECRET.test(name) && !NAMES_A_PLACE.test(name)
}

/** `const SECRET_MASK = '********'`: shown instead of a secret, and never one. */
export function canBeSecret(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text) && !/^(.)\1+$/u.test(text) && !namesFile(text)
}

/** `credentials.json`: where a secret is kept. */
export function namesFile(text: string): boolean {
  return /^[\w./~-]+\.(?:json|ya?ml|toml|ini|txt|pem|key|crt|env)$/i.test(text)
}
const SECRET =
  /secret|signing|api_?key|(?:^|[_.])keys?(?:[_.](?:old|new|previous|current|next|v?\d+))?$|webhook_?(?:key|token|auth)|hmac|token|pass_?(?:w|phrase|key|code)|salt|private_?key|whsec|credential/i
const NOT_SECRET =
  /public|csrf|publishable|token_?url|tokens?_?(?:count|used|limit)|key_?(?:name|id|path|prefix)|(?:^|_)(?:mask|placeholder)|next_?token|page_?token|(?:^|\.)keys?\.|url$|header/i
/** Under which something is kept or found. */
const NAMES_A_PLACE =
  /(?:foreign|primary|partition|sort|cache|storage|redis|queue|lock|object|row|index|unique|composite|rate_?limit|idempotency|dedupe|metadata)_?keys?$/i

/** A constant or a variable of the configuration that is imported by its name; a verb in front makes it a function. */
export function isImportedSecret(name: string): boolean {
  if (/^[A-Z][A-Z0-9_]*$/.test(name)) return isSecretName(name)
  return (
    isSecretName(name) &&
    /(?:secret|token|key)$/i.test(name) &&
    /^[a-z]\w*_\w+$|^[a-z]+(?:[A-Z][a-z0-9]+)+$/.test(name) &&
    !NAMES_A_DEED.test(wordsOf(name)[0] ?? '')
  )
}
const NAMES_A_DEED =
  /^(?:verify|check|get|validate|require|is|has|hash|create|generate|make|decode|encode|parse|fetch|load|read|sign|issue|refresh|revoke|rotate|extract|use|with|find|save|set|store|delete|compare|ensure|assert|add|remove|update|authenticate|authorize|protect|new|by|to|from|build|compute|derive|random|mask|redact|encrypt|decrypt|csrf|access|jwt|bearer)$/

/** A name under which a verifier is likely to be found: a verb of checking and a noun of signing. */
export function isVerifierName(name: string): boolean {
  // Who somebody is, not what was signed.
  if (/^permission |is_?authenticated/i.test(name) && !/sign|hmac|webhook/i.test(name)) return false
  // Starlette's `requires` asks for a scope.
  if (/(?:^|\.)requires(?:\(\))?$/.test(name)) return false
  const last = name.replace(/\(\)/g, '').split('.').slice(-2).join(' ')
  if (LOGIN.test(last)) return false
  // How a function is called, not who sent what it is given.
  if (/(?:^|[._])(?:inspect|function|func|method|callable|type)[._]?signature/i.test(name)) return false
  return (
    (/verif|valid|check|assert|ensure|authenticat|is_?valid|confirm|require|guard|compare|match/i.test(last) &&
      /sign|hmac|webhook|digest|hash|secret|token|authenticity|stripe|github|svix|slack|shopify|twilio|paypal|origin|request|sender|payload/i.test(
        last,
      )) ||
    /(?:verif|authenticat)\w* (?:valid|verif|call|authentic|genuine|success|ok$|perform|run)/i.test(last) ||
    /construct_?event|signature|verify_?webhook|verifywebhook|unwrap$/i.test(last) ||
    /^(?:verify|isValid|is_valid|validateRequest)$/i.test(name.split('.').at(-1) ?? '') ||
    SAYS_GENUINE.test(wordsOf(name.replace(/\(\)/g, '').split('.').at(-1) ?? '').join('_'))
  )
}
/** `signed_by_carrier`, `StripeSignedMixin`, `genuine`; to sign an address is something else. */
const SAYS_GENUINE =
  /(?:^|_)(?:signed|genuine)(?:_(?:by|from|only|mixin|request|required|hook|webhook|sender|payload)\w*)?$|^(?:is|only|require|requires|must_be)_(?:signed|genuine|authentic)|^verified_(?:json|body|payload|event|request|webhook)/

/** Who is signed in, not who sent it. */
const LOGIN =
  /(?:authenticat|require|ensure|check|verify|confirm|valid)\w*_?(?:user|admin|member|account|customer|employee|staff|login|logged|session|current_)\w*[!?]?$/i

export function isGuardName(name: string): boolean {
  return /(?:^|\.)requires(?:\(\))?$|user_passes|login_?required|jwt_?required|auth|is_?logged|protect|permission|(?:current|required|active|verified|logged_?in|signed_?in)_?user|require_?(?:user|login|session|admin|role|scope)|token_?required|api_?key|passport|session_?required|roles?_?required|staff_?member|ensure_?user|guard/i.test(
    name,
  )
}

/** Types of parameters that stand for whoever is signed in: `CurrentUser`, `UserDep`, `AuthContext`. */
export function isCallerType(name: string): boolean {
  return CALLER_TYPE.test(wordsOf(name).join('_'))
}
const CALLER_TYPE =
  /^(?:current|active|authenticated|authed|authorized|logged_in|signed_in|verified|required?|session|login)(?:_(?:active|super|verified|optional))*_(?:user|superuser|member|account|admin|principal|tenant|org|organization|workspace|customer|staff|employee|student|identity|id)(?:_(?:id|dep|dependency))?$|^(?:super)?(?:user|admin|member|account|auth|principal|tenant)_(?:dep|dependency|auth|context|principal)$|^(?:auth_user|auth_ctx|principal|identity|require_auth|auth_required|auth_dep)$/

/** Middleware and decorators that neither guard nor verify. */
export function isNeutralName(name: string): boolean {
  return /request_?id|real_?ip|recover|heartbeat|time_?out|strip_?slashes|clean_?path|gzip|secure(?:_?headers)?$|no_?cache|otel|prometheus|instrument|content_?(?:type|charset)|set_?header|get_?head|pprof|profiler|csrf_?exempt|require_?(?:post|get|http|safe|methods)|http_?(?:code|method)|cors|helmet|morgan|compress|logger|rate|limit|throttl|json|urlencoded|raw|text|body_?parser|koa_?body|^body$|multer|upload|never_?cache|route|api_?view|permission_classes|renderer|parser|async_?handler|wrap|catch_?async|track|trace|swagger|api_?(?:operation|response|tags|doc)|public$|skip_?throttle|cache|metrics|sentry|wraps/i.test(
    name,
  )
}

export function isAuthorizationName(name: string): boolean {
  const last = name.split('.').at(-1) ?? name
  // Which parameters Rails lets through, not who.
  if (/^permit!?$/.test(last)) return false
  // The answer to one who is not.
  if (/un_?authori[sz]ed/i.test(last)) return false
  // Whether an address is allowed says nothing of the sender.
  if (/^(?:is_?)?(?:url|uri|host)/i.test(last)) return false
  // The bank has; who asks is not meant.
  if (/(?:payment|charge|transaction|intent|capture|card|order)\w*(?:\(\))?\.(?:is_?)?authori[sz]ed\??$/i.test(name))
    return false
  if (/^(?:[cC]an|[mM]ay)(?:[A-Z_]|$)|^(?:visible|readable|editable)(?:To|By)/.test(last)) return true
  return /^is_?(?:admin|owner|member|allowed|auth|participant|staff|moderator|subscribed)|authori[sz]|permi(?:t|ss)|allow(?!ed_?origin)|has_?(?:access|role|perm|scope)|^belongs|owned_?by|^owns|ensure_?(?:can|access|owner|member)|assert_?(?:can|access|owner|member|allowed)|require_?(?:access|role|perm|owner|member|admin)|check_?(?:access|perm|owner|auth|role|member)|policy|enforce|abilit|get_object_or_403/i.test(
    last,
  )
}

/** Calls that do nothing outside of themselves. */
export function isPureName(name: string): boolean {
  const last = name.split('.').at(-1) ?? name
  // Python's `set(…)` is pure, `store.set(…)` is not.
  if (last === 'set' && name.includes('.')) return CONTAINER_SET.test(name)
  if (FINDS_AND_CHANGES.test(last)) return false
  if (TEXT_HELPERS.test(name)) return true
  return PURE_EXACT.has(last) || PURE_PREFIX.test(last) || PURE_PREFIX.test(wordsOf(last).join('_'))
}
/** `findByIdAndUpdate`, `get_or_create`, `convertAndSend` */
const FINDS_AND_CHANGES =
  /(?:_?[aA]nd|_?[oO]r)_?(?:[uU]pdate|[dD]elete|[rR]emove|[rR]eplace|[mM]odify|[cC]reate|[iI]nsert|[iI]nitialize|[sS]end)(?:_?[bB]y|To\w*)?!?$/
/** Of Laravel: `Str::after`, `Arr::forget` works on its argument. */
const TEXT_HELPERS = /(?:^|[.\\])(?:Str|Arr|Number)\.\w+$/
const CONTAINER_SET =
  /(?:URLSearchParams|Map|Headers|FormData|headers|params|searchParams|response|res|ctx|cookies|map|lodash|_)(?:\(\))?\.set$/i
const PURE_PREFIX =
  /^_*(?:get|by|find|fetch|load|read|parse|validate|verify|check|is|has|to|from|format|build|compute|calc|calculate|create_?(?:response|error|logger|hmac|hash)|log|debug|info|warn|print|make_?(?:response|error)|json|map|filter|reduce|extract|normali[sz]e|select|list|count|lookup|resolve|render|encode|decode|serialize|deserialize|escape|trim|strip|split|starts|ends|slice|concat|join|match|test|search|sort|reverse|includes|index|keys|values|entries|some|every|any|all|pick|omit|assert|ensure|generate|hash|sign|compare|safe|try_?parse|abort|raise|throw|describe|inspect|record_?metric|measure|time|now|utc|current|with|use|require|set_?header|header|status|type|cast|convert|determine|detect|classify|should|can|needs|guess|sleep|wait|on)(?![a-z])/i
const PURE_EXACT: ReadonlySet<string> = new Set(
  'app urlsplit urlparse urlunsplit urlunparse urljoin getaddrinfo gethostbyname gethostbyname_ex ip_address ip_network inet_aton inet_pton str int float bool bytes bytearray len dict list set tuple sorted enumerate zip range min max sum abs round repr type isinstance hasattr getattr super Response JsonResponse HttpResponse JSONResponse PlainTextResponse jsonify make_response abort redirect url_for Error Exception ValueError HTTPException Number String Boolean Array Object Date Math Buffer Promise Map Set URL URLSearchParams Symbol BigInt parseInt parseFloat isNaN encodeURIComponent decodeURIComponent TextEncoder TextDecoder Uint8Array atob btoa setTimeout clearTimeout setInterval next done cb callback resolve reject strip lower upper split encode decode items keys values get pop copy startswith endswith hexdigest digest hexDigest toString toLowerCase toUpperCase trim json text now time utcnow today timestamp getTime strftime isoformat fromtimestamp fromisoformat strptime catch finally then all race allSettled freeze assign entries isArray from alloc concat byteLength print exception error warning warn critical info debug log trace child bind apply call close end destroy commit rollback flush refresh begin connect acquire release cursor transaction atomic session startTransaction commitTransaction endSession abortTransaction expire ttl pipeline multi prefetch_related select_related select_for_update annotate order_by orderBy distinct exclude only defer using iterator exists limit offset group_by groupBy having innerJoin leftJoin orElseThrow orElse orElseGet joinedload selectinload options scalar scalars scalar_one scalar_one_or_none one one_or_none populate lean skip returning preload eager_load references pluck where andWhere orWhere whereIn whereNull whereNotNull latest oldest first last maybeSingle single eq neq gt gte lt lte order range with_for_update with_entities subquery paginate'.split(
    ' ',
  ),
)

export function isLogger(path: string): boolean {
  return /(?:^|\.)(?:log(?:ging)?|\w*logger|console|winston|pino|structlog|current_app\.logger|app\.logger)(?:\(\))?\.(?:log|debug|info|warn|warning|error|exception|critical|trace|verbose|fatal)$|^print$|^(?:log|logger|debug)$/i.test(
    path,
  )
}

/** Finds a record by what it is given. */
export function isFinderName(name: string): boolean {
  return /^_*(?:get|by|find|load|lookup|look_up|fetch|query|read|select|for|of|where|resolve|retrieve)(?=[A-Z_]|$)/.test(
    name,
  )
}

/** `chargeCustomer`, `charge_customer` and `ChargeCustomer` are the words charge and customer. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

/** A field that holds an address to be called later. */
export const OUTGOING_FIELD =
  /(?:^|\.)(?:(?:webhook|callback|target|endpoint|notify|notification|destination|hook|delivery|subscriber|return)_?(?:url|uri|endpoint)|url|uri|endpoint|callback|target)(?:\.(?:href|toString|trim))?$/i

/** An emitter's event by which those who run a receiver learn that a request was not right; `payment_failed` is business. */
export function tellsOfTrouble(event: string): boolean {
  return TROUBLE.test(event)
}
const TROUBLE =
  /^(?:(?:web_?hook|hook|request|parse|parser|verification|verify|signature|auth|http|client)[-_:. ]?)?(?:error|warn|warning|invalid|rejected|refused|unauthori[sz]ed)$|^invalid[-_:. ](?:signature|request|payload|body|hook|web_?hook)$/i
