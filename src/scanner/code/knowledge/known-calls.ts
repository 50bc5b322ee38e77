/**
 * Calls of Python's and JavaScript's platforms and libraries by the names they have, for what the analysis makes of each.
 * A library that is not known here is read by what its name says, or not at all: adding it is a word in one of these.
 */

/** A variable of the environment, by name. */
export const READS_ENVIRONMENT =
  /^(?:os\.getenv|os\.environ\.get|Deno\.env\.get|Bun\.env\.get|decouple\.config|environ\.Env\(\)|env|config|getenv|environ\.get|starlette\.config\.Config\(\)|get_secret|getSecret|env\.(?:str|get)|env\.str)$/

/** A setting, by name. */
export const READS_SETTING =
  /(?:config(?:_?service)?|settings|secrets?|env|vault|current_app\.config)(?:\(\))?\.(?:get|getOrThrow|require|get_secret|getSecret)$/i

/** The time of now. */
export const READS_CLOCK =
  /^(?:time\.time(?:_ns)?|time|Date\.now|datetime\.(?:datetime\.)?(?:now|utcnow|today)|(?:django\.utils\.)?timezone\.now|performance\.now|dayjs|moment|time\.monotonic|Temporal\.Now\.instant|DateTime\.(?:now|utc)|arrow\.utcnow|pendulum\.now)$/

/** The bytes of the request it is given. */
export const READS_RAW_BODY =
  /^(?:getRawBody|raw-body|rawBody|micro\.buffer|buffer|micro\.text|text|(?:stream\/consumers|co-body)\.(?:buffer|text|arrayBuffer|blob))$/

/** Fields out of a text: JSON and forms. */
export const PARSES_TEXT =
  /^(?:parseJson|parse_json|safeJsonParse|secureJson\.parse|qs\.parse|querystring\.parse|parse_qs|parse_qsl|urllib\.parse\.parse_qsl?)$/

/** What it is given in another form: conversions, encodings, copies. */
export const KEEPS_ORIGINS =
  /^(?:str|bytes|bytearray|int|float|Number|String|parseInt|parseFloat|Buffer\.from|TextEncoder\(\)\.encode|TextDecoder\(\)\.decode|BigInt|Uint8Array|memoryview|(?:[\w./]+\.)?(?:force_bytes|force_str|force_text|smart_str|smart_text|smart_bytes|to_bytes|to_str|to_unicode|ensure_binary|ensure_bytes|ensure_str)|Buffer\.concat|hex\.decode|bytes\.fromhex|base64\.\w+|binascii\.\w+|b64decode|b64encode|unhexlify|hexlify|encodeURIComponent|decodeURIComponent|unquote|urllib\.parse\.(?:un)?quote|atob|btoa|Date|datetime\.(?:datetime\.)?(?:utc)?fromtimestamp|datetime\.(?:datetime\.)?fromisoformat|datetime\.(?:datetime\.)?strptime|dateutil\.parser\.(?:parse|isoparse)|parser\.parse|Date\.parse|Math\.(?:floor|round|ceil|trunc|min)|round|stripe\.util\.convert_to_stripe_object|stripe\.Event\.construct_from|Event\.construct_from|Object\.assign|structuredClone|dict|list|tuple|copy\.deepcopy|deepcopy|SimpleNamespace|getRawBody|raw-body|rawBody|micro\.buffer|buffer|micro\.text|text|(?:stream\/consumers|co-body)\.\w+)$/

/** Methods of texts, bytes and times that give the same in another form. */
export const TEXT_METHODS =
  /^(?:encode|decode|strip|lstrip|rstrip|lower|upper|toLowerCase|toUpperCase|trim|toString|slice|substring|substr|replace|replaceAll|removeprefix|removesuffix|split|partition|rpartition|rsplit|padStart|padEnd|normalize|hex|toJSON|valueOf|getTime|timestamp|total_seconds|getBytes|subarray|buffer|unix|at|tobytes|concat|join|format|astimezone|toISOString|isoformat|copy|model_dump|dict|toObject|lean|rstrip)$/
/** Takes the first or last part of what a text was split into. */
export const TAKES_PART = /^(?:shift|pop)$/

/** Methods that call back once an element, or with what a promise gave. */
export const CALLS_BACK_PER_ELEMENT =
  /^(?:map|filter|forEach|some|every|find|findIndex|reduce|flatMap|sort|any|all|then|finally|tap|each|each_with_index|each_with_object|each_pair|each_value|find_each|select|reject|detect|none|collect|filter_map|flat_map|sum|inject|group_by|sort_by|partition|index_by|to_h|transform_values|each_slice|yield_self|contains|mapWithKeys|eachSpread)$/

/** Functions from containers to containers. */
export const CONTAINER_FUNCTIONS =
  /^(?:map|filter|list|tuple|sorted|iter|reversed|enumerate|zip|set|Array\.from|Promise\.all(?:Settled)?|asyncio\.gather|Object\.(?:entries|values|keys|fromEntries))$/

/** Runs what it is given, now or in the background. */
export const RUNS_LATER =
  /^(?:asyncio\.to_thread|run_in_threadpool|sync_to_async|asyncio\.run|loop\.run_in_executor|setImmediate|setTimeout|setInterval|process\.nextTick|queueMicrotask|waitUntil|after|asyncio\.create_task|asyncio\.ensure_future|transaction\.on_commit|threading\.Thread|Thread)$/

/** Takes a coroutine and has it run by the loop. */
export const AWAITS_ELSEWHERE =
  /^(?:asyncio|loop|asyncio\.get_(?:running_|event_)?loop\(\)|anyio)\.(?:create_task|ensure_future|run|wait_for|shield|run_until_complete|run_coroutine_threadsafe)$/

/** Helpers whose name says that they compute an HMAC. */
export const HMAC_HELPERS =
  /^(?:hmac|hmac_?sha_?\d+|hmacSha256|hmacSHA256|create_?hmac|compute_?hmac|hmac_hexdigest|sha\d+_?hmac|hmacDigest)$/i

/** Helpers whose name says that they compute the expected signature. */
export const SIGNATURE_HELPERS =
  /^(?:compute|calc(?:ulate)?|generate|create|make|expected|sign)_?(?:webhook_?)?(?:signature|hmac|digest|sig)$/i

/** Comparisons in constant time. */
export const CONSTANT_TIME =
  /^(?:compare_digest|timingSafeEqual|constant_time_compare|safe_str_cmp|timing_safe_compare|timing_safe_equal|secure_compare|secureCompare|constantTimeCompare|constantTimeEqual|safeCompare|timingSafeCompare|bytes_eq|scmp|tsscmp|safeEqual|timingSafeEq|fixedTimeComparison|equal_constant_time|constant_time_equals|crypto_timing_safe_equal|\w*(?:timing_?safe|constant_?time)\w*(?:equals?|eq|compare|comparison|match)|\w*(?:equals?|compare)\w*(?:timing_?safe|constant_?time))$|^tsse$/i

/** What makes a container that, made once, outlives every request. */
export const CONTAINERS =
  /^(?:Map|Set|WeakMap|dict|set|list|defaultdict|collections\.(?:defaultdict|OrderedDict|deque)|OrderedDict|LRUCache|TTLCache|cachetools\.\w+|deque|NodeCache|LRU|Object)\(\)$/

/** Ends the request, or the process, by raising; `not_found` and `not_authorized` as applications of Rails call theirs. */
export const ENDS_REQUEST =
  /^(?:abort|(?:flask|quart|bottle|sanic\.exceptions)\.abort|werkzeug\.exceptions\.abort|process\.exit|sys\.exit|notFound|next\/navigation\.notFound|httpErrors\.\w+|ctx\.throw|fail|error|not_found|not_authorized)$/

/** Methods that find records. */
export const LOOKUP_METHODS =
  /^(?:find|findOne|findUnique|findFirst|findById|findByPk|findMany|findUniqueOrThrow|findFirstOrThrow|find_one|get|get_or_404|filter|filter_by|first|first_or_404|one|one_or_none|scalar|scalar_one_or_none|select|where|exists|query|findOneBy|find_by|getOne|maybeSingle|single|eq|scalars|get_one|findOneOrFail|getItem|get_item|findOrFail|firstOrFail|firstWhere|findMany|findOr|find_or_initialize_by|firstOrNew|find_sole_by|find_by_\w+|take|pluck|sole|exist|doesntExist)$/

/** What such a method is called on. */
export const STORES =
  /(?:^|\.)(?:(?:objects|query|session|db|prisma|collection|models?|[A-Z]\w+|repo\w*|\w*[rR]epository|knex|supabase\w*|mongo\w*|store|users?|orders?|jobs?|tx|conn\w*|cursor|dao|table|kv|KV)\b|from\(\)|use(?:Storage|KV)\(\))/

/** Names of functions that judge an address. */
export const URL_VALIDATORS =
  /(?:is|assert|ensure|validate|check|verify|require|reject|block|guard).*(?:url|uri|host|domain|callback|target|endpoint|destination|ssrf|address|redirect)|(?:url|host|domain|target|destination|ssrf).*(?:safe|allowed|valid|guard|check|filter|public)|url_has_allowed_host_and_scheme|is_safe_url|ssrf/i

/** Libraries and objects that hold a schema. */
export const SCHEMAS =
  /(?:schema|validator|ajv|zod|joi|yup|serializer|dto|model|pydantic|marshmallow|valibot|superstruct|io-?ts|typebox|validate|Schema)/i

/** What a schema is asked with. */
export const SCHEMA_METHODS =
  /^(?:parse|safeParse|parseAsync|validate|validateSync|validateAsync|load|is_valid|model_validate|model_validate_json|parse_obj|check|assert|decode|validate_python|compile|is|cast|loads)$/i

/** Functions that judge a shape. */
export const SHAPE_VALIDATORS =
  /^(?:validate\w*|is_?valid\w*|assertValid\w*|parse_?(?:message|event|payload|command)|jsonschema\.validate|plainToInstance)$/i

/** Functions that say who the caller is. */
export const ASKS_WHO_CALLS =
  /^(?:getServerSession|auth|currentUser|getAuth|getSession|getToken|get_jwt_identity|get_current_user|getCurrentUser|current_user|getUser|get_user|requireUser|requireAuth|requireSession|validateSession|verifySession|verifyCookie|verify_cookie|verifyToken|verify_token|authenticate|authenticateToken|getUserFromToken|get_user_from_token|getUserFromRequest|get_session|decode_token|decodeToken|validateToken|validate_token|verifyJwt|verifyUser|authenticateRequest|authenticateUser|requireUserId|get_jwt|getUserId|get_user_id|loadSession|parseSession|(?:get|require)_(?:required|active|authenticated|verified|logged_in|current_active)_user|(?:get|require)(?:Required|Active|Authenticated|Verified|LoggedIn)User|current_\w+|authenticate_\w+|authenticated_user)$/

/** Public-key checks of the platforms. */
export const VERIFIES_WITH_PUBLIC_KEY =
  /(?:^|\.)(?:crypto\.verify|subtle\.verify|sign\.detached\.verify|createVerify\(\)\.(?:update\(\)\.)?verify|VerifyKey\(\)\.verify|ed25519\.verify|nacl\.sign\.detached\.verify|secp256k1\.verify)$/

/** Tokens of our own that carry their signature. */
export const READS_SIGNED_TOKEN =
  /(?:Timed\w*Serializer|URLSafe\w*Serializer|TimestampSigner|(?:^|\.)Signer)\(\)\.(?:loads|unsign|unsign_object)$|(?:^|\.)signing\.loads$/

/** JSON web tokens. */
export const READS_JWT =
  /(?:^|\.)(?:(?:jwt|jsonwebtoken)\.(?:verify|decode)|jwt_?service(?:\(\))?\.verify(?:Async)?|jwtVerify|jose\.jwtVerify|verify_oauth2_token|verifyIdToken|verify_id_token|id_token\.verify_token|jws\.verify|jwt_decode|verifyToken|verifyJwt)$/i

/** Requests to elsewhere. */
export const FETCHES =
  /^(?:fetch|axios|got|needle|superagent|request|ky|undici\.(?:fetch|request)|node-fetch|axios\.(?:default\.)?\w+|got\.\w+|ky\.\w+|requests\.(?:get|post|put|patch|delete|head|request)|httpx\.(?:get|post|put|patch|delete|head|request|stream)|urllib\.request\.(?:urlopen|urlretrieve)|urlopen|urllib3\.\w+|aiohttp\.ClientSession\(\)\.\w+|httpx\.(?:AsyncClient|Client)\(\)\.\w+|requests\.Session\(\)\.\w+|https?\.(?:get|request)|fetchImpl|http_client\.\w+|httpService\.\w+|this\.http(?:Service)?\.\w+|(?:@nestjs\/axios\.)?HttpService\(\)(?:\.axiosRef)?\.\w+)$/

/** Answers that send the browser on. */
export const REDIRECTS =
  /^(?:redirect|flask\.redirect|django\.shortcuts\.redirect|HttpResponseRedirect|RedirectResponse|starlette\.responses\.RedirectResponse|fastapi\.responses\.RedirectResponse|NextResponse\.redirect|Response\.redirect|next\/server\.NextResponse\.redirect|next\/navigation\.redirect|fastapi\.RedirectResponse|django\.http\.HttpResponseRedirect)$/

/** Signed addresses of stored objects. */
export const SIGNS_ADDRESS =
  /(?:^|\.)(?:generate_presigned_url|generatePresignedUrl|getSignedUrl|getSignedUrlPromise|generate_signed_url|presignedGetObject|createPresignedPost|s3-request-presigner\.getSignedUrl|createSignedUrl|generate_presigned_post|get_presigned_url|presigned_get_object|signedUrl)$/

/** Background jobs by their id. */
export const READS_JOB =
  /(?:^|\.)(?:(?:Abortable)?AsyncResult|getJob|Job\.fetch|fetch_job|get_job|getJobCounts|Job\.fromId|get_task|get_task_status|find_job|get_result|get_export|getExport|getJobById|findJob|(?:get|find|fetch|load|read)(?:[A-Z]\w*)?(?:Job|Export)(?:By\w+|Status|State|Result|Details)?|(?:get|find|fetch|load|read)_(?:\w+_)?(?:job|export)(?:_by_\w+|_details)?|get(?:Job|Task|Export)(?:Status|State|Result)|(?:cancel|abort)(?:[A-Z]\w*)?(?:Job|Task|Export|Run|Render)|(?:cancel|abort)_(?:\w+_)?(?:job|task|export|run)|get_(?:job|export)_(?:status|state|result)|get_task_(?:state|result))$/
